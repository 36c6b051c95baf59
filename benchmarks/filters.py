# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m benchmarks.filters``: smoothers without lag on a clip whose true motion is known.

Each is tried at several strengths; printed is the one with the least error. All figures but the
losses are shares of the root of the face's box. The one that Mien uses is marked.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from mien.core.capture.capture import load_models
from mien.core.model.head import Head
from mien.core.solve.adjust import HEAD_UNIT, UNIT_NOISE
from mien.core.solve.one_euro import OneEuro
from mien.core.solve.smooth import smooth, smooth_face, smooth_pose
from scipy.signal import savgol_filter

from .known_motion import BLINKS, FPS, JAW, SCALE, TURN, Array, KnownMotion, known_motion

SEEDS = (1, 2, 3)
"""Of the network's noise; the figures are means over them."""
ONE_EURO_UNIT = 0.5
"""What the filter takes for a large value: half of the range of a weight."""
REACH = 3
"""Frames around a peak in which it may be found again."""


@dataclass(frozen=True)
class Score:
    """How well a smoother did.

    Attributes:
        error: mean distance of the landmarks from the truth, per cent of the box.
        fast: the same in the fifth of the frames in which they move fastest.
        stability: the same of their offsets between neighbouring frames (section 3.1 of the paper).
        calm: the same in the half of the frames in which they move least.
        blinks: how much of the height of blinks is lost, per cent, by how long they last.
        plosive: likewise of lip closures.
    """

    error: float
    fast: float
    stability: float
    calm: float
    blinks: tuple[float, ...]
    plosive: float


def untouched(_: Array, values: Array, __: float) -> Array:
    """The noise as it is."""
    return values


def parabola(times: Array, values: Array, strength: float) -> Array:
    """A parabola around every frame, weighted by a Gaussian, whatever the speed."""
    sure = np.ones(len(times), np.float32)
    return smooth(times, values.astype(np.float32), sure, strength).astype(np.float64)


def speed_aware(times: Array, values: Array, strength: float) -> Array:
    """Mien's: that, shorter for a head that moves fast, and let through what is too quick for noise.

    Args:
        times: rising.
        values: ``(F, 68)`` as of :class:`KnownMotion`, or curves of a face alone.
        strength: of the smoothing.
    """
    sure = np.ones(len(times), np.float32)
    out = values.astype(np.float32)
    face, pose = slice(0, TURN.start), slice(TURN.start, None)
    out[:, face] = smooth_face(times, out[:, face], sure, strength, UNIT_NOISE)
    if values.shape[1] > TURN.start:
        across = HEAD_UNIT * np.exp(values[:, SCALE])
        unit = np.column_stack([np.ones((len(times), 4)), across, across])
        out[:, pose] = smooth_pose(times, out[:, pose], sure, strength, unit)
    return out.astype(np.float64)


def savitzky_golay(_: Array, values: Array, window: float) -> Array:
    """A parabola around every frame, all frames of the window alike."""
    return savgol_filter(values, int(window), 2, axis=0)


def one_euro_both_ways(times: Array, values: Array, quickness: float) -> Array:
    """The one-euro filter forward and then backward, so that the lags cancel.

    Args:
        times: even.
        values: ``(F, C)``.
        quickness: factor on the cutoff at rest; a faster clock is the same.
    """
    spread = values.std(axis=0) + 1e-9
    for _ in range(2):
        euro = OneEuro(ONE_EURO_UNIT)
        scaled = zip(times * quickness, values / spread, strict=True)
        values = np.stack([euro(time, value) for time, value in scaled])[::-1] * spread
    return values


