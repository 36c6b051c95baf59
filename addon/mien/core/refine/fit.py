# SPDX-License-Identifier: GPL-3.0-or-later
"""One bounded least squares over the take: every frame's weights, tied to its neighbours'."""

import numpy as np
from numpy.typing import NDArray

from .poses import N_POSE, Array

SWEEPS = 60
"""At most so many over the take; they end earlier once nothing moves."""
CLOSE, STILL = 3e-3, 1e-4
"""Largest change of a weight at which the sweeps end, and below which a weight is left where it is."""
BEYOND = 1.4
"""How far a weight goes, in shares of the way to its best value. By trial: with 1 the sweeps take a quarter longer
and end further off."""


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

    Each weight in turn goes toward its best value with all else held, and beyond it, in every other frame at once
    (projected over-relaxation; the objective is strictly convex: this ends at its one minimum).

    Args:
        normal: ``(F, W, W)``; right: ``(F, W)``.
        tie: ``(F - 1,)`` precision of a weight's change between neighbours.
        high: ``(W,)``.
        start: ``(F, W)`` where to begin.
    """
    count = len(right)
    weights = np.ascontiguousarray(np.clip(start, 0, high).T)
    before, after = np.concatenate([[0.0], tie]), np.concatenate([tie, [0.0]])
    halves = [
        _Half(normal, right, weights, before, after, np.arange(half, count, 2))
        for half in range(min(2, count))
    ]
    for _ in range(SWEEPS):
        if max(half.sweep(weights, high) for half in halves) < CLOSE:
            break
    return np.ascontiguousarray(weights.T)


class _Half:
    """Every other frame, between which nothing is tied: H frames, whose slopes are kept while weights change."""

    def __init__(
        self, normal: Array, right: Array, weights: Array, before: Array, after: Array,
        rows: NDArray[np.int64],
    ) -> None:  # fmt: skip
        self._rows, last = rows, weights.shape[1] - 1
        self._previous, self._following = np.maximum(rows - 1, 0), np.minimum(rows + 1, last)
        self._before, self._after = before[rows], after[rows]
        self._columns = np.ascontiguousarray(normal[rows].transpose(1, 2, 0))
        own = np.einsum("wwf->wf", self._columns)
        self._stiffness = own + self._before + self._after
        self._slopes = np.einsum("wvf,vf->wf", self._columns, weights[:, rows]) - right[rows].T

    def sweep(self, weights: Array, high: Array) -> float:
        """Move each weight ``(W, F)`` of these frames once; the largest change."""
        pull = self._before * weights[:, self._previous] + self._after * weights[:, self._following]
        held, largest = self._before + self._after, 0.0
        here = weights[:, self._rows]
        for unit, limit in enumerate(high):
            uphill = self._slopes[unit] + held * here[unit] - pull[unit]
            new = (here[unit] - BEYOND * uphill / self._stiffness[unit]).clip(0, limit)
            change = new - here[unit]
            size = float(np.abs(change).max())
            if size < STILL:
                continue
            largest = max(largest, size)
            here[unit] = new
            self._slopes += self._columns[unit] * change
        weights[:, self._rows] = here
        return largest
