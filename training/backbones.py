# SPDX-License-Identifier: GPL-3.0-or-later
"""The paper's backbones (table 5) by name. Each turns a crop into one vector of pooled features.

``python -m training.backbones`` prints their size and cost beside the paper's figures.
"""

from collections.abc import Callable
from typing import NamedTuple

from mien.core.params import CROP_SIZE, N_PARAMS
from torch import Tensor, nn

from .cost import count_cost, count_parameters
from .pooling import VIEWS, PlacedMean

BACKBONES: dict[str, Callable[[], "Backbone"]] = {}


class Backbone(nn.Module):
    """Crop ``(B, 3, 120, 120)`` in, features ``(B, width)`` out.

    Attributes:
        width: length of the feature vector.
    """

    def __init__(self, body: nn.Module, width: int, pool: PlacedMean | None = None) -> None:
        super().__init__()
        self.body = body
        self.pool = pool
        self.width = width if pool is None else VIEWS * width

    def forward(self, crop: Tensor) -> Tensor:
        """Run the body and pool over the remaining positions, plainly unless told how."""
        features: Tensor = self.body(crop)
        if self.pool is None:
            return features.mean(dim=(2, 3))
        pooled: Tensor = self.pool(features)
        return pooled


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


def _convolve(
    inward: int,
    outward: int,
    kernel: int = 1,
    stride: int = 1,
    groups: int = 1,
    activation: Callable[[], nn.Module] = lambda: nn.ReLU(inplace=True),
) -> nn.Sequential:
    """Convolution, batch normalisation, activation."""
    return nn.Sequential(
        nn.Conv2d(inward, outward, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outward),
        activation(),
    )


class _Residual(nn.Module):
    """``activation(body(x) + shortcut(x))``."""

    def __init__(self, body: nn.Module, shortcut: nn.Module, activation: nn.Module) -> None:
        super().__init__()
        self.body, self.shortcut, self.activation = body, shortcut, activation

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.activation(self.body(x) + self.shortcut(x))
        return out


# MobileNet-V1: (channels at multiplier 1, stride) of each depthwise-separable block.
_MOBILENET = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5,
              (1024, 2), (1024, 1))  # fmt: skip


def _mobilenet(multiplier: float, placed: bool = False) -> Backbone:
    channels = int(32 * multiplier)
    layers: list[nn.Module] = [_convolve(3, channels, 3, stride=2)]
    for width, stride in _MOBILENET:
        wide = int(width * multiplier)
        layers += [
            _convolve(channels, channels, 3, stride, groups=channels),
            _convolve(channels, wide),
        ]
        channels = wide
    pool = PlacedMean(channels) if placed else None
    return Backbone(nn.Sequential(*layers), channels, pool)


register("mobilenet_x1")(lambda: _mobilenet(1.0))
register("mobilenet_x075")(lambda: _mobilenet(0.75))
register("mobilenet_x05")(lambda: _mobilenet(0.5))
register("mobilenet_x05_placed")(lambda: _mobilenet(0.5, placed=True))


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


@register("mobilenet_v3_x05")
def _mobilenet_v3(multiplier: float = 0.5) -> Backbone:
    def wide(channels: int) -> int:
        return -int(-channels * multiplier // 8) * 8

    channels, width = 16, 1280
    layers: list[nn.Module] = [_convolve(3, channels, 3, stride=2, activation=nn.Hardswish)]
    for kernel, expansion, out, excite, swish, stride in _MOBILENET_V3:
        inner = wide(expansion)
        activation = nn.Hardswish if swish else nn.ReLU
        body = nn.Sequential(
            _convolve(channels, inner, activation=activation),
            _convolve(inner, inner, kernel, stride, inner, nn.Identity),
            _SqueezeExcite(inner) if excite else nn.Identity(),
            activation(),
            _convolve(inner, wide(out), activation=nn.Identity),
        )
        same = stride == 1 and channels == wide(out)
        layers.append(_Residual(body, nn.Identity(), nn.Identity()) if same else body)
        channels = wide(out)
    layers += [
        _convolve(channels, wide(960), activation=nn.Hardswish),
        nn.AdaptiveAvgPool2d(1),
        nn.Conv2d(wide(960), width, 1),
        nn.Hardswish(),
    ]
    return Backbone(nn.Sequential(*layers), width)


@register("resnet22")
def _resnet22() -> Backbone:
    layers: list[nn.Module] = [_convolve(3, 32, 5, stride=2), _convolve(32, 64, 3)]
    channels = 64
    for width, blocks in ((128, 3), (256, 4), (512, 3)):
        for block in range(blocks):
            stride = 2 if block == 0 else 1
            body = nn.Sequential(
                _convolve(channels, width, 3, stride),
                _convolve(width, width, 3, activation=nn.Identity),
            )
            shortcut = (
                _convolve(channels, width, 1, stride, activation=nn.Identity)
                if block == 0
                else nn.Identity()
            )
            layers.append(_Residual(body, shortcut, nn.ReLU(inplace=True)))
            channels = width
    return Backbone(nn.Sequential(*layers), channels)


class PaperRow(NamedTuple):
    """A row of table 5, and what it was counted for.

    The paper's counts are met when every value that passes batch normalisation counts four. Its
    MobileNet-V3 was counted with crops of 128 pixels and with the 136 landmark outputs.

    Attributes:
        parameters, macs: in millions.
        size: side of the crop.
        outputs: numbers regressed.
    """

    parameters: float
    macs: float
    size: int = CROP_SIZE
    outputs: int = N_PARAMS


PAPER = {
    "mobilenet_x1": PaperRow(3.27, 183.5),
    "mobilenet_x075": PaperRow(1.86, 105.9),
    "mobilenet_v3_x05": PaperRow(1.65, 27.4, 128, N_PARAMS + 136),
    "resnet22": PaperRow(18.45, 2663.0),
}
NORMALISATION_COST = 4


def measure(
    name: str, size: int = CROP_SIZE, outputs: int = N_PARAMS
) -> tuple[float, float, float]:
    """Millions of parameters, of MACs, and of MACs as the paper counts them."""
    backbone = build_backbone(name)
    network = nn.Sequential(backbone, nn.Linear(backbone.width, outputs))
    cost = count_cost(network, size)
    as_paper = cost.macs + NORMALISATION_COST * cost.normalised
    return count_parameters(network) / 1e6, cost.macs / 1e6, as_paper / 1e6


def main() -> None:
    """Print every backbone with 62 outputs at 120 pixels, and the paper's rows as counted there."""
    print(f"{'backbone':20} {'parameters':>11} {'MACs':>9}   counted as the paper does: paper")
    for name in BACKBONES:
        size, macs, _ = measure(name)
        line = f"{name:20} {size:9.2f} M {macs:7.1f} M"
        if name in PAPER:
            row = PAPER[name]
            size, _, macs = measure(name, row.size, row.outputs)
            line += f"   {size:.2f} M, {macs:.1f} M: {row.parameters:g} M, {row.macs:g} M"
            line += f" ({row.outputs} outputs at {row.size} pixels)"
        print(line)


if __name__ == "__main__":
    main()
