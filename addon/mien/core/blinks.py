# SPDX-License-Identifier: GPL-3.0-or-later
"""How far the lids of a take close at its fullest blink: all the way."""

import numpy as np

from .arkit import BLINKS
from .params import FloatArray

LEAST = 0.2
"""A take whose weights stay below this has no blink in it, only noise."""
MOST_GAIN = 3.0
LEAST_FRAMES = 30
"""In fewer frames nobody need have blinked."""


def full_blinks(units: FloatArray) -> FloatArray:
    """Weights ``(F, 52)`` of a take with its blinks brought up so that the fullest one closes the eye.

    In small or blurred pictures a blink stands out clearly and is still said to be half of one, because
    the network hedges. People close their eyes when they blink, so the take tells its own scale.
    Takes without a blink, and short ones, are left as they are.
    """
    fullest = float(units[:, BLINKS].max()) if len(units) >= LEAST_FRAMES else 0.0
    if not LEAST <= fullest < 1:
        return units
    out = units.copy()
    out[:, BLINKS] = np.clip(units[:, BLINKS] * min(MOST_GAIN, 1 / fullest), 0, 1)
    return out
