# SPDX-License-Identifier: GPL-3.0-or-later
"""How the landmarks in the picture move with pose, expression and identity: the solve's linear algebra."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from ..model.head import Head
from ..model.params import N_EXPRESSION, N_IDENTITY, FloatArray, decompose, split
from ..model.point_model import PointModel

Array = NDArray[np.float64]

N_FRAME = 6 + N_EXPRESSION
"""Unknowns of a frame: log of the scale, rotation vector in crop axes, translation, expression."""
LANDMARK_SIGMA = 1.0
"""Spread of a landmark in the picture, crop pixels. It and those below are how far the network errs
on drawn faces from frame to frame; only what they are to each other matters. The expression's is twice that:
part of what a real face does, such as how wide the mouth is, the network tells by an identity that changes,
and with one identity for all frames the expression has to say it."""
FRAME_SIGMA: Array = np.array([0.03, *[np.radians(2.0)] * 3, 2.0, 2.0, *[0.4] * N_EXPRESSION])
"""Of a frame's unknowns in their order: logarithm of the scale, radians, crop pixels, standard deviations."""
IDENTITY_SIGMA = 0.5
"""Of a trait, in standard deviations."""
HIDDEN = 0.15
"""Weight of a landmark on the far side of the head, which the picture does not show."""


@dataclass(frozen=True)
class Frames:
    """Poses and expressions of F frames, in crop space.

    Attributes:
        scale: ``(F,)`` crop pixels a metre.
        rotation: ``(F, 3, 3)`` model axes to crop axes.
        translation: ``(F, 2)`` crop pixels.
        expression: ``(F, 10)``.
    """

    scale: Array
    rotation: Array
    translation: Array
    expression: Array

    @staticmethod
    def of(params: FloatArray) -> "Frames":
        """What the network said: parameters ``(F, 62)``."""
        transform, _, expression = split(params)
        pose = decompose(transform)
        return Frames(
            pose.scale.astype(np.float64),
            pose.rotation.astype(np.float64),
            pose.translation[:, :2].astype(np.float64),
            expression.astype(np.float64),
        )

    def part(self, rows: NDArray[np.int64]) -> "Frames":
        """Some of the frames."""
        return Frames(
            self.scale[rows], self.rotation[rows], self.translation[rows], self.expression[rows]
        )

    def resting_at(self, expression: float | FloatArray) -> "Frames":
        """The same with an expression ``(10,)`` at rest taken off."""
        return replace(self, expression=self.expression - expression)

    def retract(self, step: Array) -> "Frames":
        """The frames after a step ``(F, 16)`` of their unknowns."""
        turn = Rotation.from_rotvec(step[:, 1:4]).as_matrix()
        return Frames(
            self.scale * np.exp(step[:, 0]),
            turn @ self.rotation,
            self.translation + step[:, 4:6],
            self.expression + step[:, 6:],
        )

    def local_coordinates(self, other: "Frames") -> Array:
        """The step ``(F, 16)`` that leads from ``other`` to these frames."""
        turn = Rotation.from_matrix(self.rotation @ other.rotation.transpose(0, 2, 1))
        return np.column_stack(
            [
                np.log(self.scale / other.scale),
                turn.as_rotvec(),
                self.translation - other.translation,
                self.expression - other.expression,
            ]
        )


class Reprojection:
    """The 68 landmarks as functions of the unknowns, and where the network saw them."""

    def __init__(self, head: Head) -> None:
        model: PointModel = head.landmark_model()
        self._mean = model.mean.astype(np.float64)
        self._identity = model.identity.astype(np.float64)
        self._expression = model.expression.astype(np.float64)
        self._model = model
        self._normals = landmark_normals(head)

    def seen(self, params: FloatArray) -> Array:
        """Where raw parameters ``(F, 62)`` put the landmarks: ``(F, 2, 68)`` crop pixels."""
        return self._model.project(*split(params))[..., :2].transpose(0, 2, 1).astype(np.float64)

    def weights(self, rotation: Array) -> Array:
        """How much each landmark counts ``(F, 68)``: all that face the camera, few of the others."""
        facing = rotation[:, 2] @ self._normals.T
        return np.clip(2 * facing + 0.6, HIDDEN, 1) / LANDMARK_SIGMA**2

    def project(self, identity: Array, frames: Frames) -> Array:
        """Landmarks ``(F, 2, 68)`` of one identity ``(40,)`` in some frames, crop pixels."""
        flat = self._turned(identity, frames)[:, :2]
        return frames.scale[:, None, None] * flat + frames.translation[..., None]

    def jacobian(self, identity: Array, frames: Frames) -> tuple[Array, Array]:
        """Derivatives of :meth:`project`: by a frame's unknowns ``(F, 136, 16)``, by identity ``(F, 136, 40)``."""
        count, points = len(frames.scale), len(self._mean)
        turned = frames.scale[:, None, None] * self._turned(identity, frames)
        out = np.zeros((count, 2, points, N_FRAME))
        out[..., 0] = turned[:, :2]
        out[:, 0, :, 2], out[:, 0, :, 3] = turned[:, 2], -turned[:, 1]
        out[:, 1, :, 1], out[:, 1, :, 3] = -turned[:, 2], turned[:, 0]
        out[:, 0, :, 4] = out[:, 1, :, 5] = 1
        rows = (frames.scale[:, None, None] * frames.rotation[:, :2]).reshape(-1, 3)
        out[..., 6:] = _through(rows, self._expression, count)
        by_identity = _through(rows, self._identity, count)
        return out.reshape(count, -1, N_FRAME), by_identity.reshape(count, -1, N_IDENTITY)

    def _turned(self, identity: Array, frames: Frames) -> Array:
        """The landmarks ``(F, 3, 68)`` turned as the frames have it, metres."""
        still = self._mean + np.tensordot(identity, self._identity, axes=1)
        shape = still + np.tensordot(frames.expression, self._expression, axes=1)
        return frames.rotation @ shape.transpose(0, 2, 1)


def _through(rows: Array, basis: Array, count: int) -> Array:
    """A basis ``(C, K, 3)`` seen through rows ``(2F, 3)`` of matrices: ``(F, 2, K, C)``."""
    components, points, _ = basis.shape
    flat = basis.transpose(2, 1, 0).reshape(3, -1)
    return (rows @ flat).reshape(count, 2, points, components)


def landmark_normals(head: Head) -> Array:
    """Outward unit normals ``(68, 3)`` of the mean head at its landmarks."""
    corners = head.vertices[head.quads].astype(np.float64)
    across = np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
    normals = np.zeros(head.vertices.shape)
    for corner in head.quads.T:
        np.add.at(normals, corner, across)
    found = head.landmark_places.on(normals)
    return found / np.linalg.norm(found, axis=1, keepdims=True)
