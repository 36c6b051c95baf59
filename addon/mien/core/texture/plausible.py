# SPDX-License-Identifier: GPL-3.0-or-later
"""What was seen where the head ends: skin and hair, or the wall and the shirt behind them."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ..model.head import Head
from ..model.params import FloatArray

INNER = 0.9
"""The face's own points are drawn in to this share: the outermost lie on its edge."""
WITHIN, BEYOND = 0.004, 0.014
"""Metres from the face's own points: up to the first everything is face, beards and glasses too; from the
second on what was seen has to look like skin or hair."""
HUE = 0.08
"""How far the logarithms of red and blue over green may be from the skin's, beside their own spread."""
DARK, BRIGHT = 0.3, 1.35
"""Brightness of skin in shade and in light over that of the face's middle."""
HAIR = 0.62
"""Brightness over the skin's below which it is hair, on the crown."""
COLLAR = (0.003, 0.02)
"""Metres below the chin from which the neck is no longer believed to be bare, and is not at all."""
EARS_OUT, EARS_UP, EARS_AHEAD = 0.058, (-0.028, 0.04), (-0.05, 0.02)
"""Metres from the middle, and range of heights and depths, where the mean head has its ears."""
EARS_STAND_OUT = 0.072
"""Beyond this no hair is drawn behind them."""
COVERED = 0.85
"""Brightness of a crown over the skin's below which hair covers it; of what is seen there the darker half is
hair, the lighter has skin and shine in it."""
CROWN_EDGE = 0.012
"""Metres over which hair begins."""


def hair_among(scalp: FloatArray, skin: FloatArray) -> FloatArray:
    """Colour of the hair among colours ``(n, 3)`` seen on the crown; the skin's ``(3,)`` where it is bare."""
    light = scalp.mean(axis=1)
    if not len(scalp) or np.median(light) > COVERED * skin.mean():
        return skin
    return np.asarray(np.median(scalp[light <= np.median(light)], axis=0), np.float32)


def face_of(head: Head) -> FloatArray:
    """``(N,)`` 1 on the face proper, from hairline to chin and from ear to ear, 0 beyond."""
    points = head.mediapipe_places.on(head.vertices)
    away = cKDTree(points).query(head.vertices)[0]
    return np.asarray(np.clip((BEYOND - away) / (BEYOND - WITHIN), 0, 1), np.float32)


def crown_of(head: Head) -> FloatArray:
    """``(N,)`` 0 to 1, how surely hair grows there: above a line from the nape over the ears to the brow."""
    x, y, z = head.vertices.T
    top = head.mediapipe_places.on(head.vertices)[10]
    line = np.interp(z, [-0.06, -0.01, 0.02, top[2]], [-0.055, -0.01, 0.035, top[1] + 0.012])
    crown = np.clip((y - line) / CROWN_EDGE, 0, 1)
    crown[(np.abs(x) > EARS_STAND_OUT) & (y < EARS_UP[1])] = 0
    return np.asarray(crown, np.float32)


def ears_of(head: Head) -> NDArray[np.bool_]:
    """``(N,)`` which vertices are an ear's."""
    x, y, z = head.vertices.T
    return np.asarray(
        (np.abs(x) > EARS_OUT)
        & (EARS_UP[0] < y) & (y < EARS_UP[1])
        & (EARS_AHEAD[0] < z) & (z < EARS_AHEAD[1])
    )  # fmt: skip


def hidden_of(head: Head) -> FloatArray:
    """``(N,)`` 0 to 1, where collars are, and ears: so much of them is wall and hair that nothing is kept."""
    chin = float(head.landmark_model().mean[8, 1])
    below = (chin - COLLAR[0] - head.vertices[:, 1]) / (COLLAR[1] - COLLAR[0])
    return np.asarray(np.maximum(np.clip(below, 0, 1), ears_of(head)), np.float32)


def plausible(
    colours: FloatArray, seen: FloatArray, face: FloatArray, crown: FloatArray
) -> FloatArray:
    """How far each colour ``(K, 3)`` BGR can be the actor's, ``(K,)`` 0 to 1.

    Args:
        colours: as merged.
        seen: ``(K,)`` how well each was seen.
        face, crown: ``(K,)`` see :func:`face_of` and :func:`crown_of`.
    """
    core = (face > 0.9) & (seen > np.median(seen[seen > 0]))
    if not core.any():
        return np.ones(len(colours), np.float32)
    hue, light = _hue(colours), colours.mean(axis=1)
    middle, usual = np.median(hue[core], axis=0), float(np.median(light[core]))
    spread = np.median(np.abs(hue[core] - middle), axis=0)
    off = (np.abs(hue - middle) / (HUE + 2 * spread)).max(axis=1)
    like_skin = _soft(off, 1.5, 1.0)
    like_skin *= _soft(light / usual, BRIGHT + 0.15, BRIGHT) * _soft(
        light / usual, DARK - 0.1, DARK
    )
    like_hair = crown * _soft(light / usual, HAIR + 0.1, HAIR)
    return np.asarray(np.maximum(face, np.maximum(like_skin, like_hair)), np.float32)


def _hue(colours: FloatArray) -> FloatArray:
    level = np.log(colours + 8)
    return np.asarray(level[:, [2, 0]] - level[:, 1:2])


def _soft(values: FloatArray, none: float, full: float) -> FloatArray:
    return np.asarray(np.clip((values - none) / (full - none), 0, 1))
