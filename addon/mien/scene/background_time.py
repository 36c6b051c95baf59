# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows the right picture of the footage behind the head at every time, whatever the rates are."""

from pathlib import Path

import bpy
import numpy as np
from bpy.types import Camera, Scene

from .action import Keyer
from .timing import rate_of

_SPAN = 1000.0
"""Frames between the two keys of the line, which goes on beyond them."""
_SAME = 1e-4
"""Rates that differ by a smaller share are one: a picture more or less in five minutes."""
_EDGE = 0.02
"""Share of a picture by which a time may lie before its picture: keys are single precision."""


def rate_in_blender(path: Path) -> float | None:
    """Pictures a second that Blender counts in a film: it numbers them by time at this rate.

    Film of variable rate has a mean rate, which others count by; Blender goes by the shortest gap.
    """
    try:
        clip = bpy.data.movieclips.load(str(path.resolve()))
    except (RuntimeError, UnicodeError):
        return None
    try:
        return float(clip.fps) or None
    finally:
        bpy.data.movieclips.remove(clip)


def show_in_time(camera: Camera, number: int, rate: float, start: float, scene: Scene) -> None:
    """Let a background of a camera show the picture of the scene's time.

    Blender shows one picture a frame; where the scene's rate is another than the film's, the offset
    is animated.

    Args:
        camera: whose background it is.
        number: of the background.
        rate: pictures a second, as Blender counts them.
        start: scene frame of the footage's time 0.
        scene: whose time it follows.
    """
    user = camera.background_images[number].image_user
    user.frame_start = int(np.floor(start))
    pace = rate / rate_of(scene)
    if abs(pace - 1) < _SAME and start == user.frame_start:
        return
    user.frame_duration = 2**19  # of the scene's frames, before the offset is added
    frames = np.array([user.frame_start, user.frame_start + _SPAN])
    # Blender cuts off what is behind the point, toward zero: below zero that is upward.
    down = _EDGE if pace >= 1 else _EDGE - 1
    offsets = (frames - start) * pace - (frames - user.frame_start) + user.frame_offset + down
    path = f"background_images[{number}].image_user.frame_offset"
    curve = Keyer(camera.name).key(camera, path, 0, frames, offsets.astype(np.float32))
    curve.extrapolation = "LINEAR"
