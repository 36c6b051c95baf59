# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.core.model.head import Head
from mien.core.model.params import CROP_SIZE

from training.data.augment import ClipRandom, Similarity, augment, in_plane
from training.geometry.face_model import FaceModel

from .conftest import random_params


def marked(points: np.ndarray) -> torch.Tensor:
    """A dark crop with a soft bright spot at a place in crop space."""
    half = (CROP_SIZE - 1) / 2
    rows, columns = np.indices((CROP_SIZE, CROP_SIZE))
    away = (columns - half - points[0]) ** 2 + (half - rows - points[1]) ** 2
    return torch.from_numpy(np.exp(-away / 8).astype(np.float32)).expand(1, 3, -1, -1)


def drawn(seed: int) -> Similarity:
    rng = np.random.default_rng(seed)
    return Similarity(
        torch.tensor([rng.uniform(-0.5, 0.5)]).float(),
        torch.tensor([rng.uniform(0.8, 1.2)]).float(),
        torch.from_numpy(rng.uniform(-8, 8, (1, 2))).float(),
    )


@pytest.mark.parametrize("size", [120, 96, 64])
@pytest.mark.parametrize("seed", range(4))
def test_pixels_and_parameters_move_together(head: Head, seed: int, size: int) -> None:
    face = FaceModel(head, 50)
    params = torch.from_numpy(random_params(1, seed))
    spot = face.landmarks(params)[0, :2, 30].numpy()
    moved, changed = in_plane(marked(spot), params, drawn(seed), size)
    wanted = face.landmarks(changed)[0, :2, 30].numpy()
    grey = moved[0, 0].numpy()
    rows, columns = np.indices(grey.shape)
    half = (size - 1) / 2
    seen = np.array([(grey * (columns - half)).sum(), (grey * (half - rows)).sum()]) / grey.sum()
    assert np.abs(seen * CROP_SIZE / size - wanted).max() < 0.7


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.integers(0, 1000))
def test_one_after_the_other_is_both_at_once(one: int, other: int) -> None:
    crop = torch.zeros(1, 3, CROP_SIZE, CROP_SIZE)
    params = torch.from_numpy(random_params(1))
    step = in_plane(crop, params, drawn(one))[1]
    twice = in_plane(crop, step, drawn(other))[1]
    at_once = in_plane(crop, params, drawn(one).then(drawn(other)))[1]
    assert torch.allclose(twice, at_once, rtol=1e-4, atol=1e-2)


def test_augmented_crops_stay_in_range() -> None:
    generator = torch.Generator().manual_seed(0)
    crop = torch.rand(16, 3, CROP_SIZE, CROP_SIZE) * 2 - 1
    dice = ClipRandom(generator, torch.zeros(16, dtype=torch.bool), 1)
    out, params = augment(crop, torch.from_numpy(random_params(16)), 96, dice)
    assert out.shape == (16, 3, 96, 96)
    assert out.abs().max() <= 1
    assert torch.isfinite(params).all()


def test_frames_of_a_clip_share_what_is_drawn_once() -> None:
    clip = torch.tensor([True] * 8 + [False] * 8)
    dice = ClipRandom(torch.Generator().manual_seed(3), clip, 8)
    numbers = dice.normal()
    assert len(numbers[:8].unique()) == 1
    assert len(numbers[8:].unique()) == 8
