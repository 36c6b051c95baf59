# SPDX-License-Identifier: GPL-3.0-or-later
import subprocess
import sys

import bpy
import mien
from mien import registration


def state() -> tuple[set[str], int, set[str], int]:
    """Classes, handlers and scene properties that Blender knows, and commands that Mien holds."""
    classes = {name for name in dir(bpy.types) if not name.startswith("__")}
    handlers = sum(
        len(getattr(bpy.app.handlers, n))
        for n in dir(bpy.app.handlers)
        if isinstance(getattr(bpy.app.handlers, n), list)
    )
    return classes, handlers, set(dir(bpy.types.Scene)), len(registration._handles)


def test_coming_and_going_twenty_times_leaves_nothing() -> None:
    before = state()
    for _ in range(20):
        mien.register()
        assert state()[3] == 1
        mien.unregister()
    assert state() == before


def test_enabling_loads_no_heavy_library() -> None:
    assert loaded_by_enabling({"cv2", "onnxruntime", "scipy"}) == set()


def test_what_a_capture_needs_is_loaded_when_it_begins() -> None:
    begun = {"mien.worker.session", "mien.core.take.take_file", "mien.core.take.journal"}
    assert loaded_by_enabling(begun | {"mien.worker.job"}) == {"mien.worker.job"}


def loaded_by_enabling(names: set[str]) -> set[str]:
    """Those of some modules that a Blender of its own has loaded once Mien is enabled."""
    program = (
        "import bpy, os, sys, mien\nmien.register()\n"
        f"print('loaded', *({names!r} & set(sys.modules)), flush=True)\n"
        "os._exit(0)"  # Blender 4.2 as a module crashes on its way out if it has panels
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    said = next(line for line in ran.stdout.splitlines() if line.startswith("loaded"))
    return set(said.split()[1:])
