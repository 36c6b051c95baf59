# SPDX-License-Identifier: GPL-3.0-or-later
"""Smoothing of recorded curves without lag: a parabola fitted around every frame.

What moves fast is smoothed less, because there jitter is not seen and every window is too long: a pose by
the head's speed, a curve of the face by how much of what smoothing takes away cannot be noise.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from ..model.params import FloatArray

LONGEST = 0.12
"""Standard deviation of the window in seconds at full strength."""
_REACH = 2.5
"""Window's half-width in standard deviations."""
_LEAST_WEIGHT = 1e-3
"""Of a frame that is not sure at all, so that nothing is divided by nothing."""
_SHORTEST = 0.1
"""Least standard deviation in frames: there only the frame itself counts."""

FAST = 1.8
"""Speed of a head, radians or tenths of a metre a second, from which on its window is shortened."""
SHARPNESS = 4
"""How suddenly the window goes over from whole to shortened about that speed (chosen by eye)."""
NOISE = 1.5
"""What is taken away in more than this many times noise's variance is motion, and is given back."""
NEAR = 0.07
"""Seconds before and after a frame over which that is averaged."""
_THIRD = 20**-0.5 / 0.6745
"""Standard deviation of white noise over the median size of its third difference."""

Times = NDArray[np.float64]
Array = NDArray[np.float64]


def smooth(
    times: Times, values: FloatArray, certainty: FloatArray, strength: float | Array
) -> FloatArray:
    """Smooth curves ``(F, C)``, keeping their peaks better than an average would.

    Around every frame a parabola is fitted by least squares, weighted by a Gaussian in time and by
    how sure each frame is; its value at the frame is the result. Looking both ways it has no lag,
    and a curve that is a parabola already is left as it is. Frames may be unevenly spaced.

    Args:
        times: ``(F,)`` seconds, rising.
        values: ``(F, C)``.
        certainty: ``(F,)`` 0 to 1.
        strength: 0 leaves everything as it is, 1 takes a window of :data:`LONGEST`; of all frames, or
            ``(F,)`` of each.
    """
    if np.max(strength) <= 0 or len(times) < 3:
        return values.copy()
    step = float(np.median(np.diff(times)))
    sigma = np.maximum(LONGEST * np.broadcast_to(strength, times.shape), _SHORTEST * step)
    half = max(1, int(np.ceil(_REACH * sigma.max() / max(step, 1e-6))))
    weights = np.maximum(certainty.astype(np.float64), _LEAST_WEIGHT)
    moments = np.zeros((len(times), 5))
    sums = np.zeros((len(times), 3, values.shape[1]))
    for offset in range(-half, half + 1):
        here = slice(max(0, -offset), len(times) - max(0, offset))
        there = slice(max(0, offset), len(times) - max(0, -offset))
        if here.start >= here.stop:
            continue
        away = (times[there] - times[here]) / sigma[here]
        weight = weights[there] * np.exp(-0.5 * away**2)
        powers = away[:, None] ** np.arange(5)
        moments[here] += weight[:, None] * powers
        sums[here] += (weight[:, None] * powers[:, :3])[:, :, None] * values[there][:, None]
    normal = moments[:, np.add.outer(np.arange(3), np.arange(3))]
    # Where few frames are in reach, curvature and slope are pulled to nothing.
    normal[:, [1, 2], [1, 2]] += 1e-3 * moments[:, :1]
    return np.linalg.solve(normal, sums)[:, 0].astype(np.float32)


def smooth_face(
    times: Times, values: FloatArray, certainty: FloatArray, strength: float, noise: float
) -> FloatArray:
    """:func:`smooth` that lets through what is too quick to be noise: blinks and closing lips.

    The noise of a curve is told from its third differences. Around every frame, as much of what was
    taken away is given back as there is more of it than noise alone would make (a Wiener filter).

    Args:
        times: ``(F,)`` seconds, rising.
        values: ``(F, C)``.
        certainty: ``(F,)`` 0 to 1.
        strength: 0 to 1.
        noise: standard deviation that a curve has at least.
    """
    calm = smooth(times, values, certainty, strength)
    if strength <= 0 or len(times) < 4:
        return calm
    taken = (values - calm).astype(np.float64)
    third = np.median(np.abs(np.diff(values.astype(np.float64), 3, axis=0)), axis=0)
    excess = (taken / np.maximum(_THIRD * third, noise)) ** 2
    sure = np.clip(certainty.astype(np.float64), 0, 1)[:, None]
    energy = _around(times, excess * sure) / np.maximum(_around(times, sure), _LEAST_WEIGHT)
    given = sure * np.clip(1 - NOISE / np.maximum(energy, 1e-9), 0, 1)
    return (calm + given * taken).astype(np.float32)


def smooth_pose(
    times: Times, values: FloatArray, certainty: FloatArray, strength: float, unit: Array
) -> FloatArray:
    """:func:`smooth` of the channels of a head's pose, whose window is shorter the faster it moves.

    Args:
        times: ``(F,)`` seconds, rising.
        values: ``(F, C)``.
        certainty: ``(F,)`` 0 to 1.
        strength: 0 to 1.
        unit: ``(C,)`` or ``(F, C)`` of each channel, how much of it looks like a radian of turn, by
            which the speed is measured.
    """
    if strength <= 0 or len(times) < 3:
        return values.copy()
    rough = smooth(times, values, certainty, max(0.6 * strength, 0.15)).astype(np.float64)
    speed = np.linalg.norm(np.gradient(rough, times, axis=0) / unit, axis=1)
    near = np.maximum(speed, np.maximum(np.append(speed[1:], 0), np.append(0, speed[:-1])))
    slower = strength / (1 + (near / FAST) ** SHARPNESS) ** (1 / SHARPNESS)
    return smooth(times, values, certainty, slower)


def _around(times: Times, values: Array) -> Array:
    """Means ``(F, C)`` over the frames near each."""
    half = max(1, round(NEAR / max(float(np.median(np.diff(times))), 1e-6)))
    return np.asarray(uniform_filter1d(values, 2 * half + 1, axis=0, mode="nearest"))
