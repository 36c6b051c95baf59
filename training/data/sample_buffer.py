# SPDX-License-Identifier: GPL-3.0-or-later
"""The newest samples, kept on the training device so that each can be trained on several times."""

import threading

import torch
from mien.core.model.arkit import N_BLENDSHAPES
from mien.core.model.params import CROP_SIZE, N_PARAMS
from torch import Tensor

from ..generator.neighbouring_frames import FRAMES

Batch = dict[str, Tensor]
"""``crop`` uint8 ``(B, 120, 120, 3)`` BGR; ``params`` ``(B, 62)`` raw; ``units`` ``(B, 52)``;
``units_mask`` ``(B, 52)`` 1 where the weight is known; ``face`` ``(B,)`` 1 or 0; ``clip`` ``(B,)`` true
for the frames of short clips, which come in runs of eight."""

FIELDS: dict[str, tuple[tuple[int, ...], torch.dtype]] = {
    "crop": ((CROP_SIZE, CROP_SIZE, 3), torch.uint8),
    "params": ((N_PARAMS,), torch.float32),
    "units": ((N_BLENDSHAPES,), torch.float32),
    "units_mask": ((N_BLENDSHAPES,), torch.float32),
    "face": ((), torch.float32),
    "clip": ((), torch.bool),
}
"""Shape and type of each field of a sample, as it is kept."""


def run_length(count: int, in_runs: bool) -> int:
    """How many samples of a batch of ``count`` belong together: whole runs of eight, or each alone.

    Raises:
        ValueError: runs are wanted, and ``count`` is no multiple of eight.
    """
    if in_runs and count % FRAMES:
        raise ValueError(f"a batch of {count} does not consist of runs of {FRAMES} frames")
    return FRAMES if in_runs else 1


class SampleBuffer:
    """A ring of samples; new ones take the place of the oldest.

    Args:
        capacity: how many are kept; runs of eight must fit whole.
        device: where they lie.

    Attributes:
        drawn: how many samples were ever added.
    """

    def __init__(self, capacity: int, device: torch.device) -> None:
        self.capacity = capacity // FRAMES * FRAMES
        self.device, self.drawn = device, 0
        self._lock = threading.Lock()  # no picture may be read with the label of the one before it
        self._data = {
            name: torch.empty((self.capacity, *shape), dtype=kind, device=device)
            for name, (shape, kind) in FIELDS.items()
        }

    @classmethod
    def over(cls, data: Batch) -> "SampleBuffer":
        """A full pool over samples that are at hand already, in whole runs of eight; nothing is copied."""
        pool = cls(0, data["crop"].device)
        pool._data, pool.capacity, pool.drawn = data, len(data["crop"]), len(data["crop"])
        return pool

    def add(self, samples: Batch) -> None:
        """Add samples; runs of eight stay together, because their number is a multiple of eight."""
        count = len(samples["crop"])
        at = self.drawn % self.capacity
        first = min(count, self.capacity - at)
        with self._lock:
            for name, kept in self._data.items():
                kept[at : at + first] = samples[name][:first].to(self.device)
                if first < count:
                    kept[: count - first] = samples[name][first:].to(self.device)
            self.drawn += count

    def batch(self, count: int, generator: torch.Generator, in_runs: bool = False) -> Batch:
        """``count`` samples at random out of those at hand, with ``in_runs`` in whole runs of eight.

        Raises:
            ValueError: runs are wanted, and ``count`` is no multiple of eight.
        """
        return self.take(self.choose(count, generator, in_runs), run_length(count, in_runs))

    def choose(self, count: int, generator: torch.Generator, in_runs: bool = False) -> Tensor:
        """Which runs ``(R,)`` such a batch is made of; see :meth:`take`."""
        length = run_length(count, in_runs)
        size = (count // length,)
        return torch.randint(self.held // length, size, generator=generator, device=self.device)

    @property
    def held(self) -> int:
        """How many samples are at hand."""
        return min(self.drawn, self.capacity)

    def take(self, runs: Tensor, length: int) -> Batch:
        """The samples of runs ``(R,)`` of ``length`` each, counted from 0, one run after the other."""
        within = torch.arange(length, device=self.device)
        index = (runs[:, None] * length + within).flatten()
        with self._lock:
            chosen = {name: kept.index_select(0, index) for name, kept in self._data.items()}
        if length == 1:
            chosen["clip"] = torch.zeros_like(chosen["clip"])
        return chosen

    def first(self, count: int) -> Batch:
        """The first ``count`` samples at hand."""
        return {name: kept[: min(count, self.drawn)] for name, kept in self._data.items()}

    def newest(self, count: int) -> Batch:
        """The last ``count`` samples that were added, or as many as are at hand, the newest last."""
        held = min(self.held, count)
        with self._lock:
            index = (self.drawn - held + torch.arange(held, device=self.device)) % self.capacity
            return {name: kept.index_select(0, index) for name, kept in self._data.items()}
