# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.core.assets import head_path, regressor_path
from mien.core.capture.capture import load_models
from mien.core.capture.flip_augmentation import ACROSS, FLIPPED_BLENDSHAPES, Mirror
from mien.core.capture.regressor import Regressor
from mien.core.capture.sources import open_source
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.crop import CropBox, cut
from mien.core.model.head import load_head
from mien.core.model.params import N_PARAMS, join, split

HEAD = load_head(head_path())
MIRROR = Mirror(HEAD)
NEAR = 0.001
"""Metres: how far the mirrored basis may be off."""


def test_left_and_right_change_places() -> None:
    named = [ARKIT_BLENDSHAPES[k] for k in FLIPPED_BLENDSHAPES]
    assert named[ARKIT_BLENDSHAPES.index("eyeBlinkLeft")] == "eyeBlinkRight"
    assert named[ARKIT_BLENDSHAPES.index("mouthRight")] == "mouthLeft"
    assert named[ARKIT_BLENDSHAPES.index("jawOpen")] == "jawOpen"
    assert (FLIPPED_BLENDSHAPES[FLIPPED_BLENDSHAPES] == np.arange(len(FLIPPED_BLENDSHAPES))).all()


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_mirrored_parameters_place_the_mirrored_points(seed: int) -> None:
    rng = np.random.default_rng(seed)
    transform = rng.normal(0, 400, (3, 4)).astype(np.float32)
    transform[:, 3] = rng.normal(0, 10, 3)
    params = join(transform, rng.normal(0, 0.7, 40), rng.normal(0, 0.7, 10))
    landmarks = HEAD.landmark_model()
    placed = landmarks.project(*split(params)) * ACROSS
    other = landmarks.project(*split(MIRROR.params(params[None])[0]))
    # The 68 points are numbered from the subject's right; the outline's are 0 to 16.
    off = np.abs(np.sort(placed[:17, 0]) - np.sort(other[:17, 0])).max()
    assert off < 3 * NEAR * np.linalg.norm(transform[0, :3]) + 1e-3
    nose = np.linalg.norm(placed[27:31] - other[27:31], axis=1).max()
    assert nose < 3 * NEAR * np.linalg.norm(transform[:, :3]) + 1e-3


def test_twice_in_the_mirror_is_where_it_began() -> None:
    params = np.random.default_rng(1).normal(0, 1, (8, N_PARAMS)).astype(np.float32)
    again = MIRROR.params(MIRROR.params(params))
    assert np.allclose(again[:, :12], params[:, :12], atol=1e-5)
    assert np.abs(again[:, 12:] - params[:, 12:]).mean() < 0.15


@pytest.fixture(scope="module")
def face(clip: Path) -> np.ndarray:
    return cut(next(iter(open_source(clip))).image, CropBox(90, 76, 85))


def test_a_crop_seen_twice_says_of_its_mirror_image_the_same(face: np.ndarray) -> None:
    twice = Regressor(regressor_path(), mirror=MIRROR)
    out = twice.run(np.stack([face, face[:, ::-1]]))
    assert np.allclose(out.blendshapes[0], out.blendshapes[1][FLIPPED_BLENDSHAPES], atol=1e-4)
    assert abs(out.confidence[0] - out.confidence[1]) < 1e-4
    there = HEAD.landmark_model().project(*split(out.params[0]))
    back = HEAD.landmark_model().project(*split(MIRROR.params(out.params[1:])[0]))
    assert np.abs(there - back).max() < 1.0  # pixel of the crop


def test_it_is_the_mean_of_both_sides(face: np.ndarray) -> None:
    once, twice = Regressor(regressor_path()), Regressor(regressor_path(), mirror=MIRROR)
    straight, mirrored = once.run(face[None]), once.run(np.ascontiguousarray(face[None, :, ::-1]))
    wanted = (straight.params + MIRROR.params(mirrored.params)) / 2
    assert np.allclose(twice.run(face[None]).params, wanted, rtol=1e-3, atol=1e-2)


def test_footage_is_seen_twice_and_a_camera_once(face: np.ndarray) -> None:
    once, twice = load_models(twice=False).regressor, load_models().regressor
    assert not np.allclose(once.run(face[None]).params, twice.run(face[None]).params, atol=1e-3)
