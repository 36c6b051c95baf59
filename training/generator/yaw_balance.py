# SPDX-License-Identifier: GPL-3.0-or-later
"""How often each photo is shown as it is: portraits look ahead, and a face that turns must be learnt from few."""

import numpy as np
from numpy.typing import NDArray

from ..labels.store import LabelledPhoto

BINS = (0.0, 5.0, 10.0, 15.0, 20.0, 30.0, 90.0)
"""Degrees of yaw to either side, each span shown as often as any other."""
BALANCED = 0.5
"""Share of the photos that are drawn so; the others are drawn as they come."""


def by_turn(photos: list[LabelledPhoto]) -> NDArray[np.float64]:
    """Chances ``(P,)`` of each photo to be drawn, together 1.

    A network that sees turned heads almost only in drawn pictures takes real ones for less turned than they are.
    """
    rows = np.stack([photo.transform[0, :3] for photo in photos])
    yaw = np.degrees(np.arcsin(np.clip(np.abs(rows[:, 2]) / np.linalg.norm(rows, axis=1), 0, 1)))
    span = np.clip(np.digitize(yaw, BINS) - 1, 0, len(BINS) - 2)
    held = np.bincount(span, minlength=len(BINS) - 1)
    even = 1 / held[span] / np.count_nonzero(held)
    return BALANCED * even + (1 - BALANCED) / len(photos)
