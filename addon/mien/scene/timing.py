# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of the ways in which footage's frames become scene frames (see :mod:`.keying`). Light."""

from bpy.types import Scene

TIMES, WHOLE, ONE_BY_ONE = "TIMES", "WHOLE", "ONE_BY_ONE"


def rate_of(scene: Scene) -> float:
    """Frames a second of a scene."""
    return scene.render.fps / scene.render.fps_base
