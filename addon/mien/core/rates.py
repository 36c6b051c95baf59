# SPDX-License-Identifier: GPL-3.0-or-later
"""Which frame rates can be meant."""

HIGHEST_RATE = 1000.0
"""Frames a second; cameras of faces have 240 at most, and a million would fill the disk."""


def is_rate(fps: float) -> bool:
    """Whether footage or a recording may have so many frames a second; not a number that is none."""
    return 0 < fps <= HIGHEST_RATE
