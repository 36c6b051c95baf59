# SPDX-License-Identifier: GPL-3.0-or-later
"""How far the lids of a take close when they blink: all the way."""

import numpy as np
from numpy.typing import NDArray

from ..model.arkit import BLINKS
from ..model.params import FloatArray

LEAST = 0.12
"""A take whose weights rise by less than this has no blink in it, only noise."""
CLEAR = 8.0
"""Nor has one in which they rise by less than so many standard deviations of what the lids do else."""
MOST_GAIN = 5.0
"""Lids are brought up to no more than this many times what was seen: beyond it they are noise (chosen by
eye)."""
LEAST_FRAMES = 30
"""In fewer frames nobody need have blinked."""
BEGUN = 0.25
"""From this far on above where it rests a lid is on its way down."""
LONGEST = 0.5
"""A blink is over after so many seconds; what lasts longer is a look down, a squint, or sleep."""
QUICK = 0.1
"""Within so many seconds a lid that blinks goes down by half of its way or more. One that the network
lowers because the head turns is slower."""
HALF, WHOLE = 0.4, 0.6
"""A blink that gets further than the first is more than half of one; further than the second, a whole one."""


def full_blinks(blendshapes: FloatArray, times: NDArray[np.float64]) -> FloatArray:
    """Weights ``(F, 52)`` of a take at times ``(F,)`` with its blinks brought up to close the eye.

    First all of them alike, so that the fullest one does; then each by itself, if it is short and more
    than half of one.

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
    out = blendshapes.copy()
    if rise[eye] >= max(LEAST, CLEAR * spread[eye]) and lids.max() < 1:
        gain = min(MOST_GAIN, (1 - rest[eye]) / rise[eye])
        out[:, BLINKS] = np.minimum(1, lids + (gain - 1) * np.maximum(lids - rest, 0))
    for lid, open_ in zip(BLINKS, rest, strict=True):
        out[:, lid] = _each_full(out[:, lid], float(open_), times)
    return out


def _each_full(lid: FloatArray, rest: float, times: NDArray[np.float64]) -> FloatArray:
    """A lid's weights ``(F,)`` with each of its blinks as full as a blink is."""
    down = np.concatenate([[False], lid > rest + BEGUN, [False]])
    begins, ends = np.flatnonzero(np.diff(down.astype(int))).reshape(-1, 2).T
    out = lid.copy()
    before = lid[np.searchsorted(times, times - QUICK - 1e-6)]
    for begin, end in zip(begins, ends, strict=True):
        peak = float(lid[begin:end].max()) - rest
        sudden = float((lid - before)[begin:end].max()) >= peak / 2
        if times[end - 1] - times[begin] > LONGEST or not sudden:
            continue
        share = np.clip((peak - HALF) / (WHOLE - HALF), 0, 1)
        missing = share * share * (3 - 2 * share) * (1 - rest - peak)
        depth = (lid[begin:end] - rest - BEGUN) / max(peak - BEGUN, 1e-6)
        out[begin:end] += missing * depth
    return out
