# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter of live values: calm at rest, quick when it counts, as its paper has it."""

import math

import numpy as np
import pytest
from mien.core.solve.one_euro import BETA, MIN_CUTOFF, SPEED_CUTOFF, OneEuro

STEP = 1 / 30


def by_the_paper(values: list[float], unit: float) -> list[float]:
    """Algorithm 1 of Casiez, Roussel and Vogel, for values that come evenly."""

    def alpha(cutoff: float) -> float:
        tau = 1 / (2 * math.pi * cutoff)
        return 1 / (1 + tau / STEP)

    out, speed = [values[0]], 0.0
    for value in values[1:]:
        slope = (value - out[-1]) / STEP
        speed = alpha(SPEED_CUTOFF) * slope + (1 - alpha(SPEED_CUTOFF)) * speed
        share = alpha(MIN_CUTOFF + BETA * abs(speed) / unit)
        out.append(share * value + (1 - share) * out[-1])
    return out


@pytest.mark.parametrize("unit", [0.05, 1.0])
def test_it_is_the_filter_of_the_paper(unit: float) -> None:
    values = np.random.default_rng(0).normal(0, 1, 60).cumsum().tolist()
    one = OneEuro(unit)
    found = [float(one(k * STEP, np.array([v]))[0]) for k, v in enumerate(values)]
    assert np.allclose(found, by_the_paper(values, unit))


def test_jitter_at_rest_is_taken_out_and_a_turn_comes_through() -> None:
    jitter = np.random.default_rng(1).normal(0, 0.01, 120)
    turn = np.clip((np.arange(120) - 60) / 6, 0, 1)  # a fifth of a second
    calm, quick = OneEuro(), OneEuro(unit=0.05)
    still = np.array([calm(k * STEP, jitter[[k]])[0] for k in range(120)])
    moved = np.array([quick(k * STEP, turn[[k]])[0] for k in range(120)])
    assert still[30:].std() < 0.6 * jitter[30:].std()
    assert np.abs(moved - turn)[66:].max() < 0.1
    assert np.argmax(moved > 0.5) - np.argmax(turn > 0.5) <= 2


def test_a_vector_is_filtered_part_by_part() -> None:
    both, first = OneEuro(), OneEuro()
    for k in range(10):
        value = np.array([math.sin(k), 5.0 * k])
        assert both(k * STEP, value)[0] == pytest.approx(first(k * STEP, value[:1])[0])


def test_time_that_does_not_go_on_begins_anew() -> None:
    one = OneEuro()
    one(0.0, np.array([0.0]))
    one(1.0, np.array([1.0]))
    assert one(0.5, np.array([7.0]))[0] == 7.0


def test_an_infinite_cutoff_lets_everything_through() -> None:
    one = OneEuro(cutoff=math.inf)
    assert [float(one(k * STEP, np.array([float(k % 3)]))[0]) for k in range(6)] == [
        0,
        1,
        2,
        0,
        1,
        2,
    ]
