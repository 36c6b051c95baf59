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
"""Gradients longer than this are shortened for AdamW; the paper names no such thing."""


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
    weights = [p for p in network.parameters() if p.ndim > 1]
    others = [p for p in network.parameters() if p.ndim <= 1]
    adamw = torch.optim.AdamW(
        [
            {"params": weights, "weight_decay": WEIGHT_DECAY},
            {"params": others, "weight_decay": 0.0},
        ]
    )
    return Optimiser(adamw, MAX_GRAD_NORM)


OPTIMISERS = {"adamw": 2e-3, "sgd": 3e-3}
"""By name, the highest learning rate that goes with each. The paper does not print its own: of 0.003 and 0.02 SGD
takes the first, as VDC from random weights came apart at the second within 100 steps."""
