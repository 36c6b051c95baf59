# SPDX-License-Identifier: GPL-3.0-or-later
"""Smoothing of recorded curves without lag: a parabola fitted around every frame."""

import numpy as np
from numpy.typing import NDArray

from ..model.params import FloatArray

LONGEST = 0.12
"""Standard deviation of the window in seconds at full strength."""
_REACH = 2.5
"""Window's half-width in standard deviations."""
_LEAST_WEIGHT = 1e-3
_SHORTEST = 0.1
"""Least standard deviation in frames: there only the frame itself counts."""

Times = NDArray[np.float64]


def smooth(times: Times, values: FloatArray, certainty: FloatArray, strength: float) -> FloatArray:
    """Smooth curves ``(F, C)``, keeping their peaks better than an average would.

    Around every frame a parabola is fitted by least squares, weighted by a Gaussian in time and by
    how sure each frame is; its value at the frame is the result. Looking both ways it has no lag,
    and a curve that is a parabola already is left as it is. Frames may be unevenly spaced.

    Args:
        times: ``(F,)`` seconds, rising.
        values: ``(F, C)``.
        certainty: ``(F,)`` 0 to 1.
        strength: 0 leaves everything as it is, 1 takes a window of :data:`LONGEST`.
    """
    if strength <= 0 or len(times) < 3:
        return values.copy()
    step = float(np.median(np.diff(times)))
    sigma = max(LONGEST * strength, _SHORTEST * step)
    half = max(1, int(np.ceil(_REACH * sigma / max(step, 1e-6))))
    weights = np.maximum(certainty.astype(np.float64), _LEAST_WEIGHT)
    moments = np.zeros((len(times), 5))
    sums = np.zeros((len(times), 3, values.shape[1]))
    for offset in range(-half, half + 1):
        here = slice(max(0, -offset), len(times) - max(0, offset))
        there = slice(max(0, offset), len(times) - max(0, -offset))
        if here.start >= here.stop:
            continue
        away = (times[there] - times[here]) / sigma
        weight = weights[there] * np.exp(-0.5 * away**2)
        powers = away[:, None] ** np.arange(5)
        moments[here] += weight[:, None] * powers
        sums[here] += (weight[:, None] * powers[:, :3])[:, :, None] * values[there][:, None]
    normal = moments[:, np.add.outer(np.arange(3), np.arange(3))]
    # Where few frames are in reach, curvature and slope are pulled to nothing.
    normal[:, [1, 2], [1, 2]] += 1e-3 * moments[:, :1]
    return np.linalg.solve(normal, sums)[:, 0].astype(np.float32)
