# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person's face at rest holds of each weight: it belongs to who he is, not to what he does."""

import numpy as np
from scipy.ndimage import uniform_filter1d

from .poses import Array

QUIET = 0.08
"""Share of the frames, those in which least moves, that are asked for the face at rest."""
LOW = 0.25
"""Nobody rests in all frames, but hardly anybody does the same thing in three quarters of them."""
WINDOW = 0.3
"""Seconds over which motion is judged."""


def resting_weights(weights: Array, step: float) -> Array:
    """Weights ``(W,)`` at rest of a take's weights ``(F, W)``: the lesser of two.

    One is the median of the quietest frames, the other a low percentile of all, which holds where the
    quietest moment is a held smile.

    Args:
        weights: of frames that can be believed.
        step: seconds between frames.
    """
    if len(weights) < 2:
        return np.zeros(weights.shape[1])
    speed = np.abs(np.gradient(weights, axis=0)).sum(axis=1)
    size = max(1, round(WINDOW / max(step, 1e-3)))
    calm = uniform_filter1d(speed, size, mode="nearest")
    chosen = np.argsort(calm, kind="stable")[: max(1, int(np.ceil(QUIET * len(weights))))]
    quiet = np.median(weights[chosen], axis=0)
    return np.minimum(quiet, np.quantile(weights, LOW, axis=0))
