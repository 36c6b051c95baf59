# SPDX-License-Identifier: GPL-3.0-or-later
"""Meta-joint optimisation with all that algorithm 1 prints.

:mod:`.meta_joint` lets both branches begin with the optimiser's state of the branch that won the round before. That
state was gathered under one loss and is used under the other, whose gradients have another size: second moments
of the larger one hold the smaller one still for hundreds of steps. Here each branch has a state of its own, which
follows its own gradients from the first round to the last, and the two are judged by a batch that is made into
short videos like those they learnt on (lines 2 to 4).
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch

from ..data.disjoint import Round
from ..data.sample_buffer import Batch
from .learner import Learner
from .meta_joint import BRANCHES, Choice
from .parallel import mean_of_all


class Algorithm1:
    """Rounds of meta-joint optimisation over one learner.

    Attributes:
        states: the optimiser's state of each branch.
    """

    def __init__(self, learner: Learner) -> None:
        self.learner = learner
        self.states: dict[str, Any] = {loss: learner.state()["optimiser"] for loss in BRANCHES}

    def round(
        self, drawn: Round, rates: Sequence[float], size: int, generator: torch.Generator
    ) -> Choice:
        """One iteration: leave the learner at the better end of the two branches.

        Args:
            drawn: k batches to learn on and one to judge by (:func:`training.data.disjoint.draw_round`).
            rates: k learning rates.
            size: side of the crops to train on.
            generator: of the variation, which is the same in both branches.
        """
        learner = self.learner
        crop, labels = learner.make(drawn.test, size, generator)
        start, dice = learner.state(), generator.get_state()
        ends, errors = {}, {}
        for loss in BRANCHES:
            learner.load_state(start | {"optimiser": self.states[loss]})
            generator.set_state(dice)
            for batch, rate in zip(drawn.train, rates, strict=True):
                learner.step(batch, loss, rate, size, generator)
            errors[loss] = float(mean_of_all(learner.measure_made(crop, labels)["vdc"]))
            ends[loss] = learner.state()
            self.states[loss] = ends[loss]["optimiser"]
        chosen = min(BRANCHES, key=errors.__getitem__)
        learner.load_state(ends[chosen])
        return Choice(chosen, errors)


def levelled(learner: Learner, drawn: Sequence[Batch]) -> float:
    """What VDC must be multiplied by to be as large as fWPDC at the present weights.

    SGD's steps are as long as its loss is large, and the paper does not print the units of either: with this
    factor, taken once before the first step, one learning rate serves both. AdamW does not see it.

    Args:
        learner: whose options take the factor.
        drawn: batches to measure on.
    """
    terms = [learner.measure(batch, averaged=False) for batch in drawn]
    fwpdc, vdc = (float(sum(term[name] for term in terms)) for name in BRANCHES)
    learner.options = replace(learner.options, vertex_scale=fwpdc / vdc)
    return fwpdc / vdc
