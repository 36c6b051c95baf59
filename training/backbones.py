# SPDX-License-Identifier: GPL-3.0-or-later
"""The paper's backbones (table 5) by name. Each turns a crop into one vector of pooled features."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

BACKBONES: dict[str, Callable[[], "Backbone"]] = {}


class Backbone(nn.Module):
    """Crop ``(B, 3, 120, 120)`` in, features ``(B, width)`` out.

    Attributes:
        width: length of the feature vector.
    """

    def __init__(self, body: nn.Module, width: int) -> None:
        super().__init__()
        self.body = body
        self.width = width

    def forward(self, crop: Tensor) -> Tensor:
        """Run the body and average over the remaining positions."""
        features: Tensor = self.body(crop)
        return features.mean(dim=(2, 3))


def register(name: str) -> Callable[[Callable[[], Backbone]], Callable[[], Backbone]]:
    """Enter a backbone under ``name``."""

    def enter(build: Callable[[], Backbone]) -> Callable[[], Backbone]:
        BACKBONES[name] = build
        return build

    return enter


def build_backbone(name: str) -> Backbone:
    """The backbone of that name, freshly initialised.

    Raises:
        ValueError: there is none; the message lists those there are.
    """
    if name not in BACKBONES:
        raise ValueError(f"no backbone {name!r}; there are {', '.join(sorted(BACKBONES))}")
    return BACKBONES[name]()


def _convolve(inward: int, outward: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inward, outward, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outward),
        nn.ReLU(inplace=True),
    )


# MobileNet-V1: (channels at multiplier 1, stride) of each depthwise-separable block.
_MOBILENET = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1),
              (512, 1), (512, 1), (1024, 2), (1024, 1))  # fmt: skip


def _mobilenet(multiplier: float) -> Backbone:
    channels = int(32 * multiplier)
    layers: list[nn.Module] = [_convolve(3, channels, 3, stride=2)]
    for width, stride in _MOBILENET:
        wide = int(width * multiplier)
        layers += [_convolve(channels, channels, 3, stride, groups=channels), _convolve(channels, wide, 1)]
        channels = wide
    return Backbone(nn.Sequential(*layers), channels)


register("mobilenet_x1")(lambda: _mobilenet(1.0))
register("mobilenet_x075")(lambda: _mobilenet(0.75))
register("mobilenet_x05")(lambda: _mobilenet(0.5))


def count_parameters(module: nn.Module) -> int:
    """Number of learned parameters."""
    return sum(p.numel() for p in module.parameters())


def count_macs(module: nn.Module, size: int = 120) -> int:
    """Multiply-accumulates of convolutions and linear layers for one crop."""
    total = 0

    def add(layer: nn.Module, _: tuple[Tensor, ...], output: Tensor) -> None:
        nonlocal total
        if isinstance(layer, nn.Conv2d):
            total += output.numel() * layer.weight[0].numel()
        elif isinstance(layer, nn.Linear):
            total += layer.weight.numel()

    handles = [m.register_forward_hook(add) for m in module.modules()]
    with torch.no_grad():
        module.eval()(torch.zeros(1, 3, size, size))
    for handle in handles:
        handle.remove()
    return total
