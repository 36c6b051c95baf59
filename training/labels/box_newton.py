# SPDX-License-Identifier: GPL-3.0-or-later
"""Convex quadratic programs within bounds, by projected Newton steps on the coefficients that are free."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]

ITERATIONS = 40
"""Far more than are needed: the free set of a face settles after five to ten."""
SETTLED = 1e-6
"""Largest change of an unknown at which the steps end."""
HALVINGS = 12
"""Of a step that makes it worse, before it is given up."""


def minimise(
    hessian: FloatArray, right: FloatArray, low: FloatArray, high: FloatArray, start: FloatArray
) -> FloatArray:
    """Minimise ``x'Hx / 2 - r'x`` subject to ``low <= x <= high``.

    Args:
        hessian: ``(n, n)`` positive definite H.
        right: ``(n,)`` r.
        low, high: ``(n,)``; equal where a coefficient is held.
        start: ``(n,)`` where to begin.
    """
    x = np.clip(start, low, high)
    value = objective(hessian, right, x)
    for _ in range(ITERATIONS):
        gradient = hessian @ x - right
        free = ~(((x <= low) & (gradient >= 0)) | ((x >= high) & (gradient <= 0)))
        if not free.any():
            break
        step = np.zeros_like(x)
        step[free] = np.linalg.solve(hessian[np.ix_(free, free)], -gradient[free])
        for halving in range(HALVINGS):
            moved = np.clip(x + step * 0.5**halving, low, high)
            reached = objective(hessian, right, moved)
            if reached <= value:
                break
        else:
            break
        settled = np.abs(moved - x).max() < SETTLED
        x, value = moved, reached
        if settled:
            break
    return x


def objective(hessian: FloatArray, right: FloatArray, x: FloatArray) -> float:
    """``x'Hx / 2 - r'x``."""
    return float(x @ (0.5 * (hessian @ x) - right))
