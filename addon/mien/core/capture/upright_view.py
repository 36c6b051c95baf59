# SPDX-License-Identifier: GPL-3.0-or-later
"""Heads that lean far to a side or lie: their crop is turned upright before the network looks at it.

In training one head in fourteen lies or stands on its crown, and one in seven is tilted far: the network knows
roughly how far any head leans, and an upright one best. On portraits turned in the picture's plane a look at the
turned crop errs by 1.2 % at every roll, where the crop as it is gave 1.6 % at 60 degrees and 2.0 % at 120
(``python -m training.evaluate --rolled``).
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from ..model.params import POSE, FloatArray, split

LEANING = float(np.radians(20))
"""A head that leans further in its crop is looked at upright: up to here the error is that of an upright one."""
AWAY, LYING = float(np.radians(50)), float(np.radians(50))
"""A head that is turned further from the camera than the first is looked at as it is, unless it leans further than
the second: nodding leans a profile in the picture, so that training shows profiles at every small roll."""


def turn_of(params: FloatArray) -> FloatArray:
    """By how much the heads of crops ``(n, 62)`` are to be turned upright ``(n,)``: their roll, or 0."""
    roll = roll_of(params)
    facing = split(params).transform[..., 2]
    away = np.arctan2(np.hypot(facing[..., 0], facing[..., 1]), facing[..., 2])
    turned = np.abs(roll) > np.where(away > AWAY, LYING, LEANING)
    return np.where(turned, roll, 0).astype(np.float32)


def roll_of(params: FloatArray) -> FloatArray:
    """How far heads ``(n, 62)`` lean in the plane of their crops: ``(n,)`` radians, counter-clockwise as seen."""
    transform = split(params).transform
    across = transform[..., 1, 0] - transform[..., 0, 1]
    along = transform[..., 0, 0] + transform[..., 1, 1]
    return np.asarray(np.arctan2(across, along))


def turned_upright(crops: NDArray[np.uint8], rolls: FloatArray) -> NDArray[np.uint8]:
    """Crops ``(n, 120, 120, 3)`` turned about their centres by ``-rolls`` ``(n,)``; black where nothing was."""
    out = np.empty_like(crops)
    side = crops.shape[1]
    middle = ((side - 1) / 2, (side - 1) / 2)
    for crop, roll, turned in zip(crops, rolls, out, strict=True):
        matrix = cv2.getRotationMatrix2D(middle, -float(np.degrees(roll)), 1.0)
        cv2.warpAffine(crop, matrix, (side, side), dst=turned)
    return out


def turned_back(params: FloatArray, rolls: FloatArray) -> FloatArray:
    """Parameters ``(n, 62)`` of crops that were turned upright, as those of the crops before."""
    cos, sin = np.cos(rolls)[:, None], np.sin(rolls)[:, None]
    x, y, z = np.moveaxis(split(params).transform, 1, 0)
    out = params.copy()
    out[:, POSE] = np.concatenate([cos * x - sin * y, sin * x + cos * y, z], axis=1)
    return out
