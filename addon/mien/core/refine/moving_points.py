# SPDX-License-Identifier: GPL-3.0-or-later
"""Points on a face that weights move: where they are, and how they answer to a frame's unknowns."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..model.arkit import ARKIT_BLENDSHAPES, N_BLENDSHAPES, UNSEEN
from ..model.params import FloatArray
from .poses import N_POSE, Array, Poses

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


@dataclass(frozen=True)
class MovingPoints:
    """M points.

    Attributes:
        still: ``(M, 3)`` where they are at rest, metres in model space.
        moves: ``(52, M, 3)`` how far a weight of 1 moves them.
    """

    still: FloatArray
    moves: FloatArray

    @cached_property
    def _all(self) -> FloatArray:
        return np.ascontiguousarray(self.moves.reshape(N_BLENDSHAPES, -1))

    @cached_property
    def _free(self) -> FloatArray:
        return np.ascontiguousarray(self.moves[FREE].transpose(2, 1, 0).reshape(3, -1))

    def turned(self, weights: Array, poses: Poses) -> FloatArray:
        """The points ``(F, M, 3)`` with weights ``(F, 52)``, turned and scaled as the heads are, pixels."""
        moved = (weights.astype(np.float32) @ self._all).reshape(len(weights), -1, 3)
        rows = (poses.scale[:, None, None] * poses.rotation).astype(np.float32)
        return (self.still + moved) @ rows.transpose(0, 2, 1)

    def slopes(self, weights: Array, poses: Poses) -> FloatArray:
        """Derivatives ``(F, 2, M, N_UNKNOWNS)`` of the points' places in the cut-outs by the unknowns."""
        x, y, z = np.moveaxis(self.turned(weights, poses), 2, 0)
        rows = (poses.scale[:, None, None] * poses.rotation[:, :2]).astype(np.float32)
        out = np.zeros((len(x), 2, x.shape[1], N_UNKNOWNS), np.float32)
        out[:, 0, :, 0], out[:, 1, :, 0] = x, y
        out[:, 0, :, 2], out[:, 0, :, 3] = z, -y
        out[:, 1, :, 1], out[:, 1, :, 3] = -z, x
        out[:, 0, :, 4] = out[:, 1, :, 5] = 1
        out[..., N_POSE:] = (rows @ self._free).reshape(*out.shape[:3], N_FREE)
        return out
