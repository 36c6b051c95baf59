# SPDX-License-Identifier: GPL-3.0-or-later
"""What the network tells of a face's motion by the identity, given back to the expression.

A smile makes the network say another, wider-mouthed person. Within a take the identity is one, so what
of it goes with the weights is motion: left there, a smile that lasts would become the person's own mouth.
"""

import numpy as np
from numpy.typing import NDArray

from ..model.params import FloatArray, split
from .reliability import reliability

PRIOR = 20.0
"""How much is held of what is known of the network, in frames in which one weight is fully raised."""

Array = NDArray[np.float64]


def identity_leak(params: FloatArray, said: FloatArray, rest: FloatArray) -> FloatArray:
    """What of the identities of frames is motion of the face: ``(F, 40)``.

    The identities of the frames are regressed on their weights, drawn to how the network's identity
    follows its weights in general (:attr:`mien.core.solve.reliability.Reliability.identity`): ridge
    regression about a prior. What the weights beyond rest explain is motion.

    Args:
        params: ``(F, 62)`` as regressed.
        said: ``(F, 52)`` by the network.
        rest: ``(52,)`` of it at rest.
    """
    weights = said.astype(np.float64)
    jacobian = leak_slopes(
        weights, split(params).identity.astype(np.float64), reliability().identity
    )
    return (np.maximum(weights - rest, 0) @ jacobian).astype(np.float32)


def leak_slopes(weights: Array, identity: Array, known: FloatArray, prior: float = PRIOR) -> Array:
    """How much identity ``(52, 40)`` goes with each weight in ``(F, 52)`` and ``(F, 40)``.

    Args:
        weights, identity: of the same frames of one person.
        known: ``(52, 40)`` of other people.
        prior: how much is held of that.
    """
    away = weights - weights.mean(axis=0)
    normal = away.T @ away + prior * np.eye(away.shape[1])
    return np.asarray(
        np.linalg.solve(normal, away.T @ (identity - identity.mean(axis=0)) + prior * known)
    )
