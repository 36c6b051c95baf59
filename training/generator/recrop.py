# SPDX-License-Identifier: GPL-3.0-or-later
"""A portrait as it is, turned in the plane and framed anew."""

import cv2
import numpy as np
from mien.core.model.crop import LANDMARK_MARGIN
from mien.core.model.params import CROP_SIZE
from numpy.typing import NDArray

from ..labels.store import LabelledPhoto
from .anatomy import Anatomy
from .sampling import draw_roll
from .scene import draw_framing

F = NDArray[np.float32]


def reframed(
    rng: np.random.Generator, photo: LabelledPhoto, anatomy: Anatomy
) -> tuple[F, F, NDArray[np.float64]]:
    """A crop of the photo, framed anew.

    Returns:
        The crop ``(120, 120, 3)`` BGR, the T ``(3, 4)`` of its face in it, and the matrix ``(2, 3)`` that takes
        the photo's pixels to the crop's.
    """
    roll = np.radians(draw_roll(rng))
    framing = draw_framing(rng)
    transform = photo.transform
    cosine, sine = np.cos(roll), np.sin(roll)
    turn = np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])
    linear = turn @ transform[:, :3]
    points = _landmarks(photo, anatomy) @ linear.T
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    side = float((high - low).max()) * LANDMARK_MARGIN * framing.size
    scale = CROP_SIZE / side
    shift = -scale * (low + high) / 2 - framing.shift * CROP_SIZE
    # Crop pixel c (centred, y up) shows photo point p (y up): c = s turn (p - t) + shift.
    forward = scale * turn[:2, :2]
    offset = shift - forward @ transform[:2, 3]
    flip = np.diag([1.0, -1.0])
    matrix = np.column_stack([flip @ forward @ flip, flip @ offset + (CROP_SIZE - 1) / 2])
    border = cv2.BORDER_REPLICATE if rng.random() < 0.5 else cv2.BORDER_CONSTANT
    flags = cv2.INTER_AREA if scale < 0.5 else cv2.INTER_LINEAR
    picture = cv2.warpAffine(
        photo.image, matrix, (CROP_SIZE, CROP_SIZE), flags=flags, borderMode=border
    ).astype(np.float32)
    placed = np.column_stack([scale * linear, [*shift, 0.0]]).astype(np.float32)
    return picture, placed, np.asarray(matrix, np.float64)


def _landmarks(photo: LabelledPhoto, anatomy: Anatomy) -> F:
    head = anatomy.head
    flat = head.vertices.ravel() + photo.identity @ anatomy.identity
    return head.take_landmarks((flat + photo.blendshapes @ anatomy.blendshapes).reshape(-1, 3))
