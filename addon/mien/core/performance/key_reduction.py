# SPDX-License-Identifier: GPL-3.0-or-later
"""Fewer keys: every so many frames, or only where straight lines would miss the curve."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..model.params import FloatArray

Keep = NDArray[np.bool_]


def every_nth(count: int, step: int) -> Keep:
    """Which of ``count`` frames to key if every ``step``-th is wanted; the last one always is."""
    keep = np.zeros(count, bool)
    keep[:: max(1, step)] = True
    keep[-1:] = True
    return keep


def simplify_keys(times: NDArray[np.floating[Any]], values: FloatArray, tolerance: float) -> Keep:
    """Which frames to key so that straight lines between them miss no value by over ``tolerance``.

    Between two kept frames the one that misses most is kept as well, until none misses by more
    (Ramer, Douglas and Peucker, with distances measured along the value).

    Args:
        times: ``(F,)`` rising.
        values: ``(F,)`` of one curve.
        tolerance: in units of the value, at least 0.
    """
    keep = np.zeros(len(values), bool)
    if not len(values):
        return keep
    keep[[0, -1]] = True
    open_spans = [(0, len(values) - 1)]
    while open_spans:
        first, last = open_spans.pop()
        if last - first < 2:
            continue
        inside = slice(first + 1, last)
        line = np.interp(times[inside], times[[first, last]], values[[first, last]])
        away = np.abs(values[inside] - line)
        worst = int(away.argmax())
        if away[worst] > tolerance:
            middle = first + 1 + worst
            keep[middle] = True
            open_spans += [(first, middle), (middle, last)]
    return keep
