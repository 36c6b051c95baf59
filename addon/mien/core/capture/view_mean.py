# SPDX-License-Identifier: GPL-3.0-or-later
"""The mean of the straight and the mirrored view in every frame, also where one alone was looked at."""

import numpy as np
from numpy.typing import NDArray

from ..model.params import N_PARAMS, FloatArray
from .alternating_views import SeenView, in_one_crop

REACH = 2
"""Frames before and after that a frame's mean is had from; so many rows wait."""
_KERNEL = np.array([1, 4, 6, 4, 1], np.float32) / 16
"""A binomial filter: over frames that change sides it is 1 for what changes sides with them, and 0 for motion up to
the third degree."""


class ViewMean:
    """Rows of a take on their way from the network.

    Where one view alone was looked at, the half difference of both (:class:`.alternating_views.SeenView`) is what
    changes sides in the frames around. A run begins with frames that are seen by both.
    """

    def __init__(self) -> None:
        self._run: list[tuple[NDArray[np.void], SeenView]] = []
        self._done = 0

    def add(self, row: NDArray[np.void], seen: SeenView | None) -> list[NDArray[np.void]]:
        """Take the next row.

        Args:
            row: of :data:`mien.core.take.take.RECORD`, an array of one.
            seen: the face in it; None where it is lost.

        Returns:
            The rows that are whole now, in order.
        """
        if seen is None:
            return [*self.rest(), row]
        self._run.append((row, seen))
        return self._whole(REACH)

    def rest(self) -> list[NDArray[np.void]]:
        """The rows that wait, at the end of a face's frames."""
        rows = self._whole(0)
        self._run.clear()
        self._done = 0
        return rows

    def _whole(self, ahead: int) -> list[NDArray[np.void]]:
        rows = []
        while self._done < len(self._run):
            row, seen = self._run[self._done]
            if seen.half is None and self._done + ahead >= len(self._run):
                break
            half = self._half(self._done) if seen.half is None else seen.half
            values = seen.values + seen.side * half
            row["params"], row["units"] = values[:N_PARAMS], values[N_PARAMS:].clip(0, 1)
            rows.append(row)
            self._done += 1
        past = max(0, self._done - REACH)
        del self._run[:past]
        self._done -= past
        return rows

    def _half(self, place: int) -> FloatArray:
        # At the end of a run the frames before stand for those that are missing.
        last = len(self._run) - 1
        near = [place + k if place + k <= last else place - k for k in range(-REACH, REACH + 1)]
        around = in_one_crop([self._run[k][1] for k in near], self._run[place][1].box)
        return -np.asarray(_KERNEL @ around, np.float32)
