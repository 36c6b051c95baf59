# SPDX-License-Identifier: GPL-3.0-or-later
"""Timing two things against each other on a machine that is doing other things as well."""

import os
import time
from collections.abc import Callable

import numpy as np

ROUNDS = 30
"""Of both sides in turn where nothing else is said."""


def paired(
    ours: Callable[[], object], peer: Callable[[], object], rounds: int = ROUNDS
) -> tuple[float, float, float]:
    """Run both in turn; seconds of ours and of the peer (medians), and the median of the ratios.

    They are seconds of processor time of all threads and children together, which other programs hardly change.
    Taking turns lets a slow moment of the machine strike both.
    """
    ours()
    peer()
    times = np.array([[_timed(ours), _timed(peer)] for _ in range(rounds)])
    mine, theirs = np.median(times, axis=0)
    return float(mine), float(theirs), float(np.median(times[:, 0] / times[:, 1]))


def _timed(run: Callable[[], object]) -> float:
    start = _spent()
    run()
    return _spent() - start


def _spent() -> float:
    ended = os.times()
    return time.process_time() + ended.children_user + ended.children_system
