# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import cv2
import numpy as np
import pytest
from mien.core.finder import HaarFinder
from mien.core.sources import open_source


@pytest.fixture(scope="module")
def finder() -> HaarFinder:
    return HaarFinder()


@pytest.fixture(scope="module")
def frame(clip: Path) -> np.ndarray:
    return next(iter(open_source(clip))).image


def near(finder: HaarFinder, image: np.ndarray, at: tuple[float, float], size: float) -> bool:
    found = finder.find(image)
    if not found:
        return False
    box = found[0].box
    close = np.hypot(box.x - at[0], box.y - at[1]) < 0.25 * size
    return bool(close and 0.6 < box.size / size < 1.6)


FACE = ((90.0, 76.0), 85.0)
"""Where the man's face is in the first frame: middle, and side of the crop."""


def test_the_man_is_found(finder: HaarFinder, frame: np.ndarray) -> None:
    assert near(finder, frame, *FACE)


def test_a_large_frame_gives_the_same_place(finder: HaarFinder, frame: np.ndarray) -> None:
    large = cv2.resize(frame, None, fx=8, fy=8, interpolation=cv2.INTER_CUBIC)
    assert near(finder, large, (FACE[0][0] * 8, FACE[0][1] * 8), FACE[1] * 8)


def test_darkness_is_lifted(finder: HaarFinder, frame: np.ndarray) -> None:
    assert near(finder, (frame * 0.15).astype(np.uint8), *FACE)


def test_a_tilted_face_is_found(finder: HaarFinder, frame: np.ndarray) -> None:
    turn = cv2.getRotationMatrix2D(FACE[0], 28, 1.0)
    tilted = cv2.warpAffine(frame, turn, frame.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)
    assert near(finder, tilted, *FACE)


def test_a_face_of_an_eighth_of_the_height_is_found(finder: HaarFinder, frame: np.ndarray) -> None:
    small = cv2.resize(frame, (220, 180), interpolation=cv2.INTER_AREA)
    scene = np.full((720, 1280, 3), 90, np.uint8)
    scene[300:480, 800:1020] = small
    zoom = 220 / 176
    at = (800 + FACE[0][0] * zoom, 300 + FACE[0][1] * zoom)
    assert near(finder, scene, at, FACE[1] * zoom)


@pytest.mark.parametrize("kind", ["black", "noise", "stripes"])
def test_what_holds_no_face_gives_few_answers(finder: HaarFinder, kind: str) -> None:
    image = np.zeros((480, 640, 3), np.uint8)
    if kind == "noise":
        image = np.random.default_rng(0).integers(0, 255, image.shape, np.uint8)
    if kind == "stripes":
        image[:, ::8] = 255
    assert len(finder.find(image)) <= 1


def test_the_largest_comes_first(finder: HaarFinder, frame: np.ndarray) -> None:
    wide = np.zeros((288, 600, 3), np.uint8)
    wide[:144, :176] = frame
    wide[:288, 200:552] = cv2.resize(frame, (352, 288))
    sizes = [f.box.size for f in finder.find(wide)]
    assert len(sizes) >= 2
    assert sizes == sorted(sizes, reverse=True)
