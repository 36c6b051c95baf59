# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.restore``: turn a shipped ONNX file back into weights to train on from.

Shipping folds batch normalisation into the convolutions and the z-score into the last layer.
Both can be undone without changing what the network computes: the normalisation is given the
statistics that its convolution shows on samples, and a gain and an offset that take them back out.
"""

import argparse
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from .backbones import BACKBONES
from .network import Regressor, ZScore
from .objective import unvaried
from .pool import Batch
from .samples import draw_chunk, open_generator

SAMPLES = 1024


def restore(path: Path, backbone: str, samples: Batch) -> tuple[Regressor, ZScore]:
    """The network and z-score of an exported float32 file.

    The auxiliary landmark head is not in the file and begins untrained.

    Args:
        path: written by :mod:`training.export`.
        backbone: name of the backbone that it holds.
        samples: of which the statistics are taken.

    Raises:
        ValueError: the file holds another backbone.
    """
    stored = {
        tensor.name: torch.from_numpy(np.array(numpy_helper.to_array(tensor)))
        for tensor in onnx.load(str(path)).graph.initializer
    }
    network = Regressor(backbone)
    pairs = _normalised(network.backbone)
    try:
        with torch.no_grad():
            for name, (convolution, normalisation) in pairs.items():
                convolution.weight.copy_(stored[f"backbone.{name}.weight"])
                _be_identity(normalisation, stored[f"backbone.{name}.bias"])
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
    _take_statistics(network, pairs, samples)
    return network, zscore


def _normalised(body: nn.Module) -> dict[str, tuple[nn.Conv2d, nn.BatchNorm2d]]:
    """Every convolution that a batch normalisation follows, by the convolution's name."""
    pairs: dict[str, tuple[nn.Conv2d, nn.BatchNorm2d]] = {}
    last: tuple[str, nn.Module] = ("", body)
    for name, module in body.named_modules():
        if isinstance(module, nn.BatchNorm2d) and isinstance(last[1], nn.Conv2d):
            pairs[last[0]] = (last[1], module)
        last = (name, module)
    return pairs


def _be_identity(normalisation: nn.BatchNorm2d, bias: Tensor) -> None:
    """Make a normalisation in evaluation add ``bias`` and do nothing else."""
    normalisation.running_mean = torch.zeros_like(bias)
    normalisation.running_var = torch.ones_like(bias) - normalisation.eps
    normalisation.weight.copy_(torch.ones_like(bias))
    normalisation.bias.copy_(bias)


@torch.no_grad()
def _take_statistics(
    network: Regressor, pairs: dict[str, tuple[nn.Conv2d, nn.BatchNorm2d]], samples: Batch
) -> None:
    """Give every normalisation the mean and variance of what it sees, and take both back out."""
    seen: dict[str, tuple[Tensor, Tensor]] = {}

    def watch(name: str) -> RemovableHandle:
        def hook(_: nn.Module, __: tuple[Tensor, ...], out: Tensor) -> None:
            seen[name] = (out.mean(dim=(0, 2, 3)), out.var(dim=(0, 2, 3)))

        return pairs[name][0].register_forward_hook(hook)

    hooks = [watch(name) for name in pairs]
    network.eval()(unvaried(samples["crop"]))
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
    """Write ``weights.pt`` for ``python -m training.train --start``."""
    parser = argparse.ArgumentParser(prog="python -m training.restore", description=main.__doc__)
    parser.add_argument("model", type=Path, help="the .onnx file")
    parser.add_argument("--backbone", required=True, choices=sorted(BACKBONES))
    parser.add_argument("--labels", type=Path, default=Path("cache/labels.npz"))
    parser.add_argument("--out", type=Path, default=Path("runs/restored/weights.pt"))
    arguments = parser.parse_args()
    samples = draw_chunk(open_generator(arguments.labels, 0), False, SAMPLES)
    network, zscore = restore(arguments.model, arguments.backbone, samples)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    torch.save(
        {
            "backbone": arguments.backbone,
            "average": network.state_dict(),
            "zscore": zscore.state_dict(),
        },
        arguments.out,
    )
    print(f"{arguments.out}: {arguments.backbone} as in {arguments.model}")


if __name__ == "__main__":
    main()
