# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.deploy.from_onnx``: turn a shipped ONNX file back into weights to train on from.

The regressor's go to ``training.optimise.train --start``, those of the eyes' network and of the
network of mouth and brows to ``training.optimise.train_eyes`` and ``training.optimise.train_details --start``.

Shipping folds batch normalisation into the layers before and the z-score into the last one.
Both can be undone without changing what the network computes: the normalisation is given the
statistics that its convolution shows on samples, and a gain and an offset that take them back out.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from mien.core.assets import head_path
from mien.core.model.head import load_head
from onnx import numpy_helper
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from ..data.sample_buffer import Batch
from ..data.samples import draw_chunk, open_generator
from ..networks.backbones import BACKBONES
from ..networks.details import MouthBrowRefiner
from ..networks.eyes import EyeRefiner
from ..networks.network import Regressor, ZScore
from ..optimise.objective import to_network_input
from ..optimise.regressed_faces import regress
from ..saving import save_tensors
from .shipped import unfold

SAMPLES = 1024
"""Drawn crops on which normalisations that the file no longer has are measured anew."""
Pair = tuple[nn.Conv2d | nn.Linear, nn.BatchNorm2d | nn.BatchNorm1d]
"""A layer and the normalisation behind it, which shipping merges into it."""


def restore(path: Path, backbone: str, samples: Batch) -> tuple[Regressor, ZScore]:
    """The network and z-score of an exported float32 file.

    The auxiliary landmark head is not in the file and begins untrained.

    Args:
        path: written by :mod:`training.deploy.export`.
        backbone: name of the backbone that it holds.
        samples: of which the statistics are taken.

    Raises:
        ValueError: the file holds another backbone.
    """
    network = Regressor(backbone)
    pairs = _normalised(network.backbone)
    try:
        stored = _stored(path)
        with torch.no_grad():
            _unfold(pairs, stored, "backbone.")
            if network.backbone.pool is not None:
                network.backbone.pool.kernel.copy_(stored["backbone.pool.kernel"])
            for head in ("params", "units", "face"):
                layer = getattr(network, head)
                layer.weight.copy_(stored[f"{head}.weight"])
                layer.bias.copy_(stored[f"{head}.bias"])
            zscore = ZScore(samples["params"][samples["face"] > 0])
            network.params.weight.div_(zscore.std[:, None])
            network.params.bias.sub_(zscore.mean).div_(zscore.std)
    except (KeyError, RuntimeError) as error:
        raise ValueError(f"{path} does not hold a float32 {backbone}: {error}") from error
    _take_statistics(pairs, lambda: network.eval()(to_network_input(samples["crop"])))
    return network, zscore


def restore_reader(reader: nn.Module, name: str, path: Path, crop: Tensor, params: Tensor) -> None:
    """Load the network of a part of the face from an exported float32 file.

    Args:
        reader: to load into.
        name: ``eyes`` or ``details``.
        path: written by :mod:`training.deploy.export`.
        crop: ``(B, 120, 120, 3)`` bytes, of which the statistics are taken.
        params: ``(B, 62)`` raw, of the same faces.

    Raises:
        ValueError: the file holds no such network.
    """
    pairs = _normalised(reader)
    kept = reader.state_dict()
    try:
        stored = _stored(path)
        with torch.no_grad():
            _unfold(pairs, stored, f"{name}.")
            layers = [module for pair in pairs.values() for module in pair]
            done = {id(t) for m in layers for t in (*m.parameters(), *m.buffers())}
            for key, value in (*reader.named_parameters(), *reader.named_buffers()):
                if key in kept and id(value) not in done and value.is_floating_point():
                    value.copy_(stored[f"{name}.{key}"])
    except (KeyError, RuntimeError) as error:
        raise ValueError(f"{path} holds no network of {name}: {error}") from error
    _take_statistics(pairs, lambda: reader.eval()(to_network_input(crop), params))


