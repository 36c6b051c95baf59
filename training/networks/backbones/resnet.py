# SPDX-License-Identifier: GPL-3.0-or-later
"""ResNet-22."""

from torch import nn

from .layers import Residual, convolve
from .registry import Backbone, register


@register("resnet22")
def _resnet22() -> Backbone:
    layers: list[nn.Module] = [convolve(3, 32, 5, stride=2), convolve(32, 64, 3)]
    channels = 64
    for width, blocks in ((128, 3), (256, 4), (512, 3)):
        for block in range(blocks):
            stride = 2 if block == 0 else 1
            body = nn.Sequential(
                convolve(channels, width, 3, stride),
                convolve(width, width, 3, activation=nn.Identity),
            )
            shortcut = (
                convolve(channels, width, 1, stride, activation=nn.Identity)
                if block == 0
                else nn.Identity()
            )
            layers.append(Residual(body, shortcut, nn.ReLU(inplace=True)))
            channels = width
    return Backbone(nn.Sequential(*layers), channels)
