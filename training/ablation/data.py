# SPDX-License-Identifier: GPL-3.0-or-later
"""What every row of the ablation gets: the same budget, and the same samples, drawn once."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch.nn import functional

from ..data.kept_samples import kept_samples
from ..data.sample_buffer import Batch, SampleBuffer
from ..data.samples import CHUNK, stream

KINDS = ("stills", "clips")
DRAWN_SEED = 7
"""Of the samples; any other number would do."""


@dataclass(frozen=True)
class Budget:
    """What every row gets.

    Attributes:
        backbone: of :data:`training.networks.backbones.BACKBONES`.
        size: side of the crops in pixels.
        steps, batch, rate: of each row. A meta-joint row takes its steps with both losses.
        base: steps of plain distances that all rows go on from; 0 begins from random weights.
        samples: drawn ahead, of each kind; measured: held-out pictures, of each kind.
        optimiser: of :data:`training.optimise.optimisers.OPTIMISERS`.
        states: what becomes of its state where losses take turns: ``carried`` from one to the other, or ``apart``,
            which is algorithm 1 as printed in the meta-joint rows and a new start in *VDC from fWPDC*.
    """

    backbone: str
    size: int
    steps: int
    batch: int
    rate: float
    base: int
    samples: int
    measured: int
    optimiser: str = "adamw"
    states: str = "carried"


class Data:
    """Samples drawn once and kept in files, so that all rows see the same.

    Args:
        folder: of the files; what is missing in them is drawn.
        labels: of photos.
        budget: how many, and of which size.
        device: to train on. The samples themselves stay in their files.
        workers: processes that draw.
    """

    def __init__(
        self, folder: Path, labels: Path, budget: Budget, device: torch.device, workers: int = 0
    ) -> None:
        self.device, self._budget = device, budget
        self._folder, self._labels, self._workers = folder, labels, workers
        self._pools: dict[str, SampleBuffer] = {}
        self._held_out: dict[str, Batch] = {}

    def pool(self, kind: str) -> SampleBuffer:
        """Samples to train on, of one of :data:`KINDS`."""
        if kind not in self._pools:
            self._pools[kind] = self._kept(kind, self._budget.samples, held_out=False)
        return self._pools[kind]

    def held_out(self, kind: str) -> Batch:
        """Samples of photos that training never sees, in the budget's size, on the training device."""
        if kind not in self._held_out:
            drawn = self._kept(kind, self._budget.measured, held_out=True)
            self._held_out[kind] = self.here(
                shrunk(drawn.first(self._budget.measured), self._budget.size)
            )
        return self._held_out[kind]

    def here(self, batch: Batch) -> Batch:
        """A batch on the training device."""
        return {name: value.to(self.device) for name, value in batch.items()}

    def _kept(self, kind: str, count: int, held_out: bool) -> SampleBuffer:
        folder = self._folder / (f"{kind}_unseen" if held_out else kind)
        return kept_samples(folder, count, partial(self._draw, kind == "clips", held_out))

    def _draw(self, clips: bool, held_out: bool, there: int, missing: int) -> Iterable[Batch]:
        chunks = -(-missing // CHUNK)
        seed = DRAWN_SEED + there
        return stream(self._labels, seed, self._workers, clips, held_out, chunks)


def shrunk(batch: Batch, size: int) -> Batch:
    """The same samples with crops of ``size`` pixels, as a network trained on those sees them."""
    crops = batch["crop"].permute(0, 3, 1, 2).float()
    if size <= crops.shape[2]:
        crops = functional.interpolate(crops, size, mode="area")
    else:
        crops = functional.interpolate(crops, size, mode="bilinear", align_corners=False)
    return batch | {"crop": crops.round().to(torch.uint8).permute(0, 2, 3, 1)}
