# SPDX-License-Identifier: GPL-3.0-or-later
"""Held-out portraits, measured against the labelling tool's 468 points."""

from pathlib import Path

import numpy as np
from mien.core.crop import box_around_landmarks, crop_to_image, cut
from mien.core.head import Head
from mien.core.params import split
from mien.core.regressor import Regressor

from ..labels.store import LabelledPhoto, load_labels
from ..split import split_photos
from .errors import Measured, box_side


def measure_portraits(labels: Path, head: Head, regressor: Regressor) -> list[Measured]:
    """Regress the portraits that :mod:`training.split` keeps from training.

    Each is cropped by the landmarks of the head laid on it; the error is that of the 468 points.
    """
    return [
        _measure(photo, head, regressor) for photo in split_photos(load_labels(labels, head))[1]
    ]


def _measure(photo: LabelledPhoto, head: Head, regressor: Regressor) -> Measured:
    identity = photo.identity.astype(np.float32)
    landmarks = head.at_landmarks()
    expression = photo.units @ head.units_to_expression
    placed = landmarks.project(photo.transform, identity, expression)[:, :2] * [1, -1]
    box = box_around_landmarks(placed.astype(np.float32))
    out = regressor.run(cut(photo.image, box)[None])
    points = head.at_mediapipe().project(*split(out.params[0]))
    predicted = crop_to_image(points, np.array(box, np.float32))[:, :2]
    return Measured(photo.name, photo.image, predicted, photo.points, box_side(photo.points))
