# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from mien.core.capture.regressor import Regressor as Shipped

from training.deploy.export import parity, to_onnx
from training.networks.backbones import build_backbone
from training.networks.backbones.table5 import PAPER, measure
from training.networks.network import Regressor, ZScore
from training.networks.weights import load_weights


@pytest.mark.parametrize("name", list(PAPER))
def test_backbones_have_the_size_that_the_paper_states(name: str) -> None:
    row = PAPER[name]
    parameters, _, macs = measure(name, row.size, row.outputs)
    assert round(parameters, 2) == row.parameters
    assert abs(macs - row.macs) < 0.03 * row.macs


@pytest.mark.parametrize(
    "name",
    ["mobilenet_x1", "mobilenet_x025", "mobilenet_x05_placed", "mobilenet_v2_x025", "mobilenet_v3_x025",
     "resnet22"],
)  # fmt: skip
def test_any_size_of_crop_goes_through(name: str) -> None:
    network = Regressor(name).eval()
    for size in (64, 96, 120):
        out = network(torch.zeros(2, 3, size, size))
        assert out.params.shape == (2, 62)
        assert out.blendshapes.shape == (2, 52)
        assert out.face.shape == (2,)
        assert out.landmarks.shape == (2, 68, 2)


def test_mobilenet_v2_has_the_size_that_its_paper_states() -> None:
    """With 1000 outputs at 224 pixels: 3.4 M parameters (3.50 counted whole), 300 M MACs; at 0.5, 1.95 and 97 M."""
    for name, size, macs in (("mobilenet_v2_x1", 3.50, 300.8), ("mobilenet_v2_x05", 1.97, 97.1)):
        parameters, counted, _ = measure(name, 224, 1000)
        assert round(parameters, 2) == size
        assert abs(counted - macs) < 1


def test_an_unknown_backbone_is_named() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        build_backbone("nonsense")


def test_zscore_decodes_what_it_encodes() -> None:
    params = torch.randn(50, 62) * 30 + 5
    params[:, 11] = 0  # never varies
    zscore = ZScore(params)
    encoded = zscore.encode(params)
    assert torch.allclose(zscore.decode(encoded), params, atol=1e-3)
    assert torch.allclose(encoded.std(dim=0)[:11], torch.ones(11), atol=1e-3)
    assert torch.isfinite(encoded).all()


@pytest.fixture(scope="module", params=["mobilenet_x05", "mobilenet_x05_placed"])
def exported(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> tuple[Path, Regressor, ZScore]:
    torch.manual_seed(1)
    network, zscore = Regressor(request.param), ZScore(torch.randn(100, 62) * 20 + 3)
    for layer in network.modules():  # statistics that folding must carry over
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.running_mean.normal_(0, 0.1)
            layer.running_var.uniform_(0.5, 2)
    path = tmp_path_factory.mktemp("onnx") / "a.onnx"
    to_onnx(network, zscore, path, "test-1", "f00d")
    return path, network, zscore


def test_the_exported_network_says_what_torch_says(
    exported: tuple[Path, Regressor, ZScore],
) -> None:
    path, network, zscore = exported
    crops = np.random.default_rng(0).integers(0, 256, (5, 120, 120, 3), np.uint8)
    assert parity(network, zscore, path, crops) < 1e-4


def test_the_core_loads_it(exported: tuple[Path, Regressor, ZScore]) -> None:
    loaded = Shipped(exported[0])
    assert (loaded.id, loaded.head_id) == ("test-1", "f00d")
    out = loaded.run(np.zeros((3, 120, 120, 3), np.uint8))
    assert out.confidence.shape == (3,)


def test_no_normalisation_is_left_in_the_graph(exported: tuple[Path, Regressor, ZScore]) -> None:
    kinds = {node.op_type for node in onnx.load(str(exported[0])).graph.node}
    assert "BatchNormalization" not in kinds


def test_weights_of_a_run_are_read_without_unpickling_code(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (print, ("boom",))

    torch.save({"average": Bomb()}, tmp_path / "weights.pt")
    with pytest.raises(Exception, match=r"weights_only|Unsupported"):
        load_weights(tmp_path / "weights.pt")
