# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import numpy as np
import pytest
import torch
from mien.core.capture.regressor import Regressor as Runtime
from mien.core.model.head import Head
from mien.core.model.params import CROP_SIZE, split

from training.deploy.export import to_onnx
from training.deploy.parts import Readers
from training.networks.details import MouthBrowRefiner
from training.networks.eyes import EYE_BLENDSHAPES, HEIGHT, WIDTH, EyeRefiner
from training.networks.network import Regressor, ZScore
from training.optimise.train_eyes import best_threshold

from .conftest import random_params


@pytest.fixture(scope="module")
def reader(head: Head) -> EyeRefiner:
    torch.manual_seed(0)
    return EyeRefiner(head).eval()


def test_patches_show_the_eyes(reader: EyeRefiner, head: Head) -> None:
    """Pictures with a bright spot on one eye of each head: it is in the middle of that eye's patch."""
    params = random_params(6)
    marks = head.landmark_model().project(*split(params))[..., :2]
    for k, at in enumerate((slice(42, 48), slice(36, 42))):
        crop = np.zeros((6, 3, CROP_SIZE, CROP_SIZE), np.float32)
        for picture, eye in zip(crop, marks[:, at].mean(axis=1), strict=True):
            x, y = np.rint([eye[0] + 59.5, 59.5 - eye[1]]).astype(int)
            picture[:, y - 1 : y + 2, x - 1 : x + 2] = 1
        patches = reader.patches(torch.from_numpy(crop), torch.from_numpy(params))
        patches = patches.reshape(6, 2, 3, HEIGHT, WIDTH)
        middle = patches[
            :, k, :, HEIGHT // 2 - 3 : HEIGHT // 2 + 3, WIDTH // 2 - 3 : WIDTH // 2 + 3
        ]
        assert (middle.amax(dim=(1, 2, 3)) > 0.5).all()
        assert (patches[:, k].mean(dim=(1, 2, 3)) > patches[:, 1 - k].mean(dim=(1, 2, 3))).all()


def test_the_face_in_a_mirror_says_the_same_of_the_other_eye(
    reader: EyeRefiner, head: Head
) -> None:
    params = torch.zeros(1, 62)
    params[0, [0, 5, 10]] = 420.0
    crop = torch.rand(1, 3, CROP_SIZE, CROP_SIZE) * 2 - 1
    said = reader(crop, params).reshape(2, 7)
    mirrored = reader(crop.flip(3), params).reshape(2, 7)
    assert torch.allclose(said, mirrored.flip(0), atol=0.02)


def test_the_threshold_parts_what_can_be_parted() -> None:
    logits = torch.tensor([-2.5, -2.0, -1.9, -0.7, -0.6, 0.4])
    place = best_threshold(logits, logits > -1)
    assert -1.9 <= place < -0.7


def test_they_ship_inside_the_model(reader: EyeRefiner, head: Head, tmp_path: Path) -> None:
    network, zscore = Regressor("mobilenet_x05").eval(), ZScore()
    zscore.mean[[0, 5, 10]] = 420.0  # type: ignore[index]
    path = tmp_path / "model.onnx"
    readers = Readers(reader, MouthBrowRefiner(head))
    to_onnx(network, zscore, path, "with-eyes", head.id, readers)
    crops = np.random.default_rng(0).integers(0, 256, (3, CROP_SIZE, CROP_SIZE, 3), np.uint8)
    out = Runtime(path).look(crops)
    picture = (torch.from_numpy(crops).permute(0, 3, 1, 2).float() - 127.5) / 128
    with torch.no_grad():
        said = reader(picture, torch.from_numpy(out.params)).sigmoid().numpy()
    assert np.allclose(out.blendshapes[:, EYE_BLENDSHAPES], said, atol=1e-3)
