# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import numpy as np
import pytest
import torch
from mien.core.assets import head_path, regressor_path
from mien.core.capture.regressor import Regressor as Runtime
from mien.core.model.head import load_head

from training.data.samples import draw_chunk, open_generator
from training.deploy.export import parity, to_onnx
from training.deploy.from_onnx import restore, restore_reader
from training.networks.details import DETAIL_BLENDSHAPES, MouthBrowRefiner
from training.networks.eyes import EYE_BLENDSHAPES, EyeRefiner
from training.networks.network import Regressor, ZScore
from training.optimise.objective import to_network_input

CROPS = np.random.default_rng(1).integers(0, 256, (4, 120, 120, 3), np.uint8)


@pytest.fixture(scope="module")
def samples(labels: Path) -> dict[str, torch.Tensor]:
    return draw_chunk(open_generator(labels, 0), False, 64)


def apart(network: Regressor, zscore: ZScore, path: Path, crops: np.ndarray) -> float:
    """Largest difference in sigmas of pose and identity, which the network of mouth and brows leaves alone."""
    with torch.no_grad():
        ours = network.eval()(to_network_input(torch.from_numpy(crops))).params
    theirs = zscore.encode(torch.from_numpy(Runtime(path).look(crops).params))
    return float((theirs - ours)[:, :52].abs().max())


def test_restored_weights_compute_what_the_file_does(samples: dict[str, torch.Tensor]) -> None:
    network, zscore = restore(regressor_path(), "mobilenet_x05_placed", samples)
    assert apart(network, zscore, regressor_path(), CROPS) < 1e-3
    assert apart(network, zscore, regressor_path(), samples["crop"][:8].numpy()) < 1e-3


def test_they_ship_again_as_they_came(samples: dict[str, torch.Tensor], tmp_path: Path) -> None:
    network, zscore = restore(regressor_path(), "mobilenet_x05_placed", samples)
    again = tmp_path / "again.onnx"
    to_onnx(network, zscore, again, "again", load_head(head_path()).id)
    assert parity(network, zscore, again, CROPS) < 1e-3
    assert apart(*restore(again, "mobilenet_x05_placed", samples), regressor_path(), CROPS) < 1e-3


def test_another_backbone_is_refused(samples: dict[str, torch.Tensor]) -> None:
    with pytest.raises(ValueError, match="does not hold a float32 mobilenet_x1"):
        restore(regressor_path(), "mobilenet_x1", samples)


def test_the_networks_of_parts_come_back_too(samples: dict[str, torch.Tensor]) -> None:
    network, zscore = restore(regressor_path(), "mobilenet_x05_placed", samples)
    crop, head = samples["crop"][:16], load_head(head_path())
    eyes, details = EyeRefiner(head), MouthBrowRefiner(head)
    with torch.no_grad():
        params = zscore.decode(network.eval()(to_network_input(crop)).params)
        restore_reader(eyes, "eyes", regressor_path(), crop, params)
        restore_reader(details, "details", regressor_path(), crop, params)
        said = eyes(to_network_input(crop), params).sigmoid().numpy()
        blendshapes, expression = details(to_network_input(crop), params)
    shipped = Runtime(regressor_path()).look(crop.numpy())
    assert np.allclose(said, shipped.blendshapes[:, EYE_BLENDSHAPES], atol=1e-3)
    assert np.allclose(
        blendshapes.sigmoid().numpy(), shipped.blendshapes[:, DETAIL_BLENDSHAPES], atol=1e-3
    )
    assert np.allclose(expression.numpy(), shipped.params[:, 52:], atol=1e-2)


def test_a_file_without_parts_is_refused(samples: dict[str, torch.Tensor], tmp_path: Path) -> None:
    bare, head = tmp_path / "bare.onnx", load_head(head_path())
    to_onnx(*restore(regressor_path(), "mobilenet_x05_placed", samples), bare, "bare", head.id)
    with pytest.raises(ValueError, match="no network of eyes"):
        restore_reader(EyeRefiner(head), "eyes", bare, samples["crop"][:2], torch.zeros(2, 62))
