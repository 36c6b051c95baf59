# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts what a network costs: parameters, and multiply-accumulates for one crop."""

from typing import NamedTuple

import torch
from mien.core.model.params import CROP_SIZE
from torch import Tensor, nn


def count_parameters(module: nn.Module) -> int:
    """Number of learned parameters."""
    return sum(p.numel() for p in module.parameters())


class Cost(NamedTuple):
    """Work for one crop.

    Attributes:
        macs: multiply-accumulates of convolutions and linear layers.
        normalised: values that pass through batch normalisation, which folding makes free.
    """

    macs: int
    normalised: int


def count_cost(module: nn.Module, size: int = CROP_SIZE) -> Cost:
    """Count the work for one crop of ``size`` pixels a side."""
    macs = normalised = 0

    def add(layer: nn.Module, _: tuple[Tensor, ...], output: Tensor) -> None:
        nonlocal macs, normalised
        if isinstance(layer, nn.Conv2d):
            macs += output.numel() * layer.weight[0].numel()
        elif isinstance(layer, nn.Linear):
            macs += layer.weight.numel()
        elif isinstance(layer, nn.BatchNorm2d):
            normalised += output.numel()

    handles = [m.register_forward_hook(add) for m in module.modules()]
    with torch.no_grad():
        module.eval()(torch.zeros(1, 3, size, size))
    for handle in handles:
        handle.remove()
    return Cost(macs, normalised)
