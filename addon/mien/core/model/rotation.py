# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotations as quaternions ``(w, x, y, z)``, and sequences of them without jumps."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation, Slerp

from .params import FloatArray

Times = NDArray[np.float64]


def to_quaternions(matrices: FloatArray) -> FloatArray:
    """Rotation matrices ``(F, 3, 3)`` to unit quaternions ``(F, 4)``, w first."""
    return Rotation.from_matrix(matrices).as_quat()[:, [3, 0, 1, 2]].astype(np.float32)


def to_matrices(quaternions: FloatArray) -> FloatArray:
    """Quaternions ``(F, 4)``, w first, to rotation matrices ``(F, 3, 3)``."""
    return (
        Rotation.from_quat(np.asarray(quaternions)[:, [1, 2, 3, 0]]).as_matrix().astype(np.float32)
    )


def unroll(quaternions: FloatArray) -> FloatArray:
    """Choose signs so that neighbours lie on the same side: curves through them never flip.

    A quaternion and its negative are the same rotation; keyed one after the other they would spin
    the head once around.
    """
    steps = np.einsum("fi,fi->f", quaternions[1:], quaternions[:-1])
    signs = np.concatenate([[1.0], np.cumprod(np.where(steps < 0, -1.0, 1.0))])
    if quaternions[0, 0] < 0:
        signs = -signs
    return (quaternions * signs[:, None]).astype(np.float32)


def interpolate(times: Times, known: Times, matrices: FloatArray) -> FloatArray:
    """Rotations at ``times`` ``(F,)`` along great arcs between known ones; held outside of them.

    Args:
        times: where rotations are wanted, seconds.
        known: ``(K,)`` rising times at which they are known.
        matrices: ``(K, 3, 3)``.
    """
    if len(known) == 1:
        return np.repeat(matrices, len(times), axis=0)
    arcs = Slerp(known, Rotation.from_matrix(matrices))
    return arcs(np.clip(times, known[0], known[-1])).as_matrix().astype(np.float32)
