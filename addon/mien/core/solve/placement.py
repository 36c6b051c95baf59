# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the head stands before a perspective camera, from a pose measured without perspective.

The capture knows the head's scale in pixels a metre and its place in the image; a scene wants
metres. Seen through a lens of focal length F pixels, a head of f pixels a metre is F / f metres
away. A long lens keeps what perspective changes within the head small, which is what a camera that
looks at the footage wants; a usual lens gives distances as they probably were. The head is turned
by the direction in which the camera sees it, so that it shows the same face.
"""

from typing import NamedTuple

import numpy as np
from scipy.spatial.transform import Rotation

from ..model.params import FloatArray
from ..model.rotation import to_matrices, to_quaternions, unroll
from .motion import Motion

LENS = 4.0
"""Focal length over the longer side of the picture: a 144 mm lens on a 36 mm sensor."""
USUAL_LENS = 1.0
"""What footage of people is mostly taken with, between a webcam's 0.7 and a portrait lens's 2."""


class Placement(NamedTuple):
    """The head and the camera in camera axes (right, up, toward the viewer), in metres.

    Attributes:
        camera: ``(3,)`` where the camera stands.
        position: ``(F, 3)`` of the model's origin, around zero.
        rotation: ``(F, 3, 3)``.
    """

    camera: FloatArray
    position: FloatArray
    rotation: FloatArray


def focal_length(width: int, height: int, lens: float = LENS) -> float:
    """Focal length in pixels of the camera for footage of this size."""
    return lens * max(width, height)


def place_head(motion: Motion, camera: FloatArray | None = None, lens: float = LENS) -> Placement:
    """Put the head before the camera so that it covers the face in every frame.

    Args:
        motion: where the head is seen.
        camera: where the camera stands already; by default the head's usual place is the origin.
        lens: focal length over the longer side of the picture.
    """
    focal = focal_length(motion.width, motion.height, lens)
    depth = focal / motion.scale
    centre = np.array([(motion.width - 1) / 2, (motion.height - 1) / 2], np.float32)
    away = (motion.position - centre) * np.array([1, -1], np.float32) / focal
    seen = np.column_stack([away * depth[:, None], -depth]).astype(np.float32)
    if camera is None:
        camera = -np.median(seen, axis=0)
    direction = np.column_stack([-away, np.ones(len(away))])  # from the head to the camera
    turned = toward(direction) @ to_matrices(motion.rotation)
    rotation = to_matrices(unroll(to_quaternions(turned)))
    return Placement(camera.astype(np.float32), seen + camera, rotation)


def toward(directions: FloatArray) -> FloatArray:
    """Shortest rotations ``(F, 3, 3)`` that turn the z axis to directions ``(F, 3)``."""
    unit = directions / np.linalg.norm(directions, axis=1, keepdims=True)
    axis = np.cross([0.0, 0.0, 1.0], unit)
    sine = np.linalg.norm(axis, axis=1, keepdims=True)
    angle = np.arctan2(sine[:, 0], unit[:, 2])
    vector = axis / np.maximum(sine, 1e-9) * angle[:, None]
    return Rotation.from_rotvec(vector).as_matrix().astype(np.float32)
