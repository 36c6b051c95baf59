# SPDX-License-Identifier: GPL-3.0-or-later
"""Meta-joint optimisation (algorithm 1): try both losses for k steps, keep the better end."""

from collections.abc import Sequence
from typing import NamedTuple

import torch

from ..data.sample_buffer import Batch
from .learner import Learner
from .parallel import mean_of_all

LOOK_AHEAD = 100
"""k of the paper."""
BRANCHES = ("fwpdc", "vdc")
"""The two losses between which the paper's meta-joint optimisation chooses."""


class Choice(NamedTuple):
    """How a round went.

    Attributes:
        loss: the branch that was kept.
        errors: vertex error (VDC on the meta-test batch) at the end of each branch.
    """

    loss: str
    errors: dict[str, float]


def look_ahead(
    learner: Learner,
    train: Sequence[Batch],
    test: Batch,
    rates: Sequence[float],
    size: int,
    generator: torch.Generator,
) -> Choice:
    """Lines 2 to 9 of algorithm 1: leave the learner at the better end of the two branches.

    Both branches start from the same weights, average and optimiser state, see the same k batches
    varied in the same way, and carry their own optimiser state along; the chosen branch's stays.

    Args:
        learner: changed in place.
        train: k batches; test: one batch that is none of them.
        rates: k learning rates.
        size: side of the crops to train on.
        generator: of the variation; it moves on by one round.
    """
    start, dice = learner.state(), generator.get_state()
    ends, errors = {}, {}
    for loss in BRANCHES:
        learner.load_state(start)
        generator.set_state(dice)
        for batch, rate in zip(train, rates, strict=True):
            learner.step(batch, loss, rate, size, generator)
        errors[loss] = float(mean_of_all(learner.measure(test, averaged=False)["vdc"]))
        ends[loss] = learner.state()
    chosen = min(BRANCHES, key=errors.__getitem__)
    learner.load_state(ends[chosen])
    return Choice(chosen, errors)
