# SPDX-License-Identifier: GPL-3.0-or-later
"""What a test in a Blender window does with its hands and sees with its eyes."""

import importlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bpy
import numpy as np

NAME = "bl_ext.user_default.mien"
FOLDER, CLIP = (Path(w) for w in sys.argv[sys.argv.index("--") + 1 :][:2])
LARGE, PAIR, GAP, LONG = (CLIP.with_name(f"{n}.mp4") for n in ("large", "pair", "gap", "long"))
results: dict[str, Any] = {"failed": [], "passed": [], "figures": {}}
Steps = Iterator[float]


def room(name: str) -> Any:
    """A module of the installed extension."""
    return importlib.import_module(f"{NAME}.{name}")


def area_of(kind: str) -> Any:
    """The first editor of a kind in the window."""
    window = bpy.context.window_manager.windows[0]
    return next(a for a in window.screen.areas if a.type == kind)


def region_of(area: Any, kind: str = "WINDOW") -> Any:
    """A region of an editor."""
    return next(r for r in area.regions if r.type == kind)


def use(operator: Callable[..., set[str]], **values: Any) -> set[str]:
    """Call an operator as a click in the viewport would, its undo step included."""
    area = area_of("VIEW_3D")
    window = bpy.context.window_manager.windows[0]
    with bpy.context.temp_override(window=window, area=area, region=region_of(area)):
        return operator("INVOKE_DEFAULT", True, **values)


def poll_message(operator: Callable[..., set[str]]) -> str:
    """What Blender says of an operator that cannot be used now."""
    try:
        use(operator)
    except RuntimeError as error:
        return str(error)
    return ""


def point(x: float, y: float, kind: str = "MOUSEMOVE", value: str = "NOTHING") -> None:
    """One event of the mouse or a key at a place of the window in pixels."""
    window = bpy.context.window_manager.windows[0]
    window.event_simulate(type=kind, value=value, x=int(x), y=int(y))


def over(x: float, y: float) -> tuple[float, float]:
    """Where a place of the viewport, shares from the lower left, is in the window; points there."""
    region = region_of(area_of("VIEW_3D"))
    at = (region.x + x * region.width, region.y + y * region.height)
    point(*at)
    return at


def press(kind: str, x: float = 0.5, y: float = 0.5) -> None:
    """Press a key or a mouse button over a place of the viewport."""
    at = over(x, y)
    for value in ("PRESS", "RELEASE"):
        point(*at, kind, value)


def picture(name: str) -> None:
    """Write what the screen shows as an image."""
    path = str(FOLDER / f"{name}.png")
    subprocess.run(["import", "-window", "root", "+dither", "-colors", "200", path], check=True)


def heads() -> list[Any]:
    """Rigs of captured heads."""
    return [o for o in bpy.data.objects if o.type == "ARMATURE" and o.mien.take]


def until(done: Callable[[], bool], seconds: float = 60.0) -> Steps:
    """Let the window live until something holds."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "waited too long"
        yield 0.05


def choose(footage: Path, **values: Any) -> None:
    """Set what is to be captured, as in the panel."""
    settings = bpy.context.scene.mien
    settings.footage = str(footage)
    values = {"use_range": False, "faces": "largest", "use_first": False, **values}
    for name, value in values.items():
        setattr(settings, name, value)
    area_of("VIEW_3D").tag_redraw()


def captured() -> Steps:
    """Capture what is chosen to its end."""
    running = room("window.state.capture_session")
    assert use(bpy.ops.mien.capture) == {"RUNNING_MODAL"}
    yield from until(lambda: not running.busy(), 120)
    yield 0.3


def fresh() -> Steps:
    """A new file with an empty scene and the tab open."""
    bpy.ops.wm.read_homefile(use_factory_startup=False)
    yield 0.5
    for thing in list(bpy.data.objects):
        bpy.data.objects.remove(thing)
    yield from show_the_tab()


def show_the_tab() -> Steps:
    """Open the sidebar at Mien's tab."""
    area = area_of("VIEW_3D")
    area.spaces.active.show_region_ui = True
    yield 0.4
    region_of(area, "UI").active_panel_category = "Mien"
    yield 0.4


class Held:
    """Measures how long an operator's method holds up the window, by this thread's processor time."""

    def __init__(self, owner: type, name: str) -> None:
        self.times: list[float] = []
        self._owner, self._name, self._method = owner, name, getattr(owner, name)

    def __enter__(self) -> "Held":
        def timed(operator: Any, context: Any, event: Any) -> Any:
            start = time.thread_time()
            try:
                return self._method(operator, context, event)
            finally:
                self.times.append(1000 * (time.thread_time() - start))

        setattr(self._owner, self._name, timed)
        return self

    def __exit__(self, *_: object) -> None:
        setattr(self._owner, self._name, self._method)


class Redraws:
    """Measures the time between redraws of a region of the viewport, which it asks for all the time.

    Args:
        kind: ``WINDOW`` for the view of the scene, ``UI`` for the sidebar.
    """

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def __enter__(self) -> "Redraws":
        self.times: list[
            tuple[float, float]
        ] = []  # by the clock, and of this thread's processor time
        self._handle = bpy.types.SpaceView3D.draw_handler_add(
            lambda: self.times.append((time.perf_counter(), time.thread_time())),
            (), self._kind, "POST_PIXEL",
        )  # fmt: skip
        self.on = True
        bpy.app.timers.register(self._again)
        return self

    def _again(self) -> float | None:
        region_of(area_of("VIEW_3D"), self._kind).tag_redraw()
        return 0.01 if self.on else None

    def __exit__(self, *_: object) -> None:
        self.on = False
        bpy.types.SpaceView3D.draw_handler_remove(self._handle, self._kind)

    def summary(self) -> dict[str, float]:
        """Milliseconds between two redraws: by the clock, and of the window's own processor time.

        On a machine that does other things as well the second says what the window waited for itself.
        """
        gaps = 1000 * np.diff(np.array(self.times), axis=0)
        values = (*np.median(gaps, axis=0), *gaps.max(axis=0))
        names = ("median", "median, own", "longest", "longest, own")
        return {name: round(float(v), 1) for name, v in zip(names, values, strict=True)}
