# SPDX-License-Identifier: GPL-3.0-or-later
"""One bounded least squares over the take: every frame's weights, tied to its neighbours'."""

import numpy as np

from .poses import N_POSE, Array

SWEEPS = 60
"""At most so many over the take; they end earlier once nothing moves."""
CLOSE = 1e-3
"""Largest change of a weight at which the sweeps end."""


def without_pose(normal: Array, right: Array) -> tuple[Array, Array, Array]:
    """Eliminate the poses from equations (Schur complement).

    Args:
        normal: ``(F, N, N)`` with the pose's unknowns first; right: ``(F, N)``.

    Returns:
        Matrices and right sides of the weights alone, and ``(F, 6, 1 + W)``, whose first column less
        the others times the weights is the pose's step.
    """
    pose, cross = normal[:, :N_POSE, :N_POSE], normal[:, :N_POSE, N_POSE:]
    back = np.linalg.solve(pose, np.concatenate([right[:, :N_POSE, None], cross], axis=2))
    across = cross.transpose(0, 2, 1)
    reduced = normal[:, N_POSE:, N_POSE:] - across @ back[:, :, 1:]
    return reduced, right[:, N_POSE:] - (across @ back[:, :, :1])[..., 0], back


def bounded(normal: Array, right: Array, tie: Array, high: Array, start: Array) -> Array:
    """Minimise ``sum w A w / 2 - b w + sum tie (w_f+1 - w_f)^2 / 2`` with every w between 0 and ``high``.

    Each weight in turn takes its best value with all else held, in every other frame at once (the
    objective is strictly convex: this ends at its one minimum).

    Args:
        normal: ``(F, W, W)``; right: ``(F, W)``.
        tie: ``(F - 1,)`` precision of a weight's change between neighbours.
        high: ``(W,)``.
        start: ``(F, W)`` where to begin.
    """
    count, width = right.shape
    weights = np.clip(start, 0, high)
    before, after = np.concatenate([[0.0], tie]), np.concatenate([tie, [0.0]])
    halves = [np.arange(half, count, 2) for half in (0, 1)]
    parts = [
        (
            rows, np.ascontiguousarray(normal[rows].transpose(1, 0, 2)), right[rows],
            before[rows], after[rows], np.maximum(rows - 1, 0), np.minimum(rows + 1, count - 1),
        )
        for rows in halves if len(rows)
    ]  # fmt: skip
    for _ in range(SWEEPS):
        largest = 0.0
        for rows, matrix, wanted, tie_before, tie_after, previous, following in parts:
            here = weights[rows]
            neighbours = tie_before[:, None] * weights[previous]
            neighbours += tie_after[:, None] * weights[following]
            both = tie_before + tie_after
            for unit in range(width):
                own = matrix[unit, :, unit]
                rest = wanted[:, unit] + neighbours[:, unit] + own * here[:, unit]
                rest -= np.einsum("fw,fw->f", matrix[unit], here)
                new = np.clip(rest / (own + both), 0, high[unit])
                largest = max(largest, float(np.abs(new - here[:, unit]).max()))
                here[:, unit] = new
            weights[rows] = here
        if largest < CLOSE:
            break
    return weights
