# SPDX-License-Identifier: GPL-3.0-or-later
"""The head's linear model at a few points of its surface: all that tracking and labelling need."""

from dataclasses import dataclass

import numpy as np

from .params import FloatArray


@dataclass(frozen=True)
class PointModel:
    """The head's linear model at K points of its surface, such as the 68 that tracking needs.

    Attributes:
        mean: ``(K, 3)`` metres.
        identity: ``(40, K, 3)``.
        expression: ``(10, K, 3)``.
    """

    mean: FloatArray
    identity: FloatArray
    expression: FloatArray

    def project(
        self, transform: FloatArray, identity: FloatArray, expression: FloatArray
    ) -> FloatArray:
        """Equation 5 at the points: ``(..., K, 3)`` in crop space.

        Args:
            transform: ``(..., 3, 4)`` T.
            identity: ``(..., 40)``.
            expression: ``(..., 10)``.
        """
        # A plain product: np.tensordot takes longer than all else that is done with a frame's landmarks.
        person = identity @ self.identity.reshape(len(self.identity), -1)
        acting = expression @ self.expression.reshape(len(self.expression), -1)
        shape: FloatArray = self.mean + (person + acting).reshape(
            *person.shape[:-1], *self.mean.shape
        )
        out: FloatArray = shape @ np.swapaxes(transform[..., :3], -1, -2)
        return (out + transform[..., None, :, 3]).astype(np.float32)
