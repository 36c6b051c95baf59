# SPDX-License-Identifier: GPL-3.0-or-later
"""Section 3.1's stability, by hand."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from training.evaluate.follow import stability

NEVER = np.zeros(6, bool)


def wrong_by(errors: np.ndarray) -> np.ndarray:
    """Points of six frames ``(6, 68, 2)`` that are all wrong by the same ``(6, 2)``; the true ones are 0."""
    return np.repeat(errors[:, None].astype(np.float32), 68, axis=1)


def errors_of(errors: np.ndarray, restarted: np.ndarray = NEVER) -> np.ndarray:
    found = wrong_by(errors)
    return stability(found, np.zeros_like(found), np.full(6, 100.0, np.float32), restarted)


@given(st.floats(-20, 20), st.floats(-20, 20))
def test_a_steady_error_is_stable(x: float, y: float) -> None:
    assert np.nanmax(errors_of(np.tile([x, y], (6, 1)))) < 1e-5


def test_a_jump_costs_its_length_once() -> None:
    errors = np.zeros((6, 2))
    errors[3:] = [3, 4]
    found = errors_of(errors)
    assert np.allclose(found[1:], [0, 0, 0.05, 0, 0], atol=1e-6)
    assert np.isnan(found[0])
    assert np.isnan(errors_of(errors, np.arange(6) == 3)[3])


def test_each_step_is_over_the_box_of_its_own_frame() -> None:
    errors = np.zeros((6, 2))
    errors[1::2] = [3, 4]
    truth = np.zeros((6, 68, 2), np.float32)
    sides = np.array([1, 50, 100, 25, 5, 10], np.float32)
    found = stability(wrong_by(errors), truth, sides, NEVER)
    assert np.allclose(found[1:], 5 / sides[1:])
