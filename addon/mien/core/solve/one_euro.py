# SPDX-License-Identifier: GPL-3.0-or-later
"""The one-euro filter (Casiez, Roussel and Vogel, 2012): smoothing of live values with little lag."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

MIN_CUTOFF = 1.5
"""Hertz below which a value at rest is let through."""
BETA = 0.6
"""How fast the cutoff rises with speed: quick motion is let through, slow jitter is not."""
SPEED_CUTOFF = 1.0
"""Hertz by which the speed itself is smoothed, as Casiez and others have it (1 Euro Filter, CHI 2012)."""


class OneEuro:
    """Filters a vector that comes at uneven times.

    Args:
        unit: size of a change that matters, by which speeds are measured.
        cutoff: hertz below which a value at rest is let through; infinite lets everything through.
    """

    def __init__(self, unit: float = 1.0, cutoff: float = MIN_CUTOFF) -> None:
        self._unit, self._cutoff = unit, cutoff
        self._time: float | None = None
        self._value: NDArray[np.float64] = np.zeros(0)
        self._speed: NDArray[np.float64] = np.zeros(0)

    def __call__(self, time: float, value: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """The filtered value at a time in seconds, later than the one before."""
        new = np.asarray(value, np.float64)
        if self._time is None or time <= self._time:
            self._time, self._value, self._speed = time, new, np.zeros_like(new)
            return new
        step = time - self._time
        speed = (new - self._value) / step
        self._speed = self._speed + _share(SPEED_CUTOFF, step) * (speed - self._speed)
        cutoff = self._cutoff + BETA * np.abs(self._speed) / self._unit
        self._value = self._value + _share(cutoff, step) * (new - self._value)
        self._time = time
        return self._value


def _share(cutoff: float | NDArray[np.float64], step: float) -> NDArray[np.float64]:
    return 1.0 / (1.0 + 1.0 / (2 * np.pi * np.asarray(cutoff) * step))
