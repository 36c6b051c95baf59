# SPDX-License-Identifier: GPL-3.0-or-later
"""Held-out portraits turned in the picture's plane, all the way round: film of people who lie, or held askew."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from mien.core.capture.regressor import Regressor
from mien.core.capture.tracker import MIN_CONFIDENCE
from mien.core.model.crop import ImageArray, box_around_landmarks, crop_to_image, cut
from mien.core.model.head import Head
from mien.core.model.params import FloatArray, split
from tqdm import tqdm

from ..geometry.landmarks import box_side
from ..labels.split import split_photos
from ..labels.store import LabelledPhoto, load_labels
from .acting_figures import mean_of
from .report import Report

ROLLS = tuple(range(-150, 181, 30))
"""Degrees by which each portrait is turned, counter-clockwise."""
PARTS = (("upright", 0, 0), ("30-60", 30, 60), ("over60", 61, 150), ("upside_down", 180, 180))
"""Names of parts of the rolls, least and most of each, to either side."""
WRONG = 0.1
"""An error above this share of the face's box is a face that was invented."""


@dataclass(frozen=True)
class Rolled:
    """Every portrait at every roll; n in number.

    Attributes:
        roll: ``(n,)`` degrees by which the picture was turned.
        error: ``(n,)`` of the 468 points, as a share of the box.
        confidence: ``(n,)`` of the network.
    """

    roll: FloatArray
    error: FloatArray
    confidence: FloatArray


def measure_rolled(labels: Path, head: Head, regressor: Regressor) -> Rolled:
    """Regress the portraits that training never sees at :data:`ROLLS`.

    Each is cropped by the landmarks of the head laid on it, turned with it.
    """
    photos = split_photos(load_labels(labels, head))[1]
    points = head.mediapipe_model()
    rows = []
    for photo in tqdm(photos, unit="portrait", leave=False):
        for roll in ROLLS:
            image, landmarks, truth = turned_in_plane(photo, head, roll)
            box = box_around_landmarks(landmarks)
            seen = regressor.run(cut(image, box)[None])
            found = points.project(*split(seen.params[0]))
            found = crop_to_image(found, np.array(box, np.float32))[:, :2]
            away = np.linalg.norm(found - truth, axis=1).mean()
            # The box of the upright face, or turning alone would change the error.
            rows.append((roll, away / box_side(photo.points), float(seen.confidence[0])))
    return Rolled(*np.array(rows, np.float32).T)


def turned_in_plane(
    photo: LabelledPhoto, head: Head, roll: float
) -> tuple[ImageArray, FloatArray, FloatArray]:
    """A portrait turned by degrees counter-clockwise: picture, landmarks ``(68, 2)``, points ``(468, 2)``."""
    height, width = photo.image.shape[:2]
    side = int(np.ceil(np.hypot(height, width)))
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), roll, 1.0)
    matrix[:, 2] += [(side - width) / 2, (side - height) / 2]
    image = cv2.warpAffine(photo.image, matrix, (side, side), borderMode=cv2.BORDER_REPLICATE)
    landmarks, points = (
        (p @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)
        for p in (photo.landmarks(head), photo.points)
    )
    return image.astype(np.uint8), landmarks, points


def report_rolled(measured: Rolled, report: Report) -> None:
    """Print errors and confidence by roll, and how many of the invented faces are believed."""
    means = {}
    for name, least, most in PARTS:
        here = (np.abs(measured.roll) >= least) & (np.abs(measured.roll) <= most)
        count = int(here.sum())
        means[name] = mean_of(measured.error[here])
        report.note("rolled", name, means[name], "%", count)
        report.note(
            "rolled", f"{name}_sure", float(np.median(measured.confidence[here])), "", count
        )
        seen = mean_of(measured.confidence[here] >= MIN_CONFIDENCE)
        report.note("rolled", f"{name}_believed", seen, "%", count)
    report.note(
        "rolled", "over60_by_upright", means["over60"] / means["upright"], "", len(measured.roll)
    )
    wrong = measured.error > WRONG
    believed = mean_of(measured.confidence[wrong] >= MIN_CONFIDENCE)
    report.note("rolled", "wrong", float(wrong.mean()), "%", len(wrong))
    report.note("rolled", "wrong_believed", believed, "%", int(wrong.sum()))
