# SPDX-License-Identifier: GPL-3.0-or-later
"""From the timecodes of a recording to times, though its clock may stand, leap or start anew."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .timecode import HOURS, base_of

APP_RATE = 60.0
"""The app's usual rate, taken where a file is too short to tell."""
EXACT = frozenset({*range(1, 31), 48, 50, 60, 72, 75, 90, 96, 100, 120, 144, 200, 240})
"""Rates that a count of the frames of a second is believed to be."""
APP_RATES = (30, 60, 120, 240)
"""Where the count is none of those, the ends of seconds are missing and the next of these was meant."""
LEAP = 10.0
"""Seconds; a clock that goes on further between two rows was set."""
SAME = 4
"""So many rows may share a timecode whose clock is coarser than they come; more, and it stands."""
_MILLISECONDS = 1000
"""In a second: what a timecode's last part is out of where it counts no frames."""


class Clock(NamedTuple):
    """What the timecodes say.

    Attributes:
        times: ``(F,)`` seconds from the first row, strictly rising.
        rate: rows a second.
        mended: rows at which the clock stood or leapt, so that the rate says their time.
        guessed: whether the rate is a guess.
    """

    times: NDArray[np.float64]
    rate: float
    mended: int
    guessed: bool


def read_clock(codes: Sequence[tuple[int, float]], fps: float | None) -> Clock:
    """Times of all rows.

    Args:
        codes: whole seconds and the last field of each timecode: frames, or milliseconds.
        fps: the rate, where the user says it.
    """
    seconds = np.array([code[0] for code in codes], np.float64)
    last = np.array([code[1] for code in codes], np.float64)
    # A frame number beyond the highest rate is none: some apps write milliseconds.
    fine = bool(last.max() >= max(EXACT))
    days = np.cumsum(np.diff(seconds, prepend=seconds[0]) < -HOURS * 1800)  # past midnight
    seconds += np.where(_wraps(seconds), days, 0) * HOURS * 3600
    if fine:
        clock = seconds + last / _MILLISECONDS
        rate, guessed = (fps, False) if fps else _rate_of_steps(clock)
    else:
        rate, guessed = (fps, False) if fps else _rate_of_frames(seconds, last)
        base = base_of(rate)
        clock = (seconds * base + last) / (fps or base)
    times, rate, mended = _steadied(clock, rate, fps is not None)
    return Clock(times, rate, mended, guessed)


def _wraps(seconds: NDArray[np.float64]) -> bool:
    """Whether a fall of the clock is midnight: it then goes on from the day's end to its beginning."""
    falls = np.flatnonzero(np.diff(seconds) < -HOURS * 1800)
    day = HOURS * 3600
    return bool(len(falls)) and bool((day - seconds[falls] + seconds[falls + 1] < LEAP).all())


def _rate_of_frames(
    seconds: NDArray[np.float64], frames: NDArray[np.float64]
) -> tuple[float, bool]:
    """The rate by the highest number that a frame has in its second."""
    if len(np.unique(seconds)) < 2:
        return APP_RATE, True
    most = int(frames.max()) + 1
    if most in EXACT:
        return float(most), False
    return float(next(rate for rate in (*APP_RATES, most) if rate >= most)), True


def _rate_of_steps(clock: NDArray[np.float64]) -> tuple[float, bool]:
    steps = np.diff(clock)
    steps = steps[(steps > 0) & (steps < 1)]
    if not len(steps):
        return APP_RATE, True
    usual = float(np.median(steps))
    even = steps[(steps > usual / 2) & (steps < usual * 1.5)]
    rate = 1 / float(even.mean())
    whole = max(1, round(rate))
    return (float(whole) if abs(rate - whole) < 0.02 * whole else rate), False


def _steadied(
    clock: NDArray[np.float64], rate: float, given: bool
) -> tuple[NDArray[np.float64], float, int]:
    """Times that rise with every row: what shares a timecode is spread, what leaps goes on at the rate."""
    starts = np.flatnonzero(np.diff(clock, prepend=np.nan) != 0)
    counts = np.diff(np.append(starts, len(clock)))
    if not given and len(counts) > 2 and np.median(counts[1:-1]) in (2, 3, 4):
        rate *= float(np.median(counts[1:-1]))  # each timecode comes so often
    step = 1 / rate
    times, now, mended = np.empty(len(clock)), 0.0, 0
    for place, (start, count) in enumerate(zip(starts, counts, strict=True)):
        until = clock[starts[place + 1]] - clock[start] if place + 1 < len(starts) else count * step
        steady = 0 < until <= LEAP and count <= SAME
        if not steady:
            until = count * step
            mended += int(count)
        times[start : start + count] = now + until * np.arange(count) / count
        now += until
    return times, rate, mended
