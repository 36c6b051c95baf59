# SPDX-License-Identifier: GPL-3.0-or-later
"""The turn, move and scale that bring points nearest to others."""

from typing import NamedTuple

import numpy as np
from mien.core.model.params import FloatArray
from numpy.typing import NDArray

Points = NDArray[np.float64]


class Alignment(NamedTuple):
    """``p -> scale rotation p + shift``.

    Attributes:
        scale: of lengths.
        rotation: ``(3, 3)`` proper.
        shift: ``(3,)``.
    """

    scale: float
    rotation: Points
    shift: Points

    def of(self, points: Points | FloatArray) -> Points:
        """Points ``(k, 3)`` brought over."""
        return np.asarray(self.scale * points @ self.rotation.T + self.shift)


def align_points(points: Points | FloatArray, onto: Points | FloatArray, scaled: bool) -> Alignment:
    """The alignment of ``(k, 3)`` points onto others in the least-squares sense (Umeyama 1991).

    Args:
        points, onto: row by row.
        scaled: whether the scale is found too; else it is 1, and the alignment rigid.
    """
    points, onto = np.asarray(points, np.float64), np.asarray(onto, np.float64)
    middle, other = points.mean(axis=0), onto.mean(axis=0)
    u, s, vt = np.linalg.svd((onto - other).T @ (points - middle))
    sign = np.array([1.0, 1.0, np.sign(np.linalg.det(u @ vt))])
    rotation = u * sign @ vt
    scale = float((s * sign).sum() / ((points - middle) ** 2).sum()) if scaled else 1.0
    return Alignment(scale, rotation, other - scale * rotation @ middle)
