# SPDX-License-Identifier: GPL-3.0-or-later
"""The 52 weights that fit both what the network said of each and how the solved face has moved."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..model.arkit import ARKIT_UNITS
from ..model.head import Head
from ..model.params import FloatArray
from .reliability import reliability

UNIT_SPREAD = 0.2
"""Usual spread of a weight on faces in motion."""
MESH_SIGMA = 0.0015
"""How far the expression's part of the mesh may be off, metres, root mean square where it moves."""
SUREST = 0.97
"""No weight is taken for surer than this correlation with the truth."""
UNSEEN_PRECISION = 1e6
SWEEPS = 60
CLOSE = 1e-4
_EYES = np.array([name.startswith("eye") for name in ARKIT_UNITS])

Array = NDArray[np.float64]


def fit_units(expression: FloatArray, said: FloatArray, head: Head) -> FloatArray:
    """Weights ``(F, 52)`` in [0, 1] by bounded least squares.

    A weight w of unit u that the network gave as n adds ``(w - n)^2 / s_u^2``, with s_u the smaller
    the surer the unit is seen; the whole face adds the squared distance on the mesh between the
    expression and the expression that the weights make. So a sure weight stays as it was said, and an
    unsure one follows the mesh. One that cannot be seen at all stays 0. Those of the eyes are taken as
    they were said: lids are too small a part of a face for ten components to know them better.

    Args:
        expression: ``(F, 10)`` solved.
        said: ``(F, 52)`` by the network.
        head: of the expression.
    """
    sure = np.where(_EYES, SUREST, np.minimum(reliability().units, SUREST)).astype(np.float64)
    precision = np.where(sure > 0, 1 / (UNIT_SPREAD**2 * (1 - sure**2)), UNSEEN_PRECISION)
    metric = _mesh_metric(head)
    make = head.units_to_expression.astype(np.float64)
    normal = make @ metric @ make.T + np.diag(precision)
    target = np.where(sure > 0, said, 0).astype(np.float64)
    right = expression.astype(np.float64) @ metric @ make.T + precision * target
    return bounded(normal, right, np.clip(target, 0, 1)).astype(np.float32)


def bounded(normal: Array, right: Array, start: Array) -> Array:
    """Minimise ``w A w / 2 - b w`` with every weight in [0, 1], for many b at once.

    Each weight in turn takes its best value with the others held (the objective is strictly convex,
    so this ends at its one minimum).

    Args:
        normal: ``(U, U)`` A, symmetric and positive definite.
        right: ``(F, U)`` b.
        start: ``(F, U)`` where to begin.
    """
    weights = start.copy()
    for _ in range(SWEEPS):
        largest = 0.0
        for unit in range(len(normal)):
            away = right[:, unit] - weights @ normal[:, unit]
            new = np.clip(weights[:, unit] + away / normal[unit, unit], 0, 1)
            largest = max(largest, float(np.abs(new - weights[:, unit]).max()))
            weights[:, unit] = new
        if largest < CLOSE:
            break
    return weights


@lru_cache(maxsize=1)
def _mesh_metric(head: Head) -> Array:
    """Matrix ``(10, 10)`` whose quadratic form is a squared distance in units of its usual error."""
    moving = (head.expression**2).sum(axis=(0, 2))
    flat = head.expression.reshape(len(head.expression), -1).astype(np.float64)
    # Vertices count by themselves; still ones add nothing but would thin the mean.
    share = moving.sum() ** 2 / np.maximum((moving**2).sum(), 1e-30)
    return flat @ flat.T * (len(flat) / share / MESH_SIGMA**2)
