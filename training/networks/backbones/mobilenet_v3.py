# SPDX-License-Identifier: GPL-3.0-or-later
"""MobileNet-V3, large, at several widths."""

from torch import Tensor, nn

from .layers import Residual, convolve
from .registry import Backbone, register

# MobileNet-V3, large: kernel, expansion, channels, squeeze-and-excitation, hard swish, stride.
_MOBILENET_V3 = (
    (3, 16, 16, False, False, 1), (3, 64, 24, False, False, 2), (3, 72, 24, False, False, 1),
    (5, 72, 40, True, False, 2), (5, 120, 40, True, False, 1), (5, 120, 40, True, False, 1),
    (3, 240, 80, False, True, 2), (3, 200, 80, False, True, 1), (3, 184, 80, False, True, 1),
    (3, 184, 80, False, True, 1), (3, 480, 112, True, True, 1), (3, 672, 112, True, True, 1),
    (5, 672, 160, True, True, 2), (5, 960, 160, True, True, 1), (5, 960, 160, True, True, 1),
)  # fmt: skip


class _SqueezeExcite(nn.Module):
    """Scales each channel by what the whole picture says of it."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gate = nn.Sequential(
            nn.Conv2d(channels, channels // 4, 1, bias=False),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels // 4, channels, 1, bias=False),
            nn.Hardsigmoid(),
        )

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = x * self.gate(x.mean(dim=(2, 3), keepdim=True))
        return out


def _mobilenet_v3(multiplier: float) -> Backbone:
    def wide(channels: int) -> int:
        return -int(-channels * multiplier // 8) * 8

    channels, width = 16, 1280
    layers: list[nn.Module] = [convolve(3, channels, 3, stride=2, activation=nn.Hardswish)]
    for kernel, expansion, out, excite, swish, stride in _MOBILENET_V3:
        inner = wide(expansion)
        activation = nn.Hardswish if swish else nn.ReLU
        body = nn.Sequential(
            convolve(channels, inner, activation=activation),
            convolve(inner, inner, kernel, stride, inner, nn.Identity),
            _SqueezeExcite(inner) if excite else nn.Identity(),
            activation(),
            convolve(inner, wide(out), activation=nn.Identity),
        )
        same = stride == 1 and channels == wide(out)
        layers.append(Residual(body, nn.Identity(), nn.Identity()) if same else body)
        channels = wide(out)
    layers += [
        convolve(channels, wide(960), activation=nn.Hardswish),
        nn.AdaptiveAvgPool2d(1),
        nn.Conv2d(wide(960), width, 1),
        nn.Hardswish(),
    ]
    return Backbone(nn.Sequential(*layers), width)


register("mobilenet_v3_x1")(lambda: _mobilenet_v3(1.0))
register("mobilenet_v3_x075")(lambda: _mobilenet_v3(0.75))
register("mobilenet_v3_x05")(lambda: _mobilenet_v3(0.5))
register("mobilenet_v3_x025")(lambda: _mobilenet_v3(0.25))
