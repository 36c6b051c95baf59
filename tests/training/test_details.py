# SPDX-License-Identifier: GPL-3.0-or-later
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from mien.core.capture.regressor import Regressor as Runtime
from mien.core.model.head import Head
from mien.core.model.params import CROP_SIZE, split

from training.deploy.export import parity, to_onnx
from training.deploy.parts import Readers
from training.networks.details import DETAIL_BLENDSHAPES, REGIONS, MouthBrowRefiner, with_expression
from training.networks.eyes import EYE_BLENDSHAPES, EyeRefiner
from training.networks.network import Regressor, ZScore

from .conftest import random_params


@pytest.fixture(scope="module")
def reader(head: Head) -> MouthBrowRefiner:
    torch.manual_seed(0)
    made = MouthBrowRefiner(head)
    torch.nn.init.normal_(made.correction.weight, std=0.1)
    return made.eval()


def test_eyes_and_details_share_the_units() -> None:
    assert sorted(EYE_BLENDSHAPES + DETAIL_BLENDSHAPES) == list(range(52))


@pytest.mark.parametrize("which", range(len(REGIONS)))
def test_a_patch_shows_its_region(reader: MouthBrowRefiner, head: Head, which: int) -> None:
    """A bright spot in the middle of the landmarks lies in the patch, near its middle."""
    params = random_params(6)
    params[:, 52:] = 0
    region = REGIONS[which]
    marks = head.landmark_model().project(*split(params))[:, region.landmarks, :2].mean(axis=1)
    crop = np.zeros((6, 3, CROP_SIZE, CROP_SIZE), np.float32)
    for picture, at in zip(crop, marks, strict=True):
        x, y = np.rint([at[0] + 59.5, 59.5 - at[1]]).astype(int)
        picture[:, y - 1 : y + 2, x - 1 : x + 2] = 1
    patch = reader.looks[which].patch(torch.from_numpy(crop), torch.from_numpy(params))
    width, height = region.size
    assert patch.shape == (6, 3, height, width)
    near = patch[:, :, height // 4 : -height // 4, width // 4 : -width // 4]
    assert (near.amax(dim=(1, 2, 3)) > 0.5).all()


def test_a_patch_does_not_follow_the_expression(reader: MouthBrowRefiner) -> None:
    params = torch.from_numpy(random_params(3))
    other = with_expression(params, params[:, 52:] + 2)
    crop = torch.rand(3, 3, CROP_SIZE, CROP_SIZE)
    for look in reader.looks:
        assert torch.equal(look.patch(crop, params), look.patch(crop, other))


def test_an_untrained_one_corrects_nothing(head: Head) -> None:
    params = torch.from_numpy(random_params(2))
    blendshapes, expression = MouthBrowRefiner(head).eval()(
        torch.rand(2, 3, CROP_SIZE, CROP_SIZE), params
    )
    assert blendshapes.shape == (2, 38)
    assert torch.equal(with_expression(params, expression), params)


def test_it_ships_inside_the_model(reader: MouthBrowRefiner, head: Head, tmp_path: Path) -> None:
    network, zscore = Regressor("mobilenet_x05").eval(), ZScore()
    zscore.mean[[0, 5, 10]] = 420.0  # type: ignore[index]
    path = tmp_path / "model.onnx"
    readers = Readers(EyeRefiner(head), reader)
    to_onnx(network, zscore, path, "with-details", head.id, readers)
    crops = np.random.default_rng(0).integers(0, 256, (3, CROP_SIZE, CROP_SIZE, 3), np.uint8)
    assert parity(network, zscore, path, crops, readers) < 1e-3
    assert parity(network, zscore, path, crops) > 1e-2
    out = Runtime(path).look(crops)
    picture = (torch.from_numpy(crops).permute(0, 3, 1, 2).float() - 127.5) / 128
    with torch.no_grad():
        params = zscore.decode(network(picture).params)
        blendshapes, expression = reader(picture, params)
    assert np.allclose(
        out.blendshapes[:, DETAIL_BLENDSHAPES], blendshapes.sigmoid().numpy(), atol=1e-3
    )
    assert np.allclose(out.params, with_expression(params, expression).numpy(), atol=1e-2)


def test_the_command_trains_it(labels: Path, tmp_path: Path) -> None:
    network = Regressor("mobilenet_x05")
    weights, out = tmp_path / "weights.pt", tmp_path / "details.pt"
    torch.save(
        {"backbone": "mobilenet_x05", "average": network.state_dict(), "zscore": ZScore().state_dict()},
        weights,
    )  # fmt: skip
    words = [str(weights), "--labels", str(labels), "--count", "256", "--epochs", "1"]
    done = subprocess.run(
        [sys.executable, "-m", "training.optimise.train_details", *words, "--out", str(out)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "corrected: expression off by" in done.stdout
    assert "mouthPucker" in done.stdout
    assert torch.load(out, weights_only=True)["correction.weight"].abs().max() > 0
