# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets of landmarks: their parts, their size in a picture, their mirror images, which way a head looks."""

import numpy as np
from mien.core.model.params import FloatArray
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

INNER = slice(17, 68)
"""The 51 landmarks without the jaw."""


def box_side(points: FloatArray) -> float:
    """Root of width times height of the bounding box of ``(K, 2 or more)`` points."""
    extent = points[:, :2].max(axis=0) - points[:, :2].min(axis=0)
    return float(np.sqrt(extent[0] * extent[1]))


def partners(points: FloatArray) -> NDArray[np.intp]:
    """Which of ``(k, 3)`` points each is in a mirror, ``(k,)``."""
    return np.asarray(linear_sum_assignment(cdist(points, points * np.array([-1, 1, 1])))[1])


def yaw_of(rotation: FloatArray) -> FloatArray:
    """How far heads ``(..., 3, 3)`` are turned to a side, 0 to 180 degrees, whichever side."""
    return np.abs(signed_yaw(rotation))


def signed_yaw(rotation: FloatArray) -> FloatArray:
    """The same in degrees from -180 to 180, positive toward the picture's right."""
    forward = rotation[..., :, 2]
    return np.asarray(np.degrees(np.arctan2(forward[..., 0], forward[..., 2])), np.float32)
