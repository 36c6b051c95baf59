# SPDX-License-Identifier: GPL-3.0-or-later
"""Line 2 of algorithm 1: k batches to look ahead on, and one to judge by that shares no sample with them."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, overload

import torch
from torch import Tensor

from .sample_buffer import Batch, SampleBuffer, run_length


class ChosenBatches(Sequence[Batch]):
    """Batches that are read out of a pool each time they are asked for: thousands of them take no memory.

    The pool must not turn meanwhile, or they change: where samples are still being added, make a list of them.

    Args:
        pool: of the samples.
        chosen: the runs ``(R,)`` of each batch.
        length: of the runs.
        place: brings a batch to where it is used.
    """

    def __init__(
        self, pool: SampleBuffer, chosen: Sequence[Tensor], length: int,
        place: Callable[[Batch], Batch] = dict,
    ) -> None:  # fmt: skip
        self.pool, self.chosen, self.length, self.place = pool, chosen, length, place

    def __len__(self) -> int:
        return len(self.chosen)

    @overload
    def __getitem__(self, at: int) -> Batch: ...
    @overload
    def __getitem__(self, at: slice) -> "ChosenBatches": ...
    def __getitem__(self, at: int | slice) -> "Batch | ChosenBatches":
        if isinstance(at, slice):
            return ChosenBatches(self.pool, self.chosen[at], self.length, self.place)
        return self.place(self.pool.take(self.chosen[at], self.length))


class Round(NamedTuple):
    """What one iteration of algorithm 1 is given.

    Attributes:
        train: k meta-train batches.
        test: the meta-test batch.
    """

    train: Sequence[Batch]
    test: Batch


def draw_round(
    pool: SampleBuffer, count: int, k: int, generator: torch.Generator, in_runs: bool = False,
    place: Callable[[Batch], Batch] = dict,
) -> Round:  # fmt: skip
    """Draw k + 1 batches of ``count`` samples, the last disjoint from all others.

    The k batches are disjoint from one another too where the pool holds enough; else what the test batch leaves is
    gone through again, in a new order each time.

    Args:
        pool: to draw from.
        count: samples in a batch.
        k: batches to look ahead on.
        generator: of the random numbers, on the pool's device.
        in_runs: whether samples come in whole runs of eight.
        place: brings a batch to where it is used.

    Raises:
        ValueError: the pool does not hold two batches, or a batch does not consist of whole runs.
    """
    length = run_length(count, in_runs)
    each, held = count // length, pool.held // length
    if held < 2 * each:
        raise ValueError(f"{pool.held} samples are too few for two batches of {count}; draw more")

    def shuffled(number: int) -> torch.Tensor:
        return torch.randperm(number, generator=generator, device=pool.device)

    order = shuffled(held)
    test, rest = order[:each], order[each:]
    passes = [rest]
    while sum(map(len, passes)) < k * each:
        passes.append(rest[shuffled(len(rest))])
    train = torch.split(torch.cat(passes)[: k * each], each)
    return Round(ChosenBatches(pool, train, length, place), place(pool.take(test, length)))
