# SPDX-License-Identifier: GPL-3.0-or-later
"""Timecode as Live Link Face writes it: ``HH:MM:SS:FF.fff``, frames counted without drops.

A second of timecode has a whole number of frames, the nominal rate rounded: footage of 29.97 frames
a second counts 30 to the second, so that its timecode runs a thousandth slower than a clock.
"""

import re

_PATTERN = re.compile(r"(\d{1,2})[:;](\d{1,2})[:;](\d{1,2})[:;](\d{1,3}(?:\.\d*)?)")
"""Hours, minutes, seconds, and frames with their fraction; drop-frame timecode has semicolons."""
PLACES = 3
"""Digits after a frame's point: thousandths of a frame."""
HOURS = 24
"""Of a day, at whose end timecode begins anew."""


def to_timecode(time: float, fps: float) -> str:
    """Timecode of a time in seconds, at ``fps`` frames a second."""
    base = base_of(fps)
    parts = round(time * fps * 10**PLACES)
    frames, fraction = divmod(parts, 10**PLACES)
    seconds, frame = divmod(frames, base)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour % HOURS:02d}:{minute:02d}:{second:02d}:{frame:02d}.{fraction:0{PLACES}d}"


def read_timecode(text: str) -> tuple[int, float] | None:
    """Whole seconds and frames of a timecode; None if it is not one."""
    match = _PATTERN.fullmatch(text.strip())
    if match is None:
        return None
    hour, minute, second = (int(match[i]) for i in (1, 2, 3))
    if minute > 59 or second > 59:
        return None
    return (hour * 60 + minute) * 60 + second, float(match[4])


def base_of(fps: float) -> int:
    """Frames that a second of timecode has at a frame rate."""
    return max(1, round(fps))
