# SPDX-License-Identifier: GPL-3.0-or-later
"""What a test in a Blender window does with its hands and sees with its eyes."""

import importlib
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bpy

NAME = "bl_ext.user_default.mien"
FOLDER, CLIP, LARGE = (Path(w) for w in sys.argv[sys.argv.index("--") + 1 :][:3])
results: dict[str, Any] = {"failed": [], "passed": [], "figures": {}}
Steps = Iterator[float]


def room(name: str) -> Any:
    """A module of the installed extension."""
    return importlib.import_module(f"{NAME}.{name}")


def viewport() -> tuple[Any, Any, Any]:
    """The window, its first 3D viewport, and that one's main region."""
    window = bpy.context.window_manager.windows[0]
    area = next(a for a in window.screen.areas if a.type == "VIEW_3D")
    return window, area, next(r for r in area.regions if r.type == "WINDOW")


def use(operator: Callable[..., set[str]], **values: Any) -> set[str]:
    """Call an operator as a click in the viewport would."""
    window, area, region = viewport()
    with bpy.context.temp_override(window=window, area=area, region=region):
        return operator("INVOKE_DEFAULT", **values)


def press(kind: str, x: float = 0.5, y: float = 0.5) -> None:
    """Press a key or a mouse button over a place of the viewport's region, shares from lower left."""
    window, _, region = viewport()
    at = {"x": int(region.x + x * region.width), "y": int(region.y + y * region.height)}
    window.event_simulate(type="MOUSEMOVE", value="NOTHING", **at)
    for value in ("PRESS", "RELEASE"):
        window.event_simulate(type=kind, value=value, **at)


def picture(name: str) -> None:
    """Write the window as an image."""
    window, area, region = viewport()
    with bpy.context.temp_override(window=window, area=area, region=region):
        bpy.ops.screen.screenshot(filepath=str(FOLDER / f"{name}.png"))


def heads() -> list[Any]:
    """Rigs of captured heads."""
    return [o for o in bpy.data.objects if o.type == "ARMATURE" and o.mien.take]


def until(done: Callable[[], bool], seconds: float = 60.0) -> Steps:
    """Let the window live until something holds."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "waited too long"
        yield 0.05


class Redraws:
    """Measures the time between redraws of the viewport while it is entered."""

    def __enter__(self) -> "Redraws":
        self.times: list[float] = []
        self._handle = bpy.types.SpaceView3D.draw_handler_add(
            lambda: self.times.append(time.perf_counter()), (), "WINDOW", "POST_PIXEL"
        )
        return self

    def __exit__(self, *_: object) -> None:
        bpy.types.SpaceView3D.draw_handler_remove(self._handle, "WINDOW")

    def longest(self) -> float:
        """Milliseconds."""
        return 1000 * max(b - a for a, b in zip(self.times, self.times[1:], strict=False))
