# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from mien.core.model.arkit import BLINKS
from mien.core.solve.blinks import LEAST_FRAMES, MOST_GAIN, full_blinks


def take(peak: float, frames: int = 90) -> np.ndarray:
    blendshapes = np.full((frames, 52), 0.01, np.float32)
    blendshapes[frames // 2, BLINKS] = peak
    return blendshapes


@given(st.floats(0.22, 0.99))
def test_the_fullest_blink_closes_the_eye(peak: float) -> None:
    out = full_blinks(take(peak))
    assert np.allclose(out[:, BLINKS].max(), 1, atol=1e-5)
    assert np.allclose(out[0, BLINKS], 0.01)


@given(st.floats(0, 1), st.integers(1, 120))
def test_only_blinks_change_and_never_by_more_than_the_limit(peak: float, frames: int) -> None:
    blendshapes = take(peak, frames)
    out = full_blinks(blendshapes)
    others = np.delete(np.arange(52), BLINKS)
    assert np.array_equal(out[:, others], blendshapes[:, others])
    assert (out >= blendshapes - 1e-7).all()
    assert (out <= np.minimum(1, blendshapes * MOST_GAIN) + 1e-6).all()


def test_noise_and_short_takes_stay_as_they_are() -> None:
    unsteady = take(0.5)
    unsteady[::2, BLINKS] = 0.2
    for blendshapes in (take(0.1), take(0.5, LEAST_FRAMES - 1), unsteady):
        assert np.array_equal(full_blinks(blendshapes), blendshapes)


def test_lids_that_hang_stay_where_they_hang() -> None:
    blendshapes = take(0.6)
    blendshapes[:, BLINKS] += 0.2
    out = full_blinks(blendshapes)
    assert np.allclose(out[0, BLINKS], 0.21)
    assert np.isclose(out[:, BLINKS].max(), 1)
