# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import cv2
import numpy as np
import pytest
from mien.core.capture.capture import Models
from mien.core.capture.sources import open_source
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.head import Head

from training.evaluate.blendshapes import (
    BLINKS,
    SHAPES,
    blink_f1,
    correlations,
    eye_aspect,
    face_shape,
)
from training.evaluate.clip_maker import FRAMES, ClipMaker, MadeClip
from training.evaluate.clips import Frames, follow_clips, report_clips, seen_eyes
from training.evaluate.flow import offset_errors
from training.evaluate.report import Report
from training.evaluate.turns import between
from training.evaluate.yaw import bins_of
from training.geometry.landmarks import yaw_of
from training.labels.mediapipe_tool import FaceMesh
from training.labels.store import LabelledPhoto


@pytest.fixture(scope="module")
def made(head: Head, photos: list[LabelledPhoto]) -> list[MadeClip]:
    """A clip in each bin of yaw."""
    maker = ClipMaker(head, photos, seed=1)
    return [maker.make(photos[k], k) for k in range(3)]


@pytest.fixture(scope="module")
def frames(made: list[MadeClip], models: Models) -> Frames:
    return follow_clips(made, models.head, models.regressor)


def test_clips_move_within_their_bin_and_blink(made: list[MadeClip]) -> None:
    for k, clip in enumerate(made):
        assert clip.images.shape == (FRAMES, 240, 240, 3)
        assert set(bins_of(clip.yaw)) == {k}
        assert np.ptp(clip.yaw) > 2
        assert clip.blendshapes[:, BLINKS].max() > 0.9
        assert clip.blendshapes.min() >= 0
        assert clip.blendshapes.max() <= 1
        steps = np.linalg.norm(np.diff(clip.landmarks, axis=0), axis=2)
        assert 0.1 < steps.mean() < 6


def test_the_truth_lies_on_the_face_that_is_seen(made: list[MadeClip], head: Head) -> None:
    seen = FaceMesh().find(made[0].images[0])
    assert seen is not None
    vertices = made[0].vertices[0]
    corners = vertices[head.mediapipe_corners]
    points = np.einsum("kc,kcx->kx", head.mediapipe_weights, corners)
    box = np.ptp(seen.points[:, :2], axis=0).max()
    assert np.linalg.norm(points[:, :2] - seen.points[:, :2], axis=1).mean() < 0.05 * box


def test_the_turn_is_that_of_the_vertices(made: list[MadeClip]) -> None:
    for clip in made:
        assert np.allclose(yaw_of(clip.turns), np.abs(clip.yaw), atol=12)  # pitch and roll mix in
        assert between(clip.turns[:-1], clip.turns[1:]).max() < 8


def test_the_same_seed_makes_the_same_clip(head: Head, photos: list[LabelledPhoto]) -> None:
    one, other = (ClipMaker(head, photos, seed=3).make(photos[0], 1) for _ in range(2))
    assert np.array_equal(one.images, other.images)
    assert np.array_equal(one.landmarks, other.landmarks)


def test_the_face_is_followed_through_every_clip(frames: Frames) -> None:
    assert len(frames.faces) == 3 * FRAMES
    assert list(np.unique(frames.clip)) == [0, 1, 2]
    assert frames.strayed.mean() < 0.1
    assert np.mean([face.error for face in frames.faces]) < 0.08
    assert frames.rotation.mean() < 10
    assert np.isnan(frames.stability[[0, FRAMES, 2 * FRAMES]]).all()
    assert (frames.dense_3d >= frames.dense - 1e-6).all()


def test_the_table_has_every_bin_and_the_plots_are_written(frames: Frames, tmp_path: Path) -> None:
    report = Report(tmp_path)
    report_clips(frames, report)
    for name in ("nme68", "inner51", "dense", "dense3d", "stability", "rotation"):
        for part in ("0-30", "30-60", "60-90", "balanced"):
            assert f"clips_{name}_{part}" in report.figures
    assert "clips_blink_f1=" in report.last_line()
    for name in ("clips.jpg", "clips_units.png", "clips_yaw.png"):
        assert cv2.imread(str(tmp_path / name)) is not None


