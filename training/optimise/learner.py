# SPDX-License-Identifier: GPL-3.0-or-later
"""A network that learns: its weights, their average, the optimiser's state, and one step."""

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from ..data.sample_buffer import Batch
from ..geometry.face_model import FaceModel
from ..networks.network import Outputs, Regressor, ZScore
from .descent import Descent
from .objective import Options, loss_terms, make_training_batch, to_network_input, total_loss
from .optimisers import build_optimiser


class Learner:
    """Everything that a step of training changes.

    Args:
        backbone: name of the backbone.
        face: what the losses are measured on.
        device: to train on.
        options: of the objective.
        optimiser: one of :data:`.optimisers.OPTIMISERS`.
    """

    def __init__(
        self,
        backbone: str,
        face: FaceModel,
        device: torch.device,
        options: Options,
        optimiser: str = "adamw",
    ) -> None:
        self.device, self.options = device, options
        self.face = face.to(device)
        self.zscore = ZScore().to(device)
        self.network = Regressor(backbone).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.descent = Descent(self.network, partial(build_optimiser, optimiser))

    def begin_anew(self) -> None:
        """Forget what the optimiser has gathered, as when training begins from weights."""
        self.descent.begin_anew()

    @property
    def averaged(self) -> nn.Module:
        """The network with the average of its weights."""
        return self.descent.averaged

    def step(
        self, batch: Batch, loss: str, rate: float, size: int, generator: torch.Generator
    ) -> dict[str, Tensor]:
        """Take one step down ``loss`` at the learning rate ``rate`` on crops of ``size`` pixels.

        Returns:
            The terms of the loss before the step, detached.
        """
        self.network.train()
        crop, batch = self.make(batch, size, generator)
        values = loss_terms(self._run(self.network, crop), batch, self.face, self.zscore)
        whole = total_loss(values, loss, self.options)
        self.descent.step(whole, rate)
        return {name: value.detach() for name, value in {"loss": whole, **values}.items()}

    def make(self, batch: Batch, size: int, generator: torch.Generator) -> tuple[Tensor, Batch]:
        """What the network sees of a drawn batch in training, and its labels."""
        return make_training_batch(batch, size, generator, self.options.svs, self.options.rnd)

    @torch.no_grad()
    def predict(self, batch: Batch, averaged: bool, part: int = 256) -> Outputs:
        """What the averaged or the present weights say of a batch's crops as they are."""
        network = self.averaged if averaged else self.network
        network.eval()
        parts = torch.split(batch["crop"], part)
        said = [self._run(network, to_network_input(crop)) for crop in parts]
        return Outputs(*(torch.cat(field).float() for field in zip(*said, strict=True)))

    def measure(self, batch: Batch, averaged: bool) -> dict[str, Tensor]:
        """The terms of the loss on a batch's crops as they are."""
        return loss_terms(self.predict(batch, averaged), batch, self.face, self.zscore)

    @torch.no_grad()
    def measure_made(self, crop: Tensor, batch: Batch) -> dict[str, Tensor]:
        """The same terms by the present weights on what :func:`.objective.make_training_batch` gave."""
        self.network.eval()
        return loss_terms(self._run(self.network, crop), batch, self.face, self.zscore)

    def _run(self, network: nn.Module, crop: Tensor) -> Outputs:
        cuda = self.device.type == "cuda"
        with torch.autocast(self.device.type, torch.bfloat16, enabled=cuda):
            out: Outputs = network(crop)
        return out

    def state(self) -> dict[str, Any]:
        """A copy of all that a step changes."""
        zscore = {name: value.clone() for name, value in self.zscore.state_dict().items()}
        return self.descent.state() | {"zscore": zscore}

    def load_state(self, state: dict[str, Any]) -> None:
        """Go back to a state that :meth:`state` gave."""
        self.descent.load_state(state)
        self.zscore.load_state_dict(state["zscore"])