def _stored(path: Path) -> dict[str, Tensor]:
    """The file's tensors by the names that they have in training."""
    stored = {
        tensor.name: torch.from_numpy(np.array(numpy_helper.to_array(tensor)))
        for tensor in onnx.load(str(path)).graph.initializer
    }
    unfold(stored)
    return stored


def _unfold(pairs: dict[str, Pair], stored: dict[str, Tensor], prefix: str) -> None:
    """Give layers the weights that their normalisations were merged into."""
    for name, (layer, normalisation) in pairs.items():
        layer.weight.copy_(stored[f"{prefix}{name}.weight"])
        if layer.bias is not None:
            layer.bias.zero_()
        _be_identity(normalisation, stored[f"{prefix}{name}.bias"])


def _normalised(body: nn.Module) -> dict[str, Pair]:
    """Every layer that a batch normalisation follows, by the layer's name."""
    pairs: dict[str, Pair] = {}
    last: tuple[str, nn.Module] = ("", body)
    for name, module in body.named_modules():
        normalisation = isinstance(module, nn.BatchNorm2d | nn.BatchNorm1d)
        if normalisation and isinstance(last[1], nn.Conv2d | nn.Linear):
            pairs[last[0]] = (last[1], module)
        last = (name, module)
    return pairs


def _be_identity(normalisation: nn.BatchNorm2d | nn.BatchNorm1d, bias: Tensor) -> None:
    """Make a normalisation in evaluation add ``bias`` and do nothing else."""
    normalisation.running_mean = torch.zeros_like(bias)
    normalisation.running_var = torch.ones_like(bias) - normalisation.eps
    normalisation.weight.copy_(torch.ones_like(bias))
    normalisation.bias.copy_(bias)


@torch.no_grad()
def _take_statistics(pairs: dict[str, Pair], run: Callable[[], Any]) -> None:
    """Give every normalisation the mean and variance of what it sees, and take both back out."""
    seen: dict[str, tuple[Tensor, Tensor]] = {}

    def watch(name: str) -> RemovableHandle:
        def hook(_: nn.Module, __: tuple[Tensor, ...], out: Tensor) -> None:
            others = [d for d in range(out.ndim) if d != 1]
            seen[name] = (out.mean(dim=others), out.var(dim=others))

        return pairs[name][0].register_forward_hook(hook)

    hooks = [watch(name) for name in pairs]
    run()
    for hook in hooks:
        hook.remove()
    for name, (mean, variance) in seen.items():
        normalisation = pairs[name][1]
        offset = normalisation.bias.clone()
        normalisation.running_mean = mean
        normalisation.running_var = variance
        normalisation.weight.copy_((variance + normalisation.eps).sqrt())
        normalisation.bias.copy_(mean + offset)


def main() -> None:
    """Write ``weights.pt``, ``eyes.pt`` and ``details.pt`` into a folder."""
    parser = argparse.ArgumentParser(
        prog="python -m training.deploy.from_onnx", description=main.__doc__
    )
    parser.add_argument("model", type=Path, help="the .onnx file")
    parser.add_argument("--backbone", required=True, choices=sorted(BACKBONES))
    parser.add_argument("--labels", type=Path, default=Path("cache/labels.npz"))
    parser.add_argument("--out", type=Path, default=Path("runs/restored"), help="folder")
    arguments = parser.parse_args()
    samples = draw_chunk(open_generator(arguments.labels, 0), False, SAMPLES)
    network, zscore = restore(arguments.model, arguments.backbone, samples)
    out: Path = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    learned = {"average": network.state_dict(), "zscore": zscore.state_dict()}
    save_tensors({"backbone": arguments.backbone, **learned}, out / "weights.pt")
    faces = regress(out / "weights.pt", [samples])
    head = load_head(head_path())
    for name, reader in (("eyes", EyeRefiner(head)), ("details", MouthBrowRefiner(head))):
        restore_reader(reader, name, arguments.model, faces.crop, faces.params)
        save_tensors(reader.state_dict(), out / f"{name}.pt")
    print(f"{out}: {arguments.backbone} and its networks of parts as in {arguments.model}")


if __name__ == "__main__":
    main()