def test_a_head_turned_to_its_left_shows_its_right_eye() -> None:
    seen = seen_eyes(np.array([0.0, 70.0, -70.0], np.float32))
    assert seen.tolist() == [[True, True], [False, True], [True, False]]


def test_blinks_are_counted_by_frame() -> None:
    closed = np.array([0, 0, 1, 1, 0, 0.9], np.float32)
    assert blink_f1(closed, closed) == 1
    assert np.isclose(blink_f1(np.array([0, 0, 1, 0, 1, 0], np.float32), closed), 2 / 5)
    assert np.isnan(blink_f1(closed, np.zeros(6, np.float32)))


def test_units_that_do_not_move_have_no_correlation() -> None:
    rng = np.random.default_rng(0)
    truth = rng.uniform(0, 1, (50, 52)).astype(np.float32)
    truth[:, 3] = 0
    each = correlations(0.5 * truth + 0.2, truth)
    assert np.isnan(each[ARKIT_BLENDSHAPES[3]])
    assert np.allclose([v for k, v in each.items() if k != ARKIT_BLENDSHAPES[3]], 1, atol=1e-5)


def test_the_eye_that_closes_is_the_one_that_gets_flat(
    head: Head, photos: list[LabelledPhoto]
) -> None:
    """MediaPipe's numbers of lids and the units' left and right agree."""
    for side in (0, 1):
        blendshapes = np.zeros(52, np.float32)
        blendshapes[BLINKS[side]] = 1
        shape = head.vertices + np.tensordot(blendshapes, head.blendshapes, axes=1)
        open_, shut = (
            eye_aspect(np.einsum("kc,kcx->kx", head.mediapipe_weights, s[head.mediapipe_corners]))
            for s in (head.vertices, shape)
        )
        assert shut[side] < 0.5 * open_[side]
        assert np.isclose(shut[1 - side], open_[1 - side], rtol=0.05)


def test_the_pixels_tell_how_points_should_have_moved(clip: Path) -> None:
    image = next(iter(open_source(clip))).image
    step = np.array([1.5, -0.75], np.float32)
    matrix = np.array([[1, 0, step[0]], [0, 1, step[1]]])
    moved = cv2.warpAffine(image, matrix, image.shape[1::-1], flags=cv2.INTER_CUBIC)
    seen = FaceMesh().find(image)
    assert seen is not None
    points = seen.points[:, :2]
    right = np.stack([points, points + step])
    lazy = np.stack([points, points])
    good, bad = offset_errors(
        [image, moved.astype(np.uint8)], np.array([4, 5]), (right, lazy), np.array([70.0, 70.0])
    )
    assert good[0] < 0.002
    assert np.isclose(bad[0], np.hypot(*step) / 70, rtol=0.1)
    apart = offset_errors([image, image], np.array([4, 6]), (right,), np.array([70.0, 70.0]))
    assert len(apart[0]) == 0


@pytest.mark.parametrize(
    ("shape", "unit", "sign"),
    [("lips", "jawOpen", 1), ("mouth_width", "mouthPucker", -1), ("brows", "browInnerUp", 1)],
)
def test_the_sizes_of_a_face_follow_their_units(
    head: Head, shape: str, unit: str, sign: int
) -> None:
    posed = [head.vertices, head.vertices + head.blendshapes[ARKIT_BLENDSHAPES.index(unit)]]
    still, moved = (
        face_shape(np.einsum("kc,kcx->kx", head.mediapipe_weights, v[head.mediapipe_corners]))
        for v in posed
    )
    change = (moved - still) * sign
    assert change[SHAPES.index(shape)] > 0.02
