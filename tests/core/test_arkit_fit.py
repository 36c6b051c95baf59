# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.core.model.arkit import ARKIT_UNITS, N_UNITS, UNSEEN
from mien.core.model.head import Head, shipped_head
from mien.core.solve.arkit_fit import bounded, fit_units
from scipy.optimize import lsq_linear

JAW, BLINK = ARKIT_UNITS.index("jawOpen"), ARKIT_UNITS.index("eyeBlinkLeft")


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 9999), st.integers(1, 8))
def test_it_finds_the_bounded_least_squares_solution(seed: int, unknowns: int) -> None:
    rng = np.random.default_rng(seed)
    matrix = np.concatenate([rng.normal(size=(12, unknowns)), 0.5 * np.eye(unknowns)])
    values = rng.normal(size=(3, len(matrix)))
    found = bounded(matrix.T @ matrix, values @ matrix, np.zeros((3, unknowns)))
    for row, value in zip(found, values, strict=True):
        assert np.allclose(row, lsq_linear(matrix, value, (0, 1), method="bvls").x, atol=2e-3)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 9999), st.floats(0, 5))
def test_weights_lie_between_nothing_and_all(seed: int, size: float) -> None:
    rng = np.random.default_rng(seed)
    expression = rng.normal(0, size, (4, 10)).astype(np.float32)
    said = rng.normal(0, size, (4, N_UNITS)).astype(np.float32)
    found = fit_units(expression, said, shipped_head())
    assert found.min() >= 0
    assert found.max() <= 1


def test_what_fits_already_is_left_as_it_is(head: Head) -> None:
    said = np.zeros((5, N_UNITS), np.float32)
    said[:, JAW] = np.linspace(0, 1, 5)
    said[:, BLINK] = np.linspace(1, 0, 5)
    assert np.allclose(fit_units(said @ head.units_to_expression, said, head), said, atol=0.01)


def test_weights_follow_a_mesh_that_moves_more_than_was_said(head: Head) -> None:
    said = np.zeros((1, N_UNITS), np.float32)
    said[0, JAW] = 0.3
    found = fit_units(2 * said @ head.units_to_expression, said, head)
    assert found[0, JAW] > 0.4


def test_what_cannot_be_seen_stays_at_nothing(head: Head) -> None:
    said = np.full((1, N_UNITS), 0.5, np.float32)
    found = fit_units(said @ head.units_to_expression, said, head)[0]
    unseen = [ARKIT_UNITS.index(name) for name in UNSEEN]
    assert np.abs(found[unseen]).max() < 1e-3
