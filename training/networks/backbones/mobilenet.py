# SPDX-License-Identifier: GPL-3.0-or-later
"""MobileNet-V1 at several widths; the network that is shipped is one of them."""

from torch import nn

from ..spatial_pooling import LearnedSpatialPool
from .layers import convolve
from .registry import Backbone, register

# MobileNet-V1: (channels at multiplier 1, stride) of each depthwise-separable block.
_MOBILENET = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5,
              (1024, 2), (1024, 1))  # fmt: skip


def _mobilenet(multiplier: float, placed: bool = False) -> Backbone:
    channels = int(32 * multiplier)
    layers: list[nn.Module] = [convolve(3, channels, 3, stride=2)]
    for width, stride in _MOBILENET:
        wide = int(width * multiplier)
        layers += [
            convolve(channels, channels, 3, stride, groups=channels),
            convolve(channels, wide),
        ]
        channels = wide
    pool = LearnedSpatialPool(channels) if placed else None
    return Backbone(nn.Sequential(*layers), channels, pool)


register("mobilenet_x1")(lambda: _mobilenet(1.0))
register("mobilenet_x075")(lambda: _mobilenet(0.75))
register("mobilenet_x05")(lambda: _mobilenet(0.5))
register("mobilenet_x025")(lambda: _mobilenet(0.25))
register("mobilenet_x05_placed")(lambda: _mobilenet(0.5, placed=True))
