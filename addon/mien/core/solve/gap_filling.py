# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames in which the face was lost: short gaps are bridged, in long ones the face comes to rest."""

import numpy as np
from numpy.typing import NDArray

from ..model.params import FloatArray

HOLD = 0.3
"""For so long after the last frame with a face, and before the next, it is taken to go on, seconds."""
FADE = 0.5
"""In so long a time it then comes to rest, or from rest, seconds."""

Times = NDArray[np.float64]


def interpolate_gaps(times: Times, known: Times, values: FloatArray) -> FloatArray:
    """Values ``(K, ...)`` at known times, linearly at all ``(F,)`` times, held at the ends."""
    columns = [np.interp(times, known, column) for column in values.reshape(len(values), -1).T]
    out = np.stack(columns, axis=1).astype(np.float32)
    return out.reshape(len(times), *values.shape[1:])


def presence(times: Times, known: Times) -> FloatArray:
    """How much of the expression is left ``(F,)``: 1 near frames with a face, 0 far from them.

    Args:
        times: ``(F,)`` seconds, rising.
        known: ``(K,)`` times of the frames with a face, K at least 1.
    """
    after = np.searchsorted(known, times).clip(1, max(1, len(known) - 1))
    nearest = np.abs(times - known[after - 1])
    if len(known) > 1:
        nearest = np.minimum(nearest, np.abs(times - known[after]))
    gone = np.clip((nearest - HOLD) / FADE, 0, 1)
    return (1 - gone * gone * (3 - 2 * gone)).astype(np.float32)
