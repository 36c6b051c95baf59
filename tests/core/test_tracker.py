# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import numpy as np
import pytest
from mien.core.capture.capture import Models
from mien.core.capture.finder import Face
from mien.core.capture.sources import Frame, open_source
from mien.core.capture.tracker import PATIENCE, Tracker
from mien.core.model.crop import ImageArray


class Counting:
    """The shipped finder, counting how often it is asked."""

    def __init__(self, models: Models) -> None:
        self.models, self.calls = models, 0

    def find(self, image: ImageArray) -> list[Face]:
        self.calls += 1
        return self.models.finder.find(image)


@pytest.fixture(scope="module")
def frames(clip: Path) -> list[Frame]:
    return list(open_source(clip))[:40]


def tracker_of(models: Models) -> tuple[Tracker, Counting]:
    finder = Counting(models)
    return Tracker(models.regressor, models.head.landmark_model(), finder), finder


def test_a_face_is_searched_once_and_then_followed(models: Models, frames: list[Frame]) -> None:
    tracker, finder = tracker_of(models)
    tracked = [tracker.step(f.image, f.time) for f in frames]
    assert all(t is not None for t in tracked)
    assert finder.calls == 1


def test_a_cut_to_black_is_lost_and_the_face_comes_back(
    models: Models, frames: list[Frame]
) -> None:
    tracker, _ = tracker_of(models)
    seen = []
    for index, frame in enumerate(frames):
        dark = 10 <= index < 14
        image = np.zeros_like(frame.image) if dark else frame.image
        seen.append(tracker.step(image, frame.time) is not None)
    assert all(seen[:10])
    assert not any(seen[10:14])
    assert all(seen[14:])


def test_while_lost_the_frame_is_searched_now_and_then_only(
    models: Models, frames: list[Frame]
) -> None:
    tracker, finder = tracker_of(models)
    black = np.zeros_like(frames[0].image)
    for index in range(60):
        assert tracker.step(black, index / 30) is None
    assert 5 <= finder.calls <= 2 / PATIENCE + 5


def test_a_finder_that_misses_the_first_frame_is_asked_again_on_the_next(
    models: Models, frames: list[Frame]
) -> None:
    # In frame 30 of the clip the shipped finder sees nothing; ten frames a second leave few chances.
    tracker, _ = tracker_of(models)
    seen = [tracker.step(f.image, f.time) is not None for f in frames[30::3]]
    assert all(seen[1:])


def test_a_jump_of_a_third_of_the_face_is_followed(models: Models, frames: list[Frame]) -> None:
    tracker, finder = tracker_of(models)
    first = tracker.step(frames[0].image, 0.0)
    moved = np.roll(frames[1].image, 20, axis=1)
    second = tracker.step(moved, 1 / 30)
    third = tracker.step(moved, 2 / 30)
    assert first is not None
    assert second is not None
    assert third is not None
    assert 14 < third.box.x - first.box.x < 26
    assert finder.calls == 1


def test_of_two_faces_the_larger_is_taken(models: Models, frames: list[Frame]) -> None:
    import cv2

    picture = frames[0].image
    wide = np.zeros((288, 600, 3), np.uint8)
    wide[60:204, : picture.shape[1]] = picture
    wide[:, 214:] = cv2.resize(picture, None, fx=2, fy=2)
    tracker, _ = tracker_of(models)
    tracked = tracker.step(wide, 0.0)
    assert tracked is not None
    assert tracked.box.x > 300
