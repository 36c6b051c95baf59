# SPDX-License-Identifier: GPL-3.0-or-later
"""The exported network computes in fewer steps what the trained ones do."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from mien.core.assets import regressor_path
from mien.core.capture.regressor import Regressor as Runtime
from mien.core.capture.sources import open_source
from mien.core.model.crop import CropBox, cut
from mien.core.model.head import Head

from training.deploy.equalise import equalise
from training.deploy.export import to_onnx
from training.deploy.folding import grey_rows, on_rows
from training.deploy.parts import Readers
from training.deploy.patch_sampler import PatchSampler
from training.deploy.quantise import quantise
from training.networks.details import MouthBrowRefiner, with_expression
from training.networks.eyes import EYE_BLENDSHAPES, EyeRefiner
from training.networks.network import Regressor, ZScore, normalise
from training.networks.patches import facing

from .conftest import random_params


@pytest.fixture(scope="module")
def readers(head: Head) -> Readers:
    """Untrained, but with normalisations that do something."""
    torch.manual_seed(0)
    made = Readers(EyeRefiner(head), MouthBrowRefiner(head))
    torch.nn.init.normal_(made.details.correction.weight, std=0.1)
    for module in (m for reader in made for m in reader.modules()):
        if isinstance(module, torch.nn.BatchNorm1d | torch.nn.BatchNorm2d):
            torch.nn.init.normal_(module.running_mean, 0, 0.1)
            torch.nn.init.uniform_(module.running_var, 0.5, 2)
    return Readers(*(reader.eval() for reader in made))


@pytest.fixture(scope="module")
def crops(clip: Path) -> np.ndarray:
    """A real face, its mirror image, and one that leaves the picture."""
    image = next(iter(open_source(clip))).image
    face = cut(image, CropBox(90, 76, 85))
    return np.stack([face, face[:, ::-1], cut(image, CropBox(40, 30, 85))])


def test_the_first_convolution_sees_the_same_in_rows(crops: np.ndarray) -> None:
    plain = torch.nn.Conv2d(3, 8, 5, 2, 2)
    crop = torch.from_numpy(crops)
    with torch.no_grad():
        wanted = plain(normalise(crop.permute(0, 3, 1, 2)))
        assert torch.allclose(on_rows(plain)(grey_rows(crop)), wanted, atol=1e-5)


def test_patches_are_those_of_the_networks(readers: Readers, crops: np.ndarray) -> None:
    """Also of faces that lean, turn, and reach over the edge of the crop."""
    params = torch.from_numpy(random_params(9))
    params[:3, 3] += 60
    crop = torch.from_numpy(np.repeat(crops, 3, axis=0))
    picture = crop.permute(0, 3, 1, 2).float()
    with torch.no_grad():
        forward, patches = PatchSampler(*readers)(crop.reshape(-1, 1, 120, 360).float(), params)
        wanted = [
            *(look.patch(picture, params) for look in readers.details.looks),
            readers.eyes.patches(picture, params),
        ]
    assert torch.allclose(forward, facing(params), atol=1e-5)
    for ours, theirs in zip(patches, wanted, strict=True):
        assert ours.shape == theirs.shape
        assert (ours - theirs).abs().max() < 0.05  # of 255 steps


def test_the_file_says_what_the_trained_networks_say(
    readers: Readers, crops: np.ndarray, head: Head, tmp_path: Path
) -> None:
    torch.manual_seed(2)
    network, zscore = Regressor("mobilenet_x05_placed").eval(), ZScore()
    zscore.mean[[0, 5, 10]] = 420.0  # type: ignore[index]
    to_onnx(network, zscore, tmp_path / "model.onnx", "whole", head.id, readers)
    out = Runtime(tmp_path / "model.onnx").look(crops)
    picture = normalise(torch.from_numpy(crops).permute(0, 3, 1, 2))
    with torch.no_grad():
        said = network(picture)
        params = zscore.decode(said.params)
        eyes, (details, expression) = (reader(picture, params) for reader in readers)
    assert np.allclose(out.params, with_expression(params, expression).numpy(), atol=1e-3)
    assert np.allclose(out.blendshapes[:, EYE_BLENDSHAPES], eyes.sigmoid().numpy(), atol=1e-4)
    others = [k for k in range(52) if k not in EYE_BLENDSHAPES]
    assert np.allclose(out.blendshapes[:, others], details.sigmoid().numpy(), atol=1e-4)
    assert np.allclose(out.confidence, said.face.sigmoid().numpy(), atol=1e-5)


def test_eight_bits_begin_behind_the_wide_maps(tmp_path: Path, crops: np.ndarray) -> None:
    copy = tmp_path / "model.onnx"
    copy.write_bytes(regressor_path().read_bytes())
    small = quantise(copy, np.repeat(crops, 6, axis=0))
    graph = onnx.load(str(small)).graph
    kept = {t.name: t.data_type for t in graph.initializer}
    assert kept["backbone.body.0.0.weight"] == onnx.TensorProto.FLOAT
    assert kept["parts.think.weight"] == onnx.TensorProto.FLOAT
    assert any(kind == onnx.TensorProto.INT8 for kind in kept.values())
    assert small.stat().st_size < 0.8 * copy.stat().st_size
    whole, part = (Runtime(path).look(crops[:2]) for path in (copy, small))
    assert 0 < np.abs(whole.blendshapes - part.blendshapes).max() < 0.2


def test_channels_of_one_range_change_nothing_that_is_said(crops: np.ndarray) -> None:
    """Every map gets its strongest channel no further above the others, and the file says what it did."""
    model = onnx.load(str(regressor_path()))
    wide = [node.name for node in model.graph.node if node.name.startswith("/backbone/body/body.2")]
    before = spread(model, crops)
    equalise(model, crops, set(wide))
    assert spread(model, crops) < before / 2
    one, other = (run_bytes(m, crops) for m in (onnx.load(str(regressor_path())), model))
    assert np.allclose(one, other, atol=1e-2)


def run_bytes(model: onnx.ModelProto, crops: np.ndarray, name: str = "params") -> np.ndarray:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    return np.asarray(session.run([name], {"crop": crops})[0])


def spread(model: onnx.ModelProto, crops: np.ndarray) -> float:
    """How far the ranges of the channels of one map differ: deviation over mean."""
    watched = onnx.ModelProto()
    watched.CopyFrom(model)
    relu = "/backbone/body/body.22/body.22.2/Relu_output_0"
    watched.graph.output.append(onnx.helper.make_empty_tensor_value_info(relu))
    reached = run_bytes(watched, crops, relu).max(axis=(0, 2, 3))
    return float(reached.std() / reached.mean())
