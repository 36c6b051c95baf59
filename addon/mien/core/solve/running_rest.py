# SPDX-License-Identifier: GPL-3.0-or-later
"""The rest of a face that is seen live: that of the seconds just gone, found anew while they pass."""

from collections import deque

import numpy as np

from ..model.arkit import N_BLENDSHAPES
from ..model.params import FloatArray
from .arkit_fit import beyond_rest
from .neutral import find_rest

REACH = 30.0
"""Seconds that are looked back: somebody who talks comes to rest within them."""
STEP = 0.1
"""Seconds between the frames that are kept: a pose of the face lasts longer."""
ANEW = 0.5
"""Seconds after which rest is found anew."""
EASE = 1.0
"""Seconds in which most of the way to a new rest is gone, so that nothing pops."""


class RunningRest:
    """Takes a face's rest off its weights as they come."""

    def __init__(self) -> None:
        self._kept: deque[tuple[float, FloatArray]] = deque()
        self._goal: FloatArray = np.zeros(N_BLENDSHAPES, np.float32)
        self._rest = self._goal
        self._found = self._last = -np.inf

    def __call__(self, time: float, said: FloatArray, confidence: float) -> FloatArray:
        """Weights ``(52,)`` beyond rest.

        Args:
            time: seconds, later than the one before.
            said: ``(52,)`` by the network, finite.
            confidence: of the frame, as :func:`mien.core.solve.neutral.find_rest` takes it.
        """
        if not self._kept or time - self._kept[-1][0] >= STEP:
            self._kept.append((time, np.append(said, confidence).astype(np.float32)))
        while self._kept[0][0] < time - REACH:
            self._kept.popleft()
        if time - self._found >= ANEW:
            rows = np.stack([row for _, row in self._kept])
            times = np.array([moment for moment, _ in self._kept])
            self._goal, self._found = find_rest(rows[:, :-1], times, rows[:, -1]).blendshapes, time
        share = 1 - np.exp(-max(time - self._last, 0) / EASE) if np.isfinite(self._last) else 1.0
        self._rest, self._last = self._rest + np.float32(share) * (self._goal - self._rest), time
        return beyond_rest(said[None].astype(np.float64), self._rest)[0].astype(np.float32)
