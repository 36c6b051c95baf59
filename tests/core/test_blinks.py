# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from mien.core.model.arkit import BLINKS
from mien.core.solve.blinks import LEAST_FRAMES, LONGEST, full_blinks

TIMES = np.arange(90) / 30


def take(peak: float, frames: int = 90) -> np.ndarray:
    blendshapes = np.full((frames, 52), 0.01, np.float32)
    blendshapes[frames // 2, BLINKS] = peak
    return blendshapes


@given(st.floats(0.22, 0.99))
def test_the_fullest_blink_closes_the_eye(peak: float) -> None:
    out = full_blinks(take(peak), TIMES)
    assert np.allclose(out[:, BLINKS].max(), 1, atol=1e-5)
    assert np.allclose(out[0, BLINKS], 0.01)


@given(st.floats(0, 1), st.integers(1, 120))
def test_only_blinks_change_and_never_by_more_than_the_limit(peak: float, frames: int) -> None:
    blendshapes = take(peak, frames)
    out = full_blinks(blendshapes, np.arange(len(blendshapes)) / 30)
    others = np.delete(np.arange(52), BLINKS)
    assert np.array_equal(out[:, others], blendshapes[:, others])
    assert (out >= blendshapes - 1e-7).all()
    assert (out <= 1).all()


def test_noise_and_short_takes_stay_as_they_are() -> None:
    unsteady = take(0.5)
    unsteady[::2, BLINKS] = 0.2
    for blendshapes in (take(0.1), take(0.5, LEAST_FRAMES - 1), unsteady):
        assert np.array_equal(
            full_blinks(blendshapes, np.arange(len(blendshapes)) / 30), blendshapes
        )


def test_lids_that_hang_stay_where_they_hang() -> None:
    blendshapes = take(0.6)
    blendshapes[:, BLINKS] += 0.2
    out = full_blinks(blendshapes, np.arange(len(blendshapes)) / 30)
    assert np.allclose(out[0, BLINKS], 0.21)
    assert np.isclose(out[:, BLINKS].max(), 1)


def lids(*peaks: tuple[float, int, float]) -> np.ndarray:
    """A take in which lids go down at some frames, for so many frames, so far; they hang at .05."""
    blendshapes = np.full((240, 52), 0.05, np.float32)
    for middle, length, depth in peaks:
        shape = np.sin(np.pi * (np.arange(length) + 0.5) / length)
        rows = int(middle) + np.arange(length)
        blendshapes[rows[:, None], BLINKS] += (depth * shape)[:, None].astype(np.float32)
    return blendshapes


def test_each_blink_closes_the_eye_and_a_lowered_lid_does_not() -> None:
    times = np.arange(240) / 30
    long = int(LONGEST * 30) + 10
    blendshapes = lids((20, 7, 0.95), (60, 5, 0.65), (100, 5, 0.3), (140, long, 0.65))
    out = full_blinks(blendshapes, times)[:, BLINKS]
    assert out[15:35].max() > 0.99
    assert out[55:70].max() > 0.99
    assert np.allclose(out[95:110], blendshapes[95:110, BLINKS], atol=0.03)
    assert np.allclose(out[138:], blendshapes[138:, BLINKS], atol=0.05)
    assert np.abs(np.diff(out[55:70], axis=0)).max() < 0.6
