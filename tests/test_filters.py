# SPDX-License-Identifier: GPL-3.0-or-later
"""What any smoother without lag must do, on those of the table and on Mien's own."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.core.solve.smooth import smooth

from benchmarks.filters import TRIED, lost_height

TIMES = np.arange(61) / 30
NAMES = [name for name in TRIED if name != "none"]


def middle(name: str) -> float:
    strengths = TRIED[name][1]
    return strengths[len(strengths) // 2]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_constant_stays_constant(name: str) -> None:
    values = np.full((61, 2), 0.7)
    assert np.allclose(TRIED[name][0](TIMES, values, middle(name)), 0.7, atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_a_peak_stays_where_it_is(name: str) -> None:
    bump = np.exp(-0.5 * ((TIMES - 1) / 0.1) ** 2)[:, None]
    found = TRIED[name][0](TIMES, bump, middle(name))[:, 0]
    assert abs(int(found.argmax()) - 30) <= 1
    assert found.max() > 0.6


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 9999), st.floats(0, 1), st.integers(3, 80))
def test_forward_and_backward_are_the_same_to_it(seed: int, strength: float, count: int) -> None:
    rng = np.random.default_rng(seed)
    times = np.cumsum(rng.uniform(0.01, 0.06, count))
    values = rng.normal(size=(count, 2)).astype(np.float32)
    sure = rng.uniform(0, 1, count).astype(np.float32)
    there = smooth(times, values, sure, strength)
    back = smooth((times[-1] - times)[::-1], values[::-1], sure[::-1], strength)[::-1]
    assert np.allclose(there, back, atol=1e-4)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 9999), st.floats(0, 1), st.floats(-5, 5))
def test_a_constant_survives_uneven_times_and_doubt(
    seed: int, strength: float, value: float
) -> None:
    rng = np.random.default_rng(seed)
    times = np.cumsum(rng.uniform(0.01, 0.06, 40))
    sure = rng.uniform(0, 1, 40).astype(np.float32)
    found = smooth(times, np.full((40, 1), value, np.float32), sure, strength)
    assert np.allclose(found, value, atol=1e-3)


def test_height_that_is_lost_is_counted() -> None:
    truth, found = np.zeros(90), np.zeros(90)
    truth[[30, 60]], found[[31, 60]] = 1, 0.5
    assert lost_height(truth, found, np.array([1.0, 2.0])) == pytest.approx(50)