def kalman(times: Array, values: Array, drive: float) -> Array:
    """Constant velocity driven by white noise, smoothed after Rauch, Tung and Striebel.

    Args:
        times: even.
        values: ``(F, C)``.
        drive: spectral density of the acceleration over the variance of the measurements.
    """
    step = float(times[1] - times[0])
    move = np.array([[1, step], [0, 1]])
    noise = drive * np.array([[step**3 / 3, step**2 / 2], [step**2 / 2, step]])
    state, spread = np.stack([values[0], np.zeros_like(values[0])]), np.diag([1.0, 100.0])
    states, spreads, guesses, guessed = [], [], [], []
    for k, value in enumerate(values):
        if k:
            state, spread = move @ state, move @ spread @ move.T + noise
        guesses.append(state)
        guessed.append(spread)
        gain = spread[:, :1] / (spread[0, 0] + 1)
        state = state + gain * (value - state[0])
        spread = spread - gain @ spread[:1]
        states.append(state)
        spreads.append(spread)
    for k in range(len(values) - 2, -1, -1):
        back = spreads[k] @ move.T @ np.linalg.inv(guessed[k + 1])
        states[k] = states[k] + back @ (states[k + 1] - guesses[k + 1])
    return np.stack(states)[:, 0]


Smoother = Callable[[Array, Array, float], Array]
TRIED: dict[str, tuple[Smoother, tuple[float, ...]]] = {
    "none": (untouched, (0,)),
    "one-euro, both ways": (one_euro_both_ways, (1, 2, 3, 4, 6, 8)),
    "Savitzky-Golay": (savitzky_golay, (5, 7, 9, 11)),
    "Kalman (RTS)": (kalman, (1e4, 3e4, 1e5, 2e5, 5e5)),
    "weighted parabola": (parabola, (0.2, 0.25, 0.3, 0.35, 0.4, 0.5)),
    "aware of speed *": (speed_aware, (0.2, 0.25, 0.3, 0.35, 0.4, 0.5)),
}
"""Filters with the strengths that each is tried at."""


def score(known: KnownMotion, head: Head, smoother: Smoother, strength: float) -> Score:
    """Smooth some noisy versions and hold them against the truth; the mean of the scores."""
    wanted = known.landmarks(known.truth, head)
    box = np.sqrt(np.prod(np.ptp(wanted, axis=1), axis=1))
    speed = np.linalg.norm(np.gradient(wanted, axis=0), axis=2).mean(axis=1) / box
    fast, calm = speed > np.quantile(speed, 0.8), speed[1:] < np.median(speed)
    rows = []
    for seed in SEEDS:
        found = smoother(known.times, known.noisy(seed), strength)
        off = known.landmarks(found, head) - wanted
        away = np.linalg.norm(off, axis=2).mean(axis=1) / box
        drift = np.linalg.norm(np.diff(off, axis=0), axis=2).mean(axis=1) / box[1:]
        lid, lids = known.truth[:, BLINKS[0]], found[:, BLINKS[0]]
        plosive = lost_height(-known.truth[:, JAW], -found[:, JAW], known.plosives)
        errors = [away.mean(), away[fast].mean(), drift.mean(), drift[calm].mean()]
        lost = [lost_height(lid, lids, peaks) for peaks in known.blinks.values()]
        rows.append([*(100 * value for value in errors), *lost, plosive])
    error, quick, stability, still, *blinks, plosive = np.mean(rows, axis=0).tolist()
    return Score(error, quick, stability, still, tuple(blinks), plosive)


def lost_height(truth: Array, found: Array, peaks: Array) -> float:
    """By how many per cent the peaks at some seconds are lower than they are in truth."""
    rest = float(np.median(truth))
    lost = []
    for peak in np.rint(peaks * FPS).astype(int):
        near = slice(peak - REACH, peak + REACH + 1)
        lost.append(1 - (found[near].max() - rest) / (truth[near].max() - rest))
    return 100 * float(np.mean(lost))


def main() -> None:
    """Print the table."""
    models = load_models()
    known = known_motion(models)
    columns = ["error", "fast", "stability", "calm", *(f"blink {b:g} s" for b in known.blinks)]
    print(
        f"{'smoother':21s} {'strength':>8s}" + "".join(f"{c:>13s}" for c in [*columns, "plosive"])
    )
    for name, (smoother, strengths) in TRIED.items():
        tried = [
            (score(known, models.head, smoother, strength), strength) for strength in strengths
        ]
        best, strength = min(tried, key=lambda row: row[0].error)
        figures = [best.error, best.fast, best.stability, best.calm]
        print(
            f"{name:21s} {strength:8g}"
            + "".join(f"{figure:12.2f}%" for figure in figures)
            + "".join(f"{lost:12.1f}%" for lost in [*best.blinks, best.plosive])
        )


if __name__ == "__main__":
    main()
