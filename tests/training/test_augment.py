# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import pytest
import torch
from mien.core.head import Head
from mien.core.params import CROP_SIZE

from training.augment import augment, in_plane
from training.losses import FaceModel

from .conftest import random_params


def marked(points: np.ndarray) -> torch.Tensor:
    """A dark crop with a soft bright spot at a place in crop space."""
    half = (CROP_SIZE - 1) / 2
    rows, columns = np.indices((CROP_SIZE, CROP_SIZE))
    away = (columns - half - points[0]) ** 2 + (half - rows - points[1]) ** 2
    return torch.from_numpy(np.exp(-away / 8).astype(np.float32)).expand(1, 3, -1, -1)


@pytest.mark.parametrize("size", [120, 96, 64])
@pytest.mark.parametrize("seed", range(4))
def test_pixels_and_parameters_move_together(head: Head, seed: int, size: int) -> None:
    face = FaceModel(head, 50)
    params = torch.from_numpy(random_params(1, seed))
    spot = face.landmarks(params)[0, :2, 30].numpy()
    rng = np.random.default_rng(seed)
    moved, changed = in_plane(
        marked(spot), params, torch.tensor([rng.uniform(-0.5, 0.5)]).float(),
        torch.tensor([rng.uniform(0.8, 1.2)]).float(), torch.from_numpy(rng.uniform(-8, 8, (1, 2))).float(),
        size,
    )  # fmt: skip
    wanted = face.landmarks(changed)[0, :2, 30].numpy()
    grey = moved[0, 0].numpy()
    rows, columns = np.indices(grey.shape)
    half = (size - 1) / 2
    seen = np.array([(grey * (columns - half)).sum(), (grey * (half - rows)).sum()]) / grey.sum()
    assert np.abs(seen * CROP_SIZE / size - wanted).max() < 0.7


def test_augmented_crops_stay_in_range() -> None:
    torch.manual_seed(0)
    crop = torch.rand(16, 3, CROP_SIZE, CROP_SIZE) * 2 - 1
    out, params = augment(crop, torch.from_numpy(random_params(16)), 96)
    assert out.shape == (16, 3, 96, 96)
    assert out.abs().max() <= 1
    assert torch.isfinite(params).all()
