# SPDX-License-Identifier: GPL-3.0-or-later
"""One frame's normal equations: pose and weights from what the flow says of the cells."""

from typing import NamedTuple

import numpy as np

from ..model.arkit import N_BLENDSHAPES
from ..model.params import FloatArray
from .flow import Misses
from .moving_points import FREE, N_UNKNOWNS, MovingPoints
from .poses import N_POSE, Array, Poses
from .stabilise import Surface

FLOW_SIGMA = 1.5
"""Spread of the flow of a cell with clear texture, pixels. Neighbours err alike: it is more than one cell's."""
CAUCHY = 2.0
"""Misses of this many pixels count half."""
ROUNDS = 2
"""How often cells are judged by their errors: as they are, and after a step."""


class Equations(NamedTuple):
    """``A x = b`` of frames' unknowns: for each a step of its pose, and its free weights as such.

    Attributes:
        normal: ``(..., N_UNKNOWNS, N_UNKNOWNS)``; right: ``(..., N_UNKNOWNS)``.
    """

    normal: Array
    right: Array

    @staticmethod
    def of_steps(normal: FloatArray, right: FloatArray, weights: Array) -> "Equations":
        """Those whose unknowns are steps from weights ``(..., 52)``, with the free weights in their place."""
        own = np.asarray(normal, np.float64)
        moved = own[..., N_POSE:] @ weights[..., FREE, None]
        return Equations(own, right + moved[..., 0])


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
        here = poses.part(np.array([frame]))
        right_of, above = self._points.slopes(weights[None], here)[0]
        told = np.empty((2, *right_of.shape), np.float32)
        for i, (across, up) in enumerate(misses.tellings.transpose(1, 2, 0)[..., None]):
            np.multiply(across, right_of, out=told[i])
            told[i] += up * above
        flat = told.reshape(-1, N_UNKNOWNS)
        target = np.einsum("cij,cj->ic", misses.tellings, misses.away).ravel()
        normal, right = _squares(flat, target, target, misses.weights)
        for _ in range(ROUNDS - 1):
            step = np.linalg.solve(normal + self._prior, right).astype(np.float32)
            normal, right = _squares(flat, target, target - flat @ step, misses.weights)
        return Equations.of_steps(normal, right, weights)


def _squares(
    slopes: FloatArray, target: FloatArray, left: FloatArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Normal matrix and right side of C cells whose two errors lie C apart.

    Args:
        slopes: ``(2C, N_UNKNOWNS)``; target: ``(2C,)``.
        left: ``(2C,)`` errors after a step, by which a cell is believed.
        weights: ``(C,)`` 0 to 1.
    """
    off = left.reshape(2, -1)
    root = np.sqrt(weights / (1 + (off * off).sum(axis=0) / CAUCHY**2)) / FLOW_SIGMA
    scaled = (slopes.reshape(2, -1, N_UNKNOWNS) * root[:, None]).reshape(-1, N_UNKNOWNS)
    across, wanted = scaled.T, (target.reshape(2, -1) * root).ravel()
    return across @ scaled, across @ wanted
