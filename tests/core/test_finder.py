# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import cv2
import numpy as np
import pytest
from mien.core.assets import finder_path, regressor_path
from mien.core.capture.finder import HeatmapFinder
from mien.core.capture.sources import open_source
from mien.core.capture.tracker import MAX_DETECTIONS
from mien.core.errors import ModelError


@pytest.fixture(scope="module")
def finder() -> HeatmapFinder:
    return HeatmapFinder(finder_path())


@pytest.fixture(scope="module")
def frame(clip: Path) -> np.ndarray:
    return next(iter(open_source(clip))).image


def near(finder: HeatmapFinder, image: np.ndarray, at: tuple[float, float], size: float) -> bool:
    """Whether the face is among the answers that a tracker tries."""
    return any(
        np.hypot(box.x - at[0], box.y - at[1]) < 0.25 * size and 0.6 < box.size / size < 1.6
        for box, _ in finder.find(image)[:MAX_DETECTIONS]
    )


FACE = ((90.0, 76.0), 85.0)
"""Where the man's face is in the first frame: middle, and side of the crop."""


def test_the_man_is_found(finder: HeatmapFinder, frame: np.ndarray) -> None:
    assert near(finder, frame, *FACE)


def test_a_large_frame_gives_the_same_place(finder: HeatmapFinder, frame: np.ndarray) -> None:
    large = cv2.resize(frame, None, fx=8, fy=8, interpolation=cv2.INTER_CUBIC)
    assert near(finder, large, (FACE[0][0] * 8, FACE[0][1] * 8), FACE[1] * 8)


def test_darkness_is_lifted(finder: HeatmapFinder, frame: np.ndarray) -> None:
    assert near(finder, (frame * 0.15).astype(np.uint8), *FACE)


def test_a_tilted_face_is_found(finder: HeatmapFinder, frame: np.ndarray) -> None:
    turn = cv2.getRotationMatrix2D(FACE[0], 28, 1.0)
    tilted = cv2.warpAffine(frame, turn, frame.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)
    assert near(finder, tilted, *FACE)


@pytest.mark.parametrize("share", [1 / 8, 1 / 12])
def test_a_small_face_is_found(finder: HeatmapFinder, frame: np.ndarray, share: float) -> None:
    zoom = share * 720 / (FACE[1] / np.sqrt(2))
    scene = np.full((720, 1280, 3), 90, np.uint8)
    small = cv2.resize(frame, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA)
    scene[300 : 300 + len(small), 800 : 800 + small.shape[1]] = small
    at = (800 + FACE[0][0] * zoom, 300 + FACE[0][1] * zoom)
    assert near(finder, scene, at, FACE[1] * zoom)


@pytest.mark.parametrize("size", [(1080, 1920), (1920, 1080), (481, 641), (90, 160), (33, 500)])
def test_frames_of_any_shape_are_searched(
    finder: HeatmapFinder, frame: np.ndarray, size: tuple[int, int]
) -> None:
    height, width = size
    zoom = min(height / 144, width / 176)
    scene = np.full((height, width, 3), 90, np.uint8)
    man = cv2.resize(frame, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA)
    man = man[:height, :width]
    scene[: len(man), : man.shape[1]] = man
    found = finder.find(scene)
    if min(size) >= 90:
        assert any(
            np.hypot(f.box.x - FACE[0][0] * zoom, f.box.y - FACE[0][1] * zoom)
            < 0.25 * FACE[1] * zoom
            for f in found
        )


@pytest.mark.parametrize("content", [b"", b"no model", None])
def test_a_file_that_is_no_finder_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "finder.onnx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match="finder"):
        HeatmapFinder(path)


def test_a_regressor_is_not_a_finder() -> None:
    with pytest.raises(ModelError, match="not a finder"):
        HeatmapFinder(regressor_path())


@pytest.mark.parametrize("kind", ["black", "noise", "stripes"])
def test_what_holds_no_face_gives_few_answers(finder: HeatmapFinder, kind: str) -> None:
    image = np.zeros((480, 640, 3), np.uint8)
    if kind == "noise":
        image = np.random.default_rng(0).integers(0, 255, image.shape, np.uint8)
    if kind == "stripes":
        image[:, ::8] = 255
    assert len(finder.find(image)) <= 1


def test_two_faces_are_two_answers_the_likelier_first(
    finder: HeatmapFinder, frame: np.ndarray
) -> None:
    wide = np.full((288, 600, 3), 90, np.uint8)
    wide[:144, : frame.shape[1]] = frame
    double = cv2.resize(frame, None, fx=2, fy=2)
    wide[:288, 200 : 200 + double.shape[1]] = double
    assert near(finder, wide, *FACE)
    assert near(finder, wide, (200 + 2 * FACE[0][0], 2 * FACE[0][1]), 2 * FACE[1])
    scores = [f.score for f in finder.find(wide)]
    assert scores == sorted(scores, reverse=True)
