# SPDX-License-Identifier: GPL-3.0-or-later
"""How far the lids of a take close at its fullest blink: all the way."""

import numpy as np

from ..model.arkit import BLINKS
from ..model.params import FloatArray

LEAST = 0.12
"""A take whose weights rise by less than this has no blink in it, only noise."""
CLEAR = 8.0
"""Nor has one in which they rise by less than so many standard deviations of what the lids do else."""
MOST_GAIN = 5.0
LEAST_FRAMES = 30
"""In fewer frames nobody need have blinked."""


def full_blinks(blendshapes: FloatArray) -> FloatArray:
    """Weights ``(F, 52)`` of a take with its blinks brought up so that the fullest one closes the eye.

    In small or blurred pictures a blink stands out clearly and is still said to be a part of one, because
    the network hedges. People close their eyes when they blink, so the take tells its own scale. How far
    the lids hang between blinks stays as it is. Takes without a blink, and short ones, are left as they
    are.
    """
    if len(blendshapes) < LEAST_FRAMES:
        return blendshapes
    lids = blendshapes[:, BLINKS]
    rest = np.median(lids, axis=0)
    spread = 1.4826 * np.median(np.abs(lids - rest), axis=0)
    rise = lids.max(axis=0) - rest
    eye = int(rise.argmax())
    if rise[eye] < max(LEAST, CLEAR * spread[eye]) or lids.max() >= 1:
        return blendshapes
    gain = min(MOST_GAIN, (1 - rest[eye]) / rise[eye])
    out = blendshapes.copy()
    out[:, BLINKS] = np.minimum(1, lids + (gain - 1) * np.maximum(lids - rest, 0))
    return out
