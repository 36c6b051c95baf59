# SPDX-License-Identifier: GPL-3.0-or-later
"""A face of 52 blendshapes said in the 50 coefficients of the 62 parameters."""

from typing import Any

import numpy as np
from mien.core.model.head import Head
from mien.core.model.params import N_EXPRESSION, N_IDENTITY, FloatArray
from numpy.typing import NDArray

from .fit import INDEPENDENT, POINT_SIGMA

LANDMARK_WEIGHT = 4.0
"""How much each of the 68 landmarks counts beside one of the labelling tool's points."""


class ExpressionProjector:
    """Finds the coefficients that lay the face where its identity and blendshapes have it.

    Ten expression components cannot follow every mixture of 52 blendshapes; what they leave is about 1 %
    of the face's box. Coefficients in their place, all fifty, halve that: they start from the known
    identity and the nearest expression and move by regularised least squares (one standard
    deviation each) over the labelling tool's points and the 68 landmarks, in model space.
    """

    def __init__(self, head: Head) -> None:
        basis = np.concatenate([head.identity, head.expression])
        at_points, blendshapes = (
            np.concatenate(
                [
                    head.mediapipe_places.on(moves),
                    head.landmark_places.on(moves) * np.sqrt(LANDMARK_WEIGHT),
                ],
                axis=1,
            )
            for moves in (basis, head.blendshapes)
        )
        at_points = at_points.reshape(len(basis), -1)
        nearest = head.blendshapes_to_expression
        left = blendshapes.reshape(len(blendshapes), -1) - nearest @ at_points[N_IDENTITY:]
        certainty = INDEPENDENT / blendshapes.shape[1] / POINT_SIGMA**2
        information = certainty * at_points @ at_points.T + np.eye(len(basis))
        moved = certainty * np.linalg.solve(information, at_points @ left.T).T
        moved[:, N_IDENTITY:] += nearest
        self._of_blendshapes = moved.astype(np.float32)

    def coefficients(
        self, identity: NDArray[np.floating[Any]], blendshapes: NDArray[np.floating[Any]]
    ) -> tuple[FloatArray, FloatArray]:
        """Identity ``(..., 40)`` and expression ``(..., 10)`` of a known identity and blendshapes ``(..., 52)``."""
        moved = blendshapes @ self._of_blendshapes
        expression = moved[..., N_IDENTITY : N_IDENTITY + N_EXPRESSION]
        return (
            (identity + moved[..., :N_IDENTITY]).astype(np.float32),
            expression.astype(np.float32),
        )
