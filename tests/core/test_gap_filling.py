# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from mien.core.solve.gap_filling import FADE, HOLD, interpolate_gaps, presence

steps = st.lists(st.floats(0.01, 0.2), min_size=1, max_size=80)


@given(steps, st.data())
def test_presence_is_whole_at_known_frames_and_never_jumps(
    gaps: list[float], data: st.DataObject
) -> None:
    times = np.cumsum(gaps)
    rows = data.draw(st.sets(st.integers(0, len(times) - 1), min_size=1))
    known = times[sorted(rows)]
    there = presence(times, known)
    assert (there[sorted(rows)] == 1).all()
    assert there.min() >= 0
    # The steepest a smooth step gets is 1.5 over its length.
    assert (np.abs(np.diff(there)) <= 1.5 * np.diff(times) / FADE + 1e-5).all()


def test_a_short_gap_is_bridged_and_a_long_one_is_not() -> None:
    times = np.arange(0, 4, 0.01)
    short = times[(times < 1) | (times > 1 + 2 * HOLD - 0.02)]
    assert presence(times, short).min() == 1
    long = times[(times < 1) | (times > 3)]
    assert presence(times, long)[np.abs(times - 2) < 0.2].max() == 0


def test_long_before_the_first_face_there_is_none() -> None:
    times = np.arange(0, 4, 0.1)
    there = presence(times, times[-1:])
    assert there[0] == 0
    assert there[-1] == 1


@given(steps, st.floats(-3, 3))
def test_what_is_constant_stays_constant(gaps: list[float], value: float) -> None:
    times = np.cumsum(gaps)
    known = times[:: max(1, len(times) // 3)]
    values = np.full((len(known), 2), value, np.float32)
    assert np.allclose(interpolate_gaps(times, known, values), value, atol=1e-6)
