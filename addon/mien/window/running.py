# SPDX-License-Identifier: GPL-3.0-or-later
"""The capture that runs now, if any: its child process, how it stands, its thumbnail."""

from typing import Any

import bpy
import numpy as np

from ..worker.job import Job, Status
from ..worker.session import Session

_ICON = "thumbnail"
_session: Session | None = None
_status = Status()
_previews: Any = None
_drawn = 0


def busy() -> bool:
    """Whether a capture runs."""
    return _session is not None


def status() -> Status:
    """How it stands, or how the last one ended."""
    return _status


def session() -> Session | None:
    """The running capture's child process."""
    return _session


def begin(job: Job) -> Session:
    """Start a capture.

    Raises:
        OSError: the child cannot be started.
    """
    global _session, _status
    end()
    _status = Status()
    _session = Session(job)
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
    """End the child, if there is one. Also called before another file is opened."""
    global _session
    if _session is not None:
        _session.close()
        _session = None


def icon() -> int:
    """Icon of the thumbnail, 0 if there is none."""
    if _previews is None or _ICON not in _previews:
        return 0
    return int(_previews[_ICON].icon_id)


def thumbnails() -> int:
    """How many thumbnails were shown."""
    return _drawn


def _show(image: "np.ndarray[Any, np.dtype[np.uint8]]") -> None:
    global _drawn
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
    _drawn += 1


def register() -> None:
    """Make room for thumbnails, and end a capture when its file is closed."""
    global _previews
    if not bpy.app.background:
        from bpy.utils import previews

        _previews = previews.new()
    bpy.app.handlers.load_pre.append(_before_load)


def unregister() -> None:
    """End what runs and remove what was made."""
    global _previews
    end()
    bpy.app.handlers.load_pre.remove(_before_load)
    if _previews is not None:
        from bpy.utils import previews

        previews.remove(_previews)
        _previews = None


@bpy.app.handlers.persistent  # type: ignore[misc]
def _before_load(*_: object) -> None:
    end()
