# SPDX-License-Identifier: GPL-3.0-or-later
"""The child process that works now, if any: how it stands, its thumbnail, the timer that asks it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import bpy
import numpy as np
from bpy.types import Context, Operator
from numpy.typing import NDArray

from ...worker.job import Job, Status
from .typed import capture_settings, windows_of

if TYPE_CHECKING:
    from ...worker.session import Session

TICK = 1 / 30
"""Seconds between looks at the child."""
_ICON = "thumbnail"
_session: "Session | None" = None
_status = Status()
_timer: Any = None
_previews: Any = None
_left_behind: Path | None = None


def may_begin(operator: type[Operator]) -> bool:
    """Poll of what begins a capture."""
    if busy():
        operator.poll_message_set("A capture is running; wait for it or cancel it")
        return False
    return True


def may_capture(operator: type[Operator], context: Context) -> bool:
    """Poll of what captures the footage that is chosen."""
    if not may_begin(operator):
        return False
    if not capture_settings(context).footage:
        operator.poll_message_set("Choose the footage first")
        return False
    return True


def busy() -> bool:
    """Whether a child works."""
    return _session is not None


def status() -> Status:
    """How it stands, or how the last one ended."""
    return _status


def session() -> "Session | None":
    """The child that works."""
    return _session


def recoverable_journal() -> Path | None:
    """Journal of the last capture, if that broke off and left one."""
    return _left_behind


def begin(job: Job, context: Context, tick: float = TICK) -> "Session":
    """Start a child, and a timer in the window for whoever follows it.

    Raises:
        OSError: the child cannot be started.
    """
    from ...worker.session import Session  # with the take's files; Blender starts without them

    global _session, _status, _timer
    end()
    forget()
    if _previews is not None:
        _previews.clear()  # what it shows is of the clip before
    _session = Session(job)
    if context.window is not None:
        _timer = windows_of(context).event_timer_add(tick, window=context.window)
    return _session


def poll() -> Status:
    """Ask how it stands, and take up a newer thumbnail."""
    global _status
    if _session is not None:
        _status = _session.poll()
        image = _session.thumbnail()
        if image is not None:
            _show(image)
    return _status


def stop() -> None:
    """Ask for an end; what was captured is kept."""
    if _session is not None:
        _session.stop()


def end(*_: object) -> None:
    """End the child and the timer, if there are any."""
    global _session, _timer, _left_behind
    if _timer is not None:
        windows_of(bpy.context).event_timer_remove(_timer)
        _timer = None
    if _session is not None:
        _left_behind = None if _status.takes else _session.left()
        _session.close()
        _session = None


def forget() -> None:
    """Think no more of how the last capture ended."""
    global _status, _left_behind
    _status, _left_behind = Status(), None


def icon() -> int:
    """Icon of the thumbnail, 0 if there is none."""
    if _previews is None or _ICON not in _previews:
        return 0
    return int(_previews[_ICON].icon_id)


def _show(image: NDArray[np.uint8]) -> None:
    if _previews is None:
        return
    preview = _previews[_ICON] if _ICON in _previews else _previews.new(_ICON)
    height, width = image.shape[:2]
    side = max(height, width)
    pixels = np.zeros((side, side, 4), np.float32)  # icons are square
    top, left = (side - height) // 2, (side - width) // 2
    pixels[top : top + height, left : left + width, :3] = image / np.float32(255)
    pixels[top : top + height, left : left + width, 3] = 1.0
    preview.image_size = (side, side)
    preview.image_pixels_float.foreach_set(pixels[::-1].ravel())


def redraw(context: Context, everything: bool = False) -> None:
    """Let sidebar and header of all viewports be drawn anew, or all of the viewports."""
    for window in windows_of(context).windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D" and everything:
                area.tag_redraw()
            elif area.type == "VIEW_3D":
                for region in area.regions:
                    if region.type in {"UI", "HEADER"}:
                        region.tag_redraw()


def register() -> None:
    """Make room for thumbnails, and end a capture when its file is closed."""
    global _previews
    if not bpy.app.background:
        from bpy.utils import previews

        _previews = previews.new()
    bpy.app.handlers.load_pre.append(cast(Any, bpy.app.handlers).persistent(_before_load))


def unregister() -> None:
    """End what runs and remove what was made."""
    global _previews
    end()
    forget()
    bpy.app.handlers.load_pre.remove(_before_load)
    if _previews is not None:
        from bpy.utils import previews

        previews.remove(_previews)
        _previews = None


def _before_load(*_: object) -> None:
    end()
    forget()
