# SPDX-License-Identifier: GPL-3.0-or-later
"""A descent: a network, its optimiser, the average of its weights, and the step that changes them."""

import copy
from collections.abc import Callable
from typing import Any

from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from .optimisers import Optimiser
from .parallel import average_gradients

EMA_DECAY = 0.995
"""Share of the average that a step leaves in place, so that it is over the last 200 steps or so."""


class Descent:
    """A network on its way down.

    Args:
        network: to be changed.
        build: makes its optimiser, in the beginning and whenever it is to begin anew.
        ema_decay: of the average of its weights; None keeps no average.
    """

    def __init__(
        self,
        network: nn.Module,
        build: Callable[[nn.Module], Optimiser],
        ema_decay: float | None = EMA_DECAY,
    ) -> None:
        self.network, self._build = network, build
        self.average = None
        if ema_decay is not None:
            mean = get_ema_multi_avg_fn(ema_decay)  # type: ignore[no-untyped-call]
            self.average = AveragedModel(network, multi_avg_fn=mean, use_buffers=True)
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget what the optimiser has gathered, as when training begins from weights."""
        self.optimiser, self.longest = self._build(self.network)

    @property
    def averaged(self) -> nn.Module:
        """The averaged weights; the present ones where no average is kept."""
        return self.network if self.average is None else self.average.module

    def step(self, loss: Tensor, rate: float) -> None:
        """Take one step down a loss ``()`` at a learning rate."""
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        average_gradients(self.network.parameters())
        nn.utils.clip_grad_norm_(self.network.parameters(), self.longest)
        self.optimiser.step()
        if self.average is not None:
            self.average.update_parameters(self.network)

    def state(self) -> dict[str, Any]:
        """A copy of all that a step changes."""
        state: dict[str, Any] = {
            "network": self.network.state_dict(), "optimiser": self.optimiser.state_dict()
        }  # fmt: skip
        if self.average is not None:
            counted = int(self.average.n_averaged)
            state |= {"average": self.average.module.state_dict(), "counted": counted}
        return copy.deepcopy(state)

    def load_state(self, state: dict[str, Any]) -> None:
        """Go back to a state that :meth:`state` gave."""
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(copy.deepcopy(state["optimiser"]))
        if self.average is not None:
            self.average.module.load_state_dict(state["average"])
            self.average.n_averaged.fill_(state["counted"])
