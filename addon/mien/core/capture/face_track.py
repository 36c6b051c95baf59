# SPDX-License-Identifier: GPL-3.0-or-later
"""One of several people in some footage: where he should be, and how little a face looks like him."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..model.crop import CropBox
from ..model.params import IDENTITY, N_IDENTITY, FloatArray
from ..take.journal import TakeWriter
from ..take.take import RECORD
from .tracker import Tracked, Tracker
from .view_mean import ViewMean

_MEMORY = 0.05
"""Share of the newest frame in the running mean of a person's identity, once some twenty were seen (chosen by
eye)."""


@dataclass
class FaceTrack:
    """A face that is followed, or was."""

    tracker: Tracker
    writer: TakeWriter
    rows: list[NDArray[np.void]]
    identity: FloatArray
    seen_at: float
    box: CropBox
    speed: tuple[float, float] = (0.0, 0.0)
    now: Tracked | None = None
    seen: int = 0
    mean: ViewMean = field(default_factory=ViewMean)

    def expected(self, time: float) -> tuple[float, float]:
        """Where the middle of the crop should be, moving on as it did."""
        ahead = min(time - self.seen_at, 0.5)
        return self.box.x + self.speed[0] * ahead, self.box.y + self.speed[1] * ahead

    def matching_cost(self, tracked: Tracked, time: float) -> float:
        """How little a face looks like this person, by place and by identity."""
        x, y = self.expected(time)
        away = math.hypot(tracked.box.x - x, tracked.box.y - y) / max(tracked.box.size, 1.0)
        return away + self.identity_distance(tracked)

    def identity_distance(self, tracked: Tracked) -> float:
        """Distance of identities in standard deviations (root mean square)."""
        return float(np.linalg.norm(tracked.params[IDENTITY] - self.identity) / N_IDENTITY**0.5)

    def update(self, tracked: Tracked, time: float) -> None:
        """Take note of the person in a frame."""
        ahead = time - self.seen_at
        if 0 < ahead < 0.2:
            self.speed = (
                (tracked.box.x - self.box.x) / ahead,
                (tracked.box.y - self.box.y) / ahead,
            )
        share = max(_MEMORY, 1 / (self.seen + 1))
        self.identity = self.identity + share * (tracked.params[IDENTITY] - self.identity)
        self.box, self.seen_at, self.now = tracked.box, time, tracked
        self.seen += 1

    def write(self, row: NDArray[np.void]) -> None:
        """Take down the newest frame's row, with :attr:`now` in it."""
        self.writer.append(row)
        self.rows += self.mean.add(row, self.now.seen if self.now else None)

    def all_rows(self) -> NDArray[np.void]:
        """The rows of all frames so far; no further one comes."""
        self.rows += self.mean.rest()
        return np.concatenate(self.rows).astype(RECORD, copy=False)
