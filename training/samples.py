# SPDX-License-Identifier: GPL-3.0-or-later
"""Feeds the trainer: worker processes draw samples, a pool on the device keeps them for reuse."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import torch
from mien.core.arkit import N_UNITS
from mien.core.assets import head_path
from mien.core.head import load_head
from mien.core.params import CROP_SIZE, N_PARAMS
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from .generator.generator import Generator
from .labels.store import load_labels
from .split import split_photos

CHUNK = 64
FIELDS = {
    "crop": ((CROP_SIZE, CROP_SIZE, 3), torch.uint8),
    "params": ((N_PARAMS,), torch.float32),
    "units": ((N_UNITS,), torch.float32),
    "units_mask": ((N_UNITS,), torch.float32),
    "face": ((), torch.float32),
}


class Endless(IterableDataset[dict[str, Tensor]]):
    """Draws chunks of samples for ever; each worker process has a seed of its own."""

    def __init__(self, labels: Path, seed: int, clips: bool) -> None:
        self.labels, self.seed, self.clips = labels, seed, clips

    def __iter__(self) -> Iterator[dict[str, Tensor]]:
        cv2.setNumThreads(1)
        torch.set_num_threads(1)
        worker = get_worker_info()
        head = load_head(head_path())
        photos = split_photos(load_labels(self.labels, head))[0]
        generator = Generator(head, photos, self.seed * 1000 + (worker.id if worker else 0))
        while True:
            batch = generator.batch(CHUNK, clips=self.clips)
            yield {name: torch.from_numpy(np.ascontiguousarray(batch[name])) for name in FIELDS}  # type: ignore[literal-required]


class Pool:
    """The newest samples, on the training device, filled by a thread as they are drawn.

    Args:
        capacity: how many samples are kept; the oldest make room.
        device: where they lie.
    """

    def __init__(
        self,
        labels: Path,
        seed: int,
        workers: int,
        capacity: int,
        device: torch.device,
        clips: bool,
    ) -> None:
        self._data = {
            name: torch.empty((capacity, *shape), dtype=kind, device=device)
            for name, (shape, kind) in FIELDS.items()
        }
        self.capacity, self.drawn, self.allowed = capacity, 0, 0
        self._device = device
        self._stop = threading.Event()
        loader = DataLoader(
            Endless(labels, seed, clips),
            batch_size=None,
            num_workers=workers,
            prefetch_factor=4 if workers else None,
            multiprocessing_context="spawn" if workers else None,
        )
        self._thread = threading.Thread(target=self._fill, args=(loader,), daemon=True)
        self._thread.start()

    def _fill(self, loader: "DataLoader[dict[str, Tensor]]") -> None:
        for chunk in loader:
            while self.drawn >= self.allowed and not self._stop.is_set():
                time.sleep(0.05)  # the cores are better spent on training for now
            if self._stop.is_set():
                return
            at = self.drawn % self.capacity
            count = min(CHUNK, self.capacity - at)
            for name, value in chunk.items():
                self._data[name][at : at + count] = value[:count].to(self._device)
            self.drawn += count

    def allow(self, drawn: int) -> None:
        """Let workers draw on until that many samples have been drawn in all."""
        self.allowed = drawn

    def ready(self, least: int) -> bool:
        """Whether at least that many samples have been drawn."""
        return self.drawn >= least

    def batch(self, count: int, generator: torch.Generator) -> dict[str, Tensor]:
        """``count`` samples at random out of those at hand."""
        held = min(self.drawn, self.capacity)
        index = torch.randint(held, (count,), generator=generator, device=self._device)
        return {name: value[index] for name, value in self._data.items()}

    def first(self, count: int) -> dict[str, Tensor]:
        """The first ``count`` samples at hand."""
        return {name: value[:count] for name, value in self._data.items()}

    def close(self) -> None:
        """Stop filling."""
        self._stop.set()
