# SPDX-License-Identifier: GPL-3.0-or-later
"""Timecodes say the time that was meant, at any rate."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.core.formats.timecode import base_of, read_timecode, to_timecode

RATES = [12.0, 23.976, 24.0, 25.0, 29.97, 30.0, 50.0, 59.94, 60.0, 120.0]


@pytest.mark.parametrize(
    ("time", "fps", "text"),
    [
        (0.0, 60.0, "00:00:00:00.000"),
        (1.0, 60.0, "00:00:01:00.000"),
        (0.5, 30.0, "00:00:00:15.000"),
        (3661.025, 24.0, "01:01:01:00.600"),
        (1001 / 30, 29.97002997, "00:00:33:10.000"),
        (0.99999999, 30.0, "00:00:01:00.000"),
    ],
)
def test_known_timecodes(time: float, fps: float, text: str) -> None:
    assert to_timecode(time, fps) == text


@settings(deadline=None)
@given(st.floats(0, 80_000), st.sampled_from(RATES))
def test_a_timecode_read_back_is_the_time(time: float, fps: float) -> None:
    code = read_timecode(to_timecode(time, fps))
    assert code is not None
    seconds, frame = code
    assert 0 <= frame < base_of(fps)
    assert (seconds * base_of(fps) + frame) / fps == pytest.approx(time, abs=0.0006 / fps + 1e-9)


@pytest.mark.parametrize("text", ["", "1", "00:00:00", "00:61:00:00", "aa:00:00:00", "0:0:0:0:0"])
def test_what_is_no_timecode(text: str) -> None:
    assert read_timecode(text) is None
