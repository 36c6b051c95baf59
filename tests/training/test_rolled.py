# SPDX-License-Identifier: GPL-3.0-or-later
"""Portraits turned in the picture's plane."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from mien.core.capture.capture import Models
from mien.core.capture.tracker import MIN_CONFIDENCE

from training.evaluate import rolled
from training.evaluate.report import Report
from training.evaluate.rolled import Rolled, measure_rolled, report_rolled, turned_in_plane
from training.labels.split import split_photos
from training.labels.store import LabelledPhoto, load_labels


@pytest.mark.parametrize("roll", [0.0, 30.0, 90.0, 180.0, -120.0])
def test_picture_and_points_turn_together(
    photos: list[LabelledPhoto], models: Models, roll: float
) -> None:
    photo = photos[0]
    marked = np.zeros_like(photo.image)
    x, y = np.round(photo.points[33]).astype(int)
    marked[y - 1 : y + 2, x - 1 : x + 2] = 255
    image, landmarks, points = turned_in_plane(replace(photo, image=marked), models.head, roll)
    rows, columns = np.nonzero(image[..., 0] > 100)
    assert np.hypot(columns.mean() - points[33, 0], rows.mean() - points[33, 1]) < 1
    own = photo.landmarks(models.head)
    before, after = (
        np.linalg.norm(marks[:, None] - p[None], axis=2)
        for marks, p in ((own, photo.points), (landmarks, points))
    )
    assert np.allclose(before, after, atol=1e-2)
    eyes, turned = (p[263] - p[33] for p in (photo.points, points))
    turn = np.degrees(np.arctan2(-turned[1], turned[0]) - np.arctan2(-eyes[1], eyes[0]))
    assert np.isclose((turn - roll + 180) % 360, 180, atol=0.1)


def test_an_upright_face_is_seen_better_than_one_that_stands_on_its_head(
    labels: Path, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rolled, "ROLLS", (0, 180))
    found = measure_rolled(labels, models.head, models.regressor)
    held = split_photos(load_labels(labels, models.head))[1]
    assert len(found.roll) == 2 * len(held) > 0
    upright = found.roll == 0
    assert found.error[upright].max() < 0.04
    assert found.error[~upright].mean() > found.error[upright].mean()
    assert ((found.confidence >= 0) & (found.confidence <= 1)).all()


def test_the_table_parts_the_rolls_and_counts_believed_inventions(tmp_path: Path) -> None:
    roll = np.array([0, 30, -60, 90, -150, 180], np.float32)
    error = np.array([0.01, 0.02, 0.04, 0.02, 0.2, 0.5], np.float32)
    sure = np.array([1, 1, 1, 1, MIN_CONFIDENCE, MIN_CONFIDENCE - 0.1], np.float32)
    report = Report(tmp_path)
    report_rolled(Rolled(roll, error, sure), report)
    shown = report.figures
    assert shown["rolled_upright"] == "1.00%"
    assert shown["rolled_30-60"] == "3.00%"
    assert shown["rolled_over60"] == "11.00%"
    assert shown["rolled_upside_down"] == "50.00%"
    assert shown["rolled_upside_down_believed"] == "0.00%"
    assert shown["rolled_over60_by_upright"] == "11.000"
    assert shown["rolled_wrong_believed"] == "50.00%"
