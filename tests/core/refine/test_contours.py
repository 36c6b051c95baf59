# SPDX-License-Identifier: GPL-3.0-or-later
"""Contours that are seen move the face, by what they do beyond rest and not by how they lie there."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from mien.core.assets import contours_path, finder_path
from mien.core.capture.capture import Models
from mien.core.capture.sources import open_source
from mien.core.errors import ModelError
from mien.core.model.arkit import ARKIT_BLENDSHAPES, N_BLENDSHAPES
from mien.core.model.contour_points import CONTOUR_POINTS, LIPS_INNER
from mien.core.model.crop import cut
from mien.core.model.head import Head, shipped_head
from mien.core.model.params import CROP_SIZE, FloatArray, split
from mien.core.refine.contour_reader import ContourReader, shipped_contour_reader
from mien.core.refine.moving_points import FREE, MovingPoints
from mien.core.refine.poses import N_POSE, Poses
from mien.core.refine.refine import refine
from mien.core.solve.motion import solve_take
from mien.core.take.refinement import Refinement
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from .footage import Drawn, drawn

COUNT = 24
SMILE = ARKIT_BLENDSHAPES.index("mouthSmileLeft")
OTHER = ARKIT_BLENDSHAPES.index("mouthSmileRight")


class AsTold:
    """Says points that it was given, one frame after the other."""

    def __init__(self, points: FloatArray) -> None:
        self._points = iter(points)

    def read(self, crops: NDArray[np.uint8], params: FloatArray) -> FloatArray:
        assert crops.shape[1:] == (CROP_SIZE, CROP_SIZE, 3)
        assert params.shape == (len(crops), 62)
        return np.stack([next(self._points) for _ in crops])


def smiling() -> FloatArray:
    weights = np.zeros((COUNT, N_BLENDSHAPES), np.float32)
    weights[16:, SMILE] = 0.8 * np.sin(np.linspace(0, np.pi, COUNT - 16))
    return weights


def contours_of(made: Drawn, head: Head) -> FloatArray:
    """Where the contours are in truth: ``(F, K, 2)`` pixels of the crops."""
    corners = head.mediapipe_corners[list(CONTOUR_POINTS)]
    shapes = head.vertices + np.tensordot(made.weights, head.blendshapes, axes=1)
    points = np.einsum(
        "kc,fkcx->fkx", head.mediapipe_weights[list(CONTOUR_POINTS)], shapes[:, corners]
    )
    transform = split(made.take.params).transform
    placed = np.einsum("fij,fkj->fki", transform[:, :2, :3], points) + transform[:, None, :2, 3]
    return (placed * [1, -1] + (CROP_SIZE - 1) / 2).astype(np.float32)


@pytest.fixture(scope="module")
def smooth(head: Head) -> Drawn:
    """A smile on skin without a spot, of which flow sees nothing."""
    skin = np.full((900, 900), 140, np.float32)
    return drawn(head, smiling(), 8 * np.sin(np.linspace(0, 4, COUNT)), skins=[skin] * COUNT)


def refined_by(made: Drawn, head: Head, points: FloatArray | None) -> FloatArray:
    """Weights beyond rest ``(F, 52)``."""
    told = None if points is None else AsTold(points)
    motion = solve_take(made.take, head)
    refined = refine(made.take, made.frames, motion, head, contours=told)
    assert isinstance(refined, Refinement)
    return refined.weights - refined.rest


def test_a_smile_is_told_by_the_lips_edge(smooth: Drawn, head: Head) -> None:
    truth = smooth.weights[:, SMILE]
    seen = refined_by(smooth, head, contours_of(smooth, head))
    assert np.corrcoef(seen[:, SMILE], truth)[0, 1] > 0.95
    assert seen[:, SMILE].max() > 0.25 * truth.max()
    assert seen[:, OTHER].max() < 0.1 * truth.max()
    alone = refined_by(smooth, head, None)
    assert alone[:, SMILE].max() < 0.1 * truth.max()


def test_where_contours_lie_at_rest_moves_nothing(smooth: Drawn, head: Head) -> None:
    habit = np.random.default_rng(0).normal(0, 2, (len(CONTOUR_POINTS), 2)).astype(np.float32)
    points = contours_of(smooth, head)
    straight = refined_by(smooth, head, points)
    off = refined_by(smooth, head, points + habit)
    assert np.abs(off - straight).max() < 0.08
    at_rest = smooth.weights[:, SMILE] == 0
    assert np.abs(off - straight)[at_rest].max() < 0.01
    assert off[:16].max() < 0.05  # the frame after these is tied to the smile


def test_heights_of_lips_are_not_asked_of_contours(smooth: Drawn, head: Head) -> None:
    points = contours_of(smooth, head)
    moved = points.copy()
    moved[12:, np.isin(CONTOUR_POINTS, LIPS_INNER), 1] += 1
    both = [refined_by(smooth, head, p) for p in (points, moved)]
    assert np.abs(both[0] - both[1]).max() < 0.05


def test_a_face_that_is_turned_is_not_asked(head: Head) -> None:
    skin = np.full((900, 900), 140, np.float32)
    made = drawn(head, smiling(), np.full(COUNT, 42.0), skins=[skin] * COUNT)
    beyond = refined_by(made, head, contours_of(made, head))
    assert np.allclose(beyond, refined_by(made, head, None), atol=1e-6)


def test_frames_without_contours_are_no_obstacle(smooth: Drawn, head: Head) -> None:
    points = contours_of(smooth, head)
    points[5:8] = np.nan
    seen = refined_by(smooth, head, points)
    assert seen[:, SMILE].max() > 0.2
    assert np.isfinite(seen).all()


def test_slopes_are_those_of_the_places() -> None:
    rng = np.random.default_rng(0)
    points = MovingPoints(
        rng.normal(0, 0.05, (4, 3)).astype(np.float32),
        rng.normal(0, 0.01, (N_BLENDSHAPES, 4, 3)).astype(np.float32),
    )
    turn = Rotation.from_euler("yx", [20, -10], degrees=True).as_matrix()[None]
    poses = Poses(np.array([800.0]), turn, np.array([[3.0, -2.0]]))
    weights = rng.uniform(0, 0.5, N_BLENDSHAPES)

    def places(step: NDArray[np.float64]) -> NDArray[np.float64]:
        moved = poses.retract(step[None, :N_POSE])
        here = weights.copy()
        here[FREE] += step[N_POSE:]
        return np.asarray(points.turned(here[None], moved)[0, :, :2] + moved.place[0], np.float64)

    slopes = points.slopes(weights[None], poses)[0]
    for unknown in (0, 1, 2, 3, 4, 5, N_POSE, N_POSE + 7):
        step = np.zeros(N_POSE + len(FREE))
        step[unknown] = 1e-3
        change = (places(step) - places(-step)) / 2e-3
        assert np.allclose(slopes[:, :, unknown].T, change, atol=0.02 * np.abs(change).max() + 0.02)


def test_the_shipped_network_sees_the_lips_of_a_real_man(models: Models, clip: Path) -> None:
    head = models.head
    reader = shipped_contour_reader(head)
    assert reader is not None
    frame = next(iter(open_source(clip)))
    box = models.finder.find(frame.image)[0].box
    crop = cut(frame.image, box)
    params = models.regressor.run(crop[None]).params[0]
    points = reader.read(crop[None], params[None])[0]
    laid = head.mediapipe_model().project(*split(params))[list(CONTOUR_POINTS), :2]
    away = np.linalg.norm(points - (laid * [1, -1] + (CROP_SIZE - 1) / 2), axis=1)
    assert away.mean() < 3


def _renamed(path: Path, one: str, other: str) -> None:
    data = contours_path().read_bytes()
    assert one.encode() in data
    path.write_bytes(data.replace(one.encode(), other.encode()))


def _huge(path: Path) -> None:
    path.touch()
    os.truncate(path, 65 * 2**20)


def _damaged(path: Path) -> None:
    path.write_bytes(contours_path().read_bytes()[:50_000])


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda path: None, "missing"),
        (_huge, "too large"),
        (_damaged, "damaged"),
        (lambda path: path.write_bytes(finder_path().read_bytes()), "not of this Mien"),
        (lambda path: _renamed(path, "mien.contours", "mien.outlines"), "not of this Mien"),
        (lambda path: _renamed(path, shipped_head().id, "0123456789ab"), "another head"),
    ],
)
def test_other_files_are_refused(
    tmp_path: Path, make: Callable[[Path], None], sentence: str
) -> None:
    path = tmp_path / "contours.onnx"
    make(path)
    with pytest.raises(ModelError, match=sentence):
        ContourReader(path, shipped_head())
