# SPDX-License-Identifier: GPL-3.0-or-later
"""The optimisers that a network can be trained with: AdamW, and SGD as the paper prints it."""

import math
from typing import NamedTuple

import torch
from torch import nn

WEIGHT_DECAY = 0.02
"""Of AdamW, on weights alone."""
MOMENTUM, SGD_WEIGHT_DECAY = 0.9, 5e-4
"""Of SGD, on every parameter (appendix C)."""
MAX_GRAD_NORM = 2.0
"""Gradients longer than this are shortened for AdamW (chosen by eye); the paper names no such thing."""


class Optimiser(NamedTuple):
    """A way to go down a loss.

    Attributes:
        steps: moves the parameters.
        longest: gradients longer than this are shortened.
    """

    steps: torch.optim.Optimizer
    longest: float


def build_optimiser(name: str, network: nn.Module) -> Optimiser:
    """One of :data:`OPTIMISERS` over a network's parameters; the learning rate is set at every step."""
    if name == "sgd":
        sgd = torch.optim.SGD(
            network.parameters(), momentum=MOMENTUM, weight_decay=SGD_WEIGHT_DECAY
        )
        return Optimiser(sgd, math.inf)
    return adamw(network, WEIGHT_DECAY, spared=True)


def adamw(
    network: nn.Module, decay: float, spared: bool = False, longest: float = MAX_GRAD_NORM
) -> Optimiser:
    """AdamW over a network's parameters.

    Args:
        network: whose.
        decay: of its parameters.
        spared: let biases and the like not decay.
        longest: gradients longer than this are shortened.
    """
    decayed = [p for p in network.parameters() if p.ndim > 1 or not spared]
    others = [p for p in network.parameters() if p.ndim <= 1 and spared]
    groups = [{"params": decayed, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}]
    return Optimiser(torch.optim.AdamW([g for g in groups if g["params"]]), longest)


OPTIMISERS = {"adamw": 2e-3, "sgd": 3e-3}
"""By name, the highest learning rate that goes with each. The paper does not print its own: of 0.003 and 0.02 SGD
takes the first, as VDC from random weights came apart at the second within 100 steps."""
