# SPDX-License-Identifier: GPL-3.0-or-later
"""Line 2 of algorithm 1: k batches to look ahead on, and one to judge by that shares no sample with them."""

from typing import NamedTuple

import torch

from .sample_buffer import Batch, SampleBuffer, run_length


class Round(NamedTuple):
    """What one iteration of algorithm 1 is given.

    Attributes:
        train: k meta-train batches.
        test: the meta-test batch.
    """

    train: list[Batch]
    test: Batch


def draw_round(
    pool: SampleBuffer, count: int, k: int, generator: torch.Generator, in_runs: bool = False
) -> Round:
    """Draw k + 1 batches of ``count`` samples, the last disjoint from all others.

    The k batches are disjoint from one another too where the pool holds enough; else what the test batch leaves is
    gone through again, in a new order each time.

    Args:
        pool: to draw from.
        count: samples in a batch.
        k: batches to look ahead on.
        generator: of the random numbers, on the pool's device.
        in_runs: whether samples come in whole runs of eight.

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
    return Round([pool.take(runs, length) for runs in train], pool.take(test, length))
