# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import numpy as np
import pytest
import torch
from mien.core.assets import head_path, regressor_path
from mien.core.head import load_head
from mien.core.regressor import Regressor as Runtime

from training.export import parity, to_onnx
from training.network import Regressor, ZScore
from training.objective import unvaried
from training.restore import restore
from training.samples import draw_chunk, open_generator

CROPS = np.random.default_rng(1).integers(0, 256, (4, 120, 120, 3), np.uint8)


@pytest.fixture(scope="module")
def samples(labels: Path) -> dict[str, torch.Tensor]:
    return draw_chunk(open_generator(labels, 0), False, 64)


def apart(network: Regressor, zscore: ZScore, path: Path, crops: np.ndarray) -> float:
    """Largest difference in sigmas of pose and identity, which the network of mouth and brows leaves alone."""
    with torch.no_grad():
        ours = network.eval()(unvaried(torch.from_numpy(crops))).params
    theirs = zscore.encode(torch.from_numpy(Runtime(path).run(crops).params))
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
