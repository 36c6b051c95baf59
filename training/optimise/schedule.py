# SPDX-License-Identifier: GPL-3.0-or-later
"""What changes over a run's schedule: the learning rate and the size of the crops."""

import math

from mien.core.model.params import CROP_SIZE

CROP_SIZE_SCHEDULE = ((0.35, 64), (0.6, 96), (math.inf, CROP_SIZE))
"""Until which share of the schedule which size of crop is trained on. Small crops teach the coarse
things at a third of the cost; the network has no layer that depends on the size."""
WARMUP_FRACTION = 0.01
"""Share of the schedule over which the learning rate rises, before it falls along a cosine."""


def crop_size(progress: float, started: bool = False) -> int:
    """Side of the crops to train on at a share of the schedule; full for weights that know a face."""
    if started:
        return CROP_SIZE
    return next(size for end, size in CROP_SIZE_SCHEDULE if progress < end)


def schedule(progress: float) -> float:
    """The learning rate at a share of the schedule, as a share of the highest."""
    return cosine(progress, WARMUP_FRACTION, 0.01) + 1e-3


def cosine(progress: float, warmup: float, begin: float = 0.0) -> float:
    """What rises from ``begin`` to 1 over a share ``warmup`` of the schedule, and falls along a cosine to 0."""
    return min(1.0, begin + progress / warmup) * 0.5 * (1 + math.cos(math.pi * progress))
