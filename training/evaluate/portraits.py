# SPDX-License-Identifier: GPL-3.0-or-later
"""Held-out portraits against the labelling tool: its 468 points, and the turn of the head laid on them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from mien.core.capture.regressor import Regressor
from mien.core.model.crop import box_around_landmarks, cut
from mien.core.model.head import Head
from mien.core.model.params import FloatArray, decompose, split

from ..geometry.landmarks import box_side, signed_yaw
from ..labels.split import split_photos
from ..labels.store import LabelledPhoto, load_labels
from .errors import Measured, mean_error
from .regress_still import regress_still
from .report import Report

TURNED = 15.0
"""Degrees of yaw beyond which a portrait is one of a turned head; few are."""


@dataclass(frozen=True)
class Portraits:
    """Portraits, measured; n faces.

    Attributes:
        faces: with 468 points.
        labelled, predicted: ``(n, 3, 3)`` the head's rotation.
    """

    faces: list[Measured]
    labelled: FloatArray
    predicted: FloatArray


def measure_portraits(labels: Path, head: Head, regressor: Regressor) -> Portraits:
    """Regress the portraits that :mod:`training.labels.split` keeps from training.

    Each is cropped by the landmarks of the head laid on it; the error is that of the 468 points.
    """
    photos = split_photos(load_labels(labels, head))[1]
    measured = [_measure(photo, head, regressor) for photo in photos]
    return Portraits(
        [face for face, _ in measured],
        np.stack([photo.turn for photo in photos]),
        np.stack([rotation for _, rotation in measured]),
    )


def report_portraits(measured: Portraits, report: Report) -> None:
    """Print the error of all and of turned heads, and how much of their turn is seen.

    A share of the turn under 1 says that heads are taken for less turned than they are; points on a plane would
    not show it.
    """
    report.note("portraits", "all468", mean_error(measured.faces), "%", len(measured.faces))
    labelled, predicted = (signed_yaw(turn) for turn in (measured.labelled, measured.predicted))
    turned = np.abs(labelled) > TURNED
    if turned.any():
        faces = [face for face, here in zip(measured.faces, turned, strict=True) if here]
        report.note("portraits", "turned468", mean_error(faces), "%", len(faces))
        seen = float(np.median(predicted[turned] / labelled[turned]))
        report.note("portraits", "yaw_seen", seen, "", len(faces))
    report.worst("portraits", measured.faces)


def _measure(photo: LabelledPhoto, head: Head, regressor: Regressor) -> tuple[Measured, FloatArray]:
    box = box_around_landmarks(photo.landmarks(head))
    predicted, params = regress_still(cut(photo.image, box), box, head.mediapipe_model(), regressor)
    rotation = decompose(split(params).transform).rotation.reshape(3, 3)
    return (
        Measured(photo.name, photo.image, predicted, photo.points, box_side(photo.points)),
        rotation,
    )
