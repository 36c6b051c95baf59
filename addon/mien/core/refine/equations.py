# SPDX-License-Identifier: GPL-3.0-or-later
"""One frame's normal equations: pose and weights from what the flow says of the cells."""

from typing import NamedTuple

import numpy as np

from ..model.arkit import N_BLENDSHAPES
from .flow import Misses
from .moving_points import FREE, N_UNKNOWNS, MovingPoints
from .poses import N_POSE, Array, Poses
from .stabilise import Surface

FLOW_SIGMA = 1.5
"""Spread of the flow of a cell with clear texture, pixels. Neighbours err alike: it is more than one cell's."""
CAUCHY = 2.0
"""Misses of this many pixels count half."""
ROUNDS = 2
"""Solutions of the robust problem."""


class Equations(NamedTuple):
    """``A x = b`` of one frame's unknowns: a step of its pose, and its free weights as such.

    Attributes:
        normal: ``(N_UNKNOWNS, N_UNKNOWNS)``; right: ``(N_UNKNOWNS,)``.
    """

    normal: Array
    right: Array

    @staticmethod
    def of_steps(normal: Array, right: Array, weights: Array) -> "Equations":
        """Those whose unknowns are steps from weights ``(52,)``, with the free weights as such in their place."""
        here = np.zeros(N_UNKNOWNS)
        here[N_POSE:] = weights[FREE]
        return Equations(normal, right + normal @ here)

    def with_more(self, other: "Equations | None") -> "Equations":
        """These and others of the same frame, if there are any."""
        if other is None:
            return self
        return Equations(self.normal + other.normal, self.right + other.right)


class Measurer:
    """Builds the equations of a surface's frames."""

    def __init__(self, surface: Surface, prior: Array) -> None:
        """Prepare.

        Args:
            surface: of the person.
            prior: ``(N_UNKNOWNS,)`` inverse variances of step and weights, used to judge misses only.
        """
        points = surface.canonical.points
        moves = np.stack(
            [points @ unit for unit in surface.blendshapes.reshape(N_BLENDSHAPES, -1, 3)]
        )
        self._points = MovingPoints(points @ surface.still.reshape(-1, 3), moves)
        self._prior = np.diag(prior)

    def equations(self, misses: Misses, weights: Array, poses: Poses, frame: int) -> Equations:
        """The equations at some weights ``(52,)`` and a frame's pose, without the prior."""
        slopes = self._points.slopes(weights, poses, frame)
        flat = np.einsum("cij,jcu->icu", misses.tellings, slopes).reshape(-1, N_UNKNOWNS)
        target = np.einsum("cij,cj->ic", misses.tellings, misses.away).ravel()
        step = np.zeros(N_UNKNOWNS, np.float32)
        for _ in range(ROUNDS):
            left = (target - flat @ step).reshape(2, -1)
            sure = misses.weights / (1 + (left**2).sum(axis=0) / CAUCHY**2) / FLOW_SIGMA**2
            across = (flat * np.tile(sure, 2)[:, None]).T
            normal, right = across @ flat, across @ target
            step = np.linalg.solve(normal + self._prior, right).astype(np.float32)
        return Equations.of_steps(normal, right, weights)
