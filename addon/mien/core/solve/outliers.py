# SPDX-License-Identifier: GPL-3.0-or-later
"""Single frames in which the head is suddenly elsewhere and at once back: errors, not motion."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

Array = NDArray[np.float64]

USUAL = 6.0
"""A frame is off by so many times the take's usual unevenness,"""
SHIFT = 0.02
"""and by at least so many metres to a side,"""
GROWTH = 0.08
"""or this change of size (logarithm),"""
TURN = np.radians(12.0)
"""or this angle: more than a neck can do in a thirtieth of a second and undo in another."""
BACK = 0.5
"""Its neighbours lie nearer to each other than this share of how far it is off."""
RATE = 30.0
"""Frames a second that the limits above are meant for; between slower frames a head moves further."""


def single_frame_outliers(
    times: Array, position: Array, scale: Array, rotation: Array
) -> NDArray[np.bool_]:
    """Which frames ``(F,)`` jump away and back; the first and the last never do.

    Args:
        times: ``(F,)`` seconds, rising.
        position: ``(F, 2)`` of the head in the picture, pixels.
        scale: ``(F,)`` pixels a metre.
        rotation: ``(F, 3, 3)``.
    """
    out = np.zeros(len(times), bool)
    if len(times) < 3:
        return out
    slower = max(1.0, RATE * float(np.median(np.diff(times)))) ** 2
    place, size = position / np.median(scale), np.log(scale)[:, None]
    measures = [(_steps(place), SHIFT), (_steps(size), GROWTH), (_turns(rotation), TURN)]
    for (off, apart), least in measures:
        limit = max(USUAL * float(np.median(off)), slower * least)
        out[1:-1] |= (off > limit) & (apart < BACK * off)
    return out


def _steps(values: Array) -> tuple[Array, Array]:
    """How far each of ``(F, C)`` is from midway between its neighbours, and they from each other."""
    before, here, after = values[:-2], values[1:-1], values[2:]
    off = np.linalg.norm(here - (before + after) / 2, axis=1)
    return off, np.linalg.norm(after - before, axis=1)


def _turns(rotation: Array) -> tuple[Array, Array]:
    """The same of rotations ``(F, 3, 3)``, radians."""
    before, here, after = (
        Rotation.from_matrix(r) for r in (rotation[:-2], rotation[1:-1], rotation[2:])
    )
    across = before.inv() * after
    midway = before * Rotation.from_rotvec(across.as_rotvec() / 2)
    return (midway.inv() * here).magnitude(), across.magnitude()
