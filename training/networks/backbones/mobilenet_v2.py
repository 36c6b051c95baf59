# SPDX-License-Identifier: GPL-3.0-or-later
"""MobileNet-V2 at several widths."""

from functools import partial

from torch import nn

from .layers import Residual, convolve
from .registry import Backbone, register

# MobileNet-V2: expansion, channels at multiplier 1, blocks, stride of the first.
_MOBILENET_V2 = (
    (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
    (6, 320, 1, 1),
)  # fmt: skip
_LAST = 1280
"""Channels before pooling, at every multiplier up to 1."""
_relu6 = partial(nn.ReLU6, inplace=True)


def _mobilenet_v2(multiplier: float) -> Backbone:
    def wide(channels: int) -> int:
        """The next multiple of eight to the scaled width, but no more than a tenth below it."""
        scaled = channels * multiplier
        rounded = max(8, int(scaled + 4) // 8 * 8)
        return rounded + 8 if rounded < 0.9 * scaled else rounded

    channels = wide(32)
    layers: list[nn.Module] = [convolve(3, channels, 3, stride=2, activation=_relu6)]
    for expansion, width, blocks, first in _MOBILENET_V2:
        for block in range(blocks):
            stride, out, inner = first if block == 0 else 1, wide(width), channels * expansion
            body = nn.Sequential(
                convolve(channels, inner, activation=_relu6) if expansion > 1 else nn.Identity(),
                convolve(inner, inner, 3, stride, inner, _relu6),
                convolve(inner, out, activation=nn.Identity),
            )
            same = stride == 1 and channels == out
            layers.append(Residual(body, nn.Identity(), nn.Identity()) if same else body)
            channels = out
    layers.append(convolve(channels, _LAST, activation=_relu6))
    return Backbone(nn.Sequential(*layers), _LAST)


register("mobilenet_v2_x1")(lambda: _mobilenet_v2(1.0))
register("mobilenet_v2_x075")(lambda: _mobilenet_v2(0.75))
register("mobilenet_v2_x05")(lambda: _mobilenet_v2(0.5))
register("mobilenet_v2_x025")(lambda: _mobilenet_v2(0.25))
