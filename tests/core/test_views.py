# SPDX-License-Identifier: GPL-3.0-or-later
"""Footage seen straight and in a mirror in turn: how often, and what comes out."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.core.capture.alternating_views import AlternatingViews, SeenView, in_one_crop
from mien.core.capture.capture import Models, capture, load_models
from mien.core.capture.regressor import Regression
from mien.core.capture.sources import Frame, open_source
from mien.core.capture.view_mean import REACH, ViewMean
from mien.core.model.arkit import N_BLENDSHAPES
from mien.core.model.crop import CropBox, crop_to_image, cut, recrop
from mien.core.model.params import N_PARAMS, POSE, FloatArray, split
from mien.core.take.take import RECORD
from numpy.typing import NDArray

SIZE = N_PARAMS + N_BLENDSHAPES
BOX = CropBox(90.0, 76.0, 85.0)


def row(box: CropBox = BOX) -> NDArray[np.void]:
    blank = np.zeros(1, RECORD)
    blank["box"] = box
    return blank


def through(frames: list[SeenView]) -> NDArray[np.float32]:
    mean = ViewMean()
    rows = [r for seen in frames for r in mean.add(row(seen.box), seen)] + mean.rest()
    whole = np.concatenate(rows)
    assert len(whole) == len(frames)
    return np.concatenate([whole["params"], whole["units"]], axis=1)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**31), count=st.integers(5, 20))
def test_views_in_turn_give_the_mean_of_both(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    time = np.linspace(-1, 1, count)[:, None]
    # An even motion with a constant difference of the views, and crops that move by themselves.
    truth = (0.5 + 0.1 * time * rng.uniform(-1, 1, SIZE)).astype(np.float32)
    half = rng.normal(0, 0.05, SIZE).astype(np.float32)
    home = np.array([BOX], np.float32)
    frames, wanted = [], []
    for k, true in enumerate(truth):
        side = 1 if k % 2 else -1
        box = CropBox(*(np.array(BOX) + rng.normal(0, [3, 3, 1])))
        values = true - side * half
        values, true = values.copy(), true.copy()
        for told in (values, true):
            pose = split(told[None, :N_PARAMS]).transform
            told[POSE] = recrop(pose, home, np.array(box, np.float32))[0].ravel()
        frames.append(SeenView(values, side, box, half if k < 2 else None))
        wanted.append(true)
    out = through(frames)
    # To the second frame from either end the filter sees no even motion, but the same one there and back.
    assert np.allclose(out[2 : count - 2], np.stack(wanted)[2 : count - 2], atol=5e-3)
    assert np.allclose(out, np.stack(wanted), atol=0.1)


def test_what_both_views_saw_is_their_mean_at_once() -> None:
    values, half = np.full(SIZE, 0.4, np.float32), np.full(SIZE, 0.1, np.float32)
    mean = ViewMean()
    (first,) = mean.add(row(), SeenView(values, 1, BOX, half))
    (second,) = mean.add(row(), SeenView(values, -1, BOX, half))
    assert np.allclose(first["params"], 0.5)
    assert np.allclose(second["units"], 0.3)


def test_rows_come_in_order_and_wait_for_two_frames_at_most() -> None:
    mean, half = ViewMean(), np.zeros(SIZE, np.float32)
    given: list[float] = []
    for k in range(12):
        blank, known = row(), half if k in (0, 1, 7, 11) else None
        blank["time"] = k
        seen = (
            None
            if k == 10
            else SeenView(np.full(SIZE, 0.5, np.float32), 1 - 2 * (k % 2), BOX, known)
        )
        given += [float(r["time"][0]) for r in mean.add(blank, seen)]
        assert len(given) >= k + 1 - REACH
    given += [float(r["time"][0]) for r in mean.rest()]
    assert given == list(range(12))


def test_the_same_pose_in_another_crop_lies_at_the_same_place() -> None:
    rng = np.random.default_rng(3)
    transforms = rng.normal(0, 50, (4, 3, 4)).astype(np.float32)
    boxes = (np.array(BOX) + rng.normal(0, 10, (4, 3))).astype(np.float32)
    other = np.array([50.0, 60.0, 40.0], np.float32)
    points = rng.normal(0, 0.1, (7, 3)).astype(np.float32)

    def placed(poses: NDArray[np.float32]) -> NDArray[np.float32]:
        return points @ poses[..., :3].transpose(0, 2, 1) + poses[:, None, :, 3]

    there = crop_to_image(placed(recrop(transforms, boxes, other)), other)
    assert np.allclose(there, crop_to_image(placed(transforms), boxes), rtol=1e-4, atol=1e-2)


def test_what_the_mirror_showed_is_negative() -> None:
    values = np.ones(SIZE, np.float32)
    told = in_one_crop([SeenView(values, 1, BOX, None), SeenView(values, -1, BOX, None)], BOX)
    assert np.allclose(told[0], 1, atol=1e-4)
    assert np.allclose(told[1], -1, atol=1e-4)


class Looks:
    """The shipped regressor, and at which frame it looked how."""

    def __init__(self, models: Models) -> None:
        self.regressor, self.sides, self.mirrors = models.regressor, [], True

    def look(
        self, crops: NDArray[np.uint8], mirrored: bool = False, rolls: FloatArray | None = None
    ) -> Regression:
        self.sides.append(mirrored)
        return self.regressor.look(crops, mirrored, rolls)


@pytest.fixture(scope="module")
def crop(clip: Path) -> NDArray[np.uint8]:
    return cut(next(iter(open_source(clip))).image, BOX)


def followed(
    models: Models, crop: NDArray[np.uint8], frames: int
) -> tuple[Looks, AlternatingViews]:
    """Views of a face that has kept still for some frames, and the looks that come."""
    looks = Looks(models)
    views = AlternatingViews(looks, models.head.landmark_model())  # type: ignore[arg-type]
    views.begin(crop, BOX)
    for _ in range(frames):
        views.follow(crop, BOX)
    looks.sides.clear()
    return looks, views


def test_a_calm_face_is_seen_from_each_side_in_turn(
    models: Models, crop: NDArray[np.uint8]
) -> None:
    looks, views = followed(models, crop, 6)
    told = [views.follow(crop, BOX) for _ in range(6)]
    assert len(looks.sides) == 6
    assert [seen.side < 0 for _, seen in told] == looks.sides
    assert sum(looks.sides) == 3
    # What is known at once is what both views say together.
    both = models.regressor.run(crop[None])
    for said, _ in told:
        assert np.allclose(said.blendshapes, both.blendshapes, atol=0.01)
        assert np.allclose(said.params[:, POSE], both.params[:, POSE], rtol=0.01, atol=0.3)


def test_a_face_that_moves_fast_is_seen_both_ways(models: Models, crop: NDArray[np.uint8]) -> None:
    looks, views = followed(models, crop, 8)
    jumped = np.roll(crop, 6, axis=1)  # six pixels of the crop
    seen = [views.follow(jumped, BOX)[1] for _ in range(6)]
    # Over two frames it has moved in the first two, and two more are looked at for safety.
    assert [s.half is not None for s in seen] == [True] * 4 + [False] * 2
    assert len(looks.sides) == 10


def test_a_camera_is_seen_straight_alone(crop: NDArray[np.uint8]) -> None:
    models = load_models(twice=False)
    views = AlternatingViews(models.regressor, models.head.landmark_model())
    plain = models.regressor.run(crop[None])
    for look in (views.begin, views.follow, views.follow):
        said, seen = look(crop, BOX)
        assert np.allclose(said.params, plain.params)
        assert seen.side == 1
        assert seen.half is not None
        assert not seen.half.any()


class Still:
    """One frame again and again."""

    def __init__(self, clip: Path, count: int) -> None:
        self._source, self._count = open_source(clip), count

    def __getattr__(self, name: str) -> object:
        return getattr(self._source, name)

    def __iter__(self) -> Iterator[Frame]:
        first = next(iter(self._source))
        return (Frame(k, k / 30, first.image) for k in range(self._count))


def test_a_still_picture_stands_still_in_the_take(models: Models, clip: Path) -> None:
    take = capture(Still(clip, 24), models)  # type: ignore[arg-type]
    assert len(take.found) == 24
    calm = slice(10, None)
    assert np.ptp(take.blendshapes[calm], axis=0).max() < 1e-5
    points = models.head.landmark_model().project(*split(take.params))
    placed = crop_to_image(points, take.boxes)[calm, :, :2]
    assert np.ptp(placed, axis=0).max() < 1e-5 * float(take.boxes[0][2])
