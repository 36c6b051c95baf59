# SPDX-License-Identifier: GPL-3.0-or-later
"""How far the lips are apart: flow, which does not look into the mouth, is not asked."""

import numpy as np

from ..model.head import Head
from ..model.params import FloatArray, split
from ..take.take import Take
from .moving_points import FREE
from .poses import Array

PAIRS = ((61, 67), (62, 66), (63, 65))
"""Landmarks of the inner lips, upper and lower."""
SIGMA, SHARE = 0.0015, 0.4
"""How far the network's opening may be off: metres, and a share of the opening. Chosen by measurement: a third of
it errs by 3 % more on generated clips, and on film opens lips, widens the mouth and lifts one corner less; with
twice as much the lips follow the film's less closely."""


class Lips:
    """Holds the opening of the refined lips to that which the network saw.

    Attributes:
        moves: ``(3, N_FREE)`` how each free weight opens each pair, metres.
    """

    def __init__(self, head: Head, shape: FloatArray) -> None:
        """Take note of a person's resting face ``(N, 3)``."""
        self._head = head
        blendshapes = head.blendshapes[FREE].astype(np.float64)
        self.moves = np.stack([self._gap(blendshapes, pair) for pair in PAIRS])
        self._still = np.array([self._gap(shape, pair) for pair in PAIRS])

    def _gap(self, shape: Array | FloatArray, pair: tuple[int, int]) -> Array:
        """Height of the upper landmark over the lower, along the head's y axis."""
        heights = self._head.landmark_places.some(pair).on(shape)[..., 1]
        return np.asarray(heights[..., 0] - heights[..., 1], np.float64)

    def equations(self, openings: Array) -> tuple[Array, Array]:
        """What openings ``(F, 3)`` say of the free weights.

        Returns:
            ``(F, N_FREE, N_FREE)`` normal matrices, ``(F, N_FREE)`` right sides.
        """
        precision = 1 / (SIGMA + SHARE * np.abs(openings)) ** 2
        normal = np.einsum("fp,pi,pj->fij", precision, self.moves, self.moves, optimize=True)
        right = (precision * (openings - self._still)) @ self.moves
        return normal, right


def network_openings(take: Take, head: Head) -> Array:
    """How far the network had the lips apart: ``(F, 3)`` metres, NaN where the face was lost."""
    _, identity, expression = split(take.params)
    model = head.landmark_model()
    heights = (
        model.mean[:, 1] + identity @ model.identity[..., 1] + expression @ model.expression[..., 1]
    )
    upper, lower = np.array(PAIRS).T
    return np.asarray(heights[:, upper] - heights[:, lower], np.float64)
