# SPDX-License-Identifier: GPL-3.0-or-later
"""Poses and weights of a take's frames while they are refined, in the space of the cut-outs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from ..model.crop import CropBox
from ..model.params import FloatArray
from ..model.rotation import to_matrices
from ..solve.motion import Motion
from .canonical import SIDE, Canonical

Array = NDArray[np.float64]

MARGIN = 1.25
"""Side of a cut-out over that of the canonical picture: the head turns, and its pose may be off."""
CUT = int(SIDE * MARGIN)
"""Side of a cut-out in pixels, as large as the canonical picture's on a head that looks ahead."""
N_POSE = 6
"""Unknowns of a pose: log of the scale, rotation vector in picture axes, place."""


@dataclass(frozen=True)
class Poses:
    """Where the head is in the cut-outs of F frames: x right, y up, pixels from the middle.

    Attributes:
        scale: ``(F,)`` pixels a metre.
        rotation: ``(F, 3, 3)`` model axes to x right, y up, z to the viewer.
        place: ``(F, 2)`` of the model's origin.
    """

    scale: Array
    rotation: Array
    place: Array

    def part(self, rows: NDArray[np.int64] | slice) -> "Poses":
        """Those of some frames."""
        return Poses(self.scale[rows], self.rotation[rows], self.place[rows])

    def retract(self, step: Array) -> "Poses":
        """The poses after a step ``(F, 6)`` of their unknowns."""
        turn = Rotation.from_rotvec(step[:, 1:4]).as_matrix()
        return Poses(
            self.scale * np.exp(step[:, 0]), turn @ self.rotation, self.place + step[:, 4:6]
        )

    def local_coordinates(self, other: "Poses") -> Array:
        """The step ``(F, 6)`` that leads from the other poses to these."""
        turn = Rotation.from_matrix(self.rotation @ other.rotation.transpose(0, 2, 1))
        scale = np.log(self.scale / other.scale)
        return np.column_stack([scale, turn.as_rotvec(), self.place - other.place])


def degrees_turned(rotation: Array) -> Array:
    """How far faces ``(..., 3, 3)`` are turned away from the camera, ``(...)``."""
    return np.asarray(np.degrees(np.arccos(np.clip(rotation[..., 2, 2], -1, 1))))


def boxes_of(motion: Motion, canonical: Canonical) -> list[CropBox]:
    """Which part of each frame is cut out: a square about the face that grows and moves with the head."""
    middle = canonical.middle
    turned = to_matrices(motion.rotation) @ middle
    centres = motion.position + motion.scale[:, None] * turned[:, :2] * [1, -1]
    sides = motion.scale * (CUT * canonical.metres)
    return [CropBox(float(x), float(y), float(s)) for (x, y), s in zip(centres, sides, strict=True)]


def poses_of(motion: Motion, boxes: list[CropBox]) -> Poses:
    """The solve's poses in the cut-outs."""
    box = np.array(boxes, np.float64)
    zoom = CUT / box[:, 2]
    place = (motion.position - box[:, :2]) * zoom[:, None] * [1, -1]
    return Poses(motion.scale * zoom, to_matrices(motion.rotation).astype(np.float64), place)


def in_footage(poses: Poses, boxes: list[CropBox]) -> tuple[FloatArray, FloatArray]:
    """Back again: position ``(F, 2)`` in image pixels and scale ``(F,)``, image pixels a metre."""
    box = np.array(boxes, np.float64)
    zoom = box[:, 2] / CUT
    position = box[:, :2] + poses.place * zoom[:, None] * [1, -1]
    return position.astype(np.float32), (poses.scale * zoom).astype(np.float32)
