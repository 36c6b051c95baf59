# SPDX-License-Identifier: GPL-3.0-or-later
"""Blocks that several backbones are made of."""

from collections.abc import Callable

from torch import Tensor, nn


def convolve(
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


class Residual(nn.Module):
    """``activation(body(x) + shortcut(x))``."""

    def __init__(self, body: nn.Module, shortcut: nn.Module, activation: nn.Module) -> None:
        super().__init__()
        self.body, self.shortcut, self.activation = body, shortcut, activation

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.activation(self.body(x) + self.shortcut(x))
        return out
