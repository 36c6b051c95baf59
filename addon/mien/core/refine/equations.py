# SPDX-License-Identifier: GPL-3.0-or-later
"""One frame's normal equations: pose and weights from what the flow says of the cells."""

from typing import NamedTuple

import numpy as np

from ..model.arkit import ARKIT_BLENDSHAPES, N_BLENDSHAPES, UNSEEN
from ..model.params import FloatArray
from .flow import Misses
from .poses import N_POSE, Array, Poses
from .stabilise import Surface

FREE = np.array(
    [
        i
        for i, name in enumerate(ARKIT_BLENDSHAPES)
        if not name.startswith("eye") and name not in UNSEEN
    ]
)
"""The weights that are refined. Eyes are too small in the canonical picture, and what no photo is labelled
with stays as it is."""
N_FREE = len(FREE)
"""How many those are."""
N_UNKNOWNS = N_POSE + N_FREE
"""Of a frame: its pose, then the refined weights."""
FLOW_SIGMA = 1.8
"""Spread of a cell's flow, pixels. Neighbours err alike, so it is more than that of one cell."""
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


class Measurer:
    """Builds the equations of a surface's frames."""

    def __init__(self, surface: Surface, prior: Array) -> None:
        """Prepare.

        Args:
            surface: of the person.
            prior: ``(N_UNKNOWNS,)`` inverse variances of step and weights, used to judge misses only.
        """
        points = surface.canonical.points
        self._still = points @ surface.still.reshape(-1, 3)
        moves = np.stack(
            [points @ unit for unit in surface.blendshapes.reshape(N_BLENDSHAPES, -1, 3)]
        )
        self._all = moves.reshape(N_BLENDSHAPES, -1)
        self._free = np.ascontiguousarray(moves[FREE].transpose(2, 1, 0).reshape(3, -1))
        self._prior = np.diag(prior)

    def equations(self, misses: Misses, weights: Array, poses: Poses, frame: int) -> Equations:
        """The equations at some weights ``(52,)`` and a frame's pose, without the prior."""
        flat = self._slopes(weights, poses, frame).reshape(-1, N_UNKNOWNS)
        target = misses.away.T.ravel()
        step = np.zeros(N_UNKNOWNS, np.float32)
        for _ in range(ROUNDS):
            left = (target - flat @ step).reshape(2, -1)
            sure = misses.weights / (1 + (left**2).sum(axis=0) / CAUCHY**2) / FLOW_SIGMA**2
            across = (flat * np.tile(sure, 2)[:, None]).T
            normal, right = across @ flat, across @ target
            step = np.linalg.solve(normal + self._prior, right).astype(np.float32)
        here = np.zeros(N_UNKNOWNS)
        here[N_POSE:] = weights[FREE]
        return Equations(normal, right + normal @ here)

    def _slopes(self, weights: Array, poses: Poses, frame: int) -> FloatArray:
        """Derivatives ``(2, C, N_UNKNOWNS)`` of the cells' places by the unknowns."""
        shape = self._still + (weights.astype(np.float32) @ self._all).reshape(-1, 3)
        rows = (poses.scale[frame] * poses.rotation[frame]).astype(np.float32)
        x, y, z = (shape @ rows.T).T
        out = np.zeros((2, len(shape), N_UNKNOWNS), np.float32)
        out[0, :, 0], out[1, :, 0] = x, y
        out[0, :, 2], out[0, :, 3] = z, -y
        out[1, :, 1], out[1, :, 3] = -z, x
        out[0, :, 4] = out[1, :, 5] = 1
        out[..., N_POSE:] = (rows[:2] @ self._free).reshape(2, len(shape), N_FREE)
        return out
