# SPDX-License-Identifier: GPL-3.0-or-later
"""What the mere turning of the head changes in the expression, taken off it again.

A network that sees a still face from another side says a slightly other expression. Within a take
that error is a smooth function of the pose, the face's own motion mostly is not: what goes with the
pose, and is no larger than the network is known to err, is taken for the error.
"""

import numpy as np
from numpy.typing import NDArray

from ..model.params import FloatArray
from .reliability import reliability

MEMORY = 0.4
"""A face's own motion is new about this often, seconds: so much evidence a take holds."""
OUTLIER = 1.5
"""Spreads from which a frame counts less, near the 1.345 that is usual for Huber's rule."""
ROUNDS = 5
"""Of reweighting; the weights follow the residuals of the round before."""
_FLOOR = 1e-3
"""Of an expression's coefficients, whose spread is 1: less is nothing."""

Array = NDArray[np.float64]


def pose_features(rotation: Array) -> Array:
    """Features ``(F, 5)`` of rotations ``(F, 3, 3)``: yaw, pitch, their squares and their product.

    The angles are where the face points, radians, yaw to the picture's right and pitch up.
    """
    yaw = np.arctan2(rotation[:, 0, 2], rotation[:, 2, 2])
    pitch = np.arcsin(np.clip(rotation[:, 1, 2], -1, 1))
    return np.column_stack([yaw, pitch, yaw**2, pitch**2, yaw * pitch])


def remove_pose_leakage(
    expression: FloatArray, rotation: Array, times: NDArray[np.float64]
) -> FloatArray:
    """Expressions ``(F, 10)`` less what goes with the pose; at the take's middle pose unchanged.

    Linear regression of every component on :func:`pose_features`, robust against the face's own
    motion (Huber's rule), and drawn to nothing by what is known of the size of the error: a short or
    lively take changes little, a still face that turns changes most.

    Args:
        expression: as solved.
        rotation: ``(F, 3, 3)`` of the head.
        times: ``(F,)`` seconds, rising.
    """
    if len(times) < 2:
        return expression
    features = pose_features(rotation)
    features -= np.median(features, axis=0)
    moves = max(1.0, float(times[-1] - times[0]) / MEMORY) / len(times)
    size = np.maximum(reliability().turning, _FLOOR)
    out = expression.astype(np.float64)
    for component in range(out.shape[1]):
        column = out[:, component]
        jacobian = np.zeros(features.shape[1])
        for _ in range(ROUNDS):
            rest = column - features @ jacobian
            middle = np.median(rest)
            away = np.abs(rest - middle)
            spread = max(1.4826 * float(np.median(away)), _FLOOR)
            trust = moves / spread**2 / np.maximum(1, away / (OUTLIER * spread))
            weighted = features * trust[:, None]
            normal = weighted.T @ features + np.diag(size[:, component] ** -2)
            jacobian = np.linalg.solve(normal, weighted.T @ (column - middle))
        out[:, component] = column - features @ jacobian
    return out.astype(np.float32)
