# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.core.model.arkit import ARKIT_BLENDSHAPES, N_BLENDSHAPES
from mien.core.model.eyelids import CERTAIN, close_eyelids, closure
from mien.core.model.head import Head
from mien.core.model.params import EXPRESSION
from mien.core.solve.motion import solve_take

from ..conftest import made_take

BLINKS = [ARKIT_BLENDSHAPES.index(n) for n in ("eyeBlinkLeft", "eyeBlinkRight")]
SMILES = [ARKIT_BLENDSHAPES.index(n) for n in ("mouthSmileLeft", "mouthSmileRight", "jawOpen")]


def weights(left: float, right: float) -> np.ndarray:
    blendshapes = np.zeros((1, N_BLENDSHAPES), np.float32)
    blendshapes[0, BLINKS] = left, right
    return blendshapes


def test_the_nearest_expression_to_a_blink_closes_that_eye(head: Head) -> None:
    closed = closure(head.blendshapes_to_expression[BLINKS], head)
    assert np.allclose(closed, np.eye(2), atol=1e-4)


def test_what_the_mouth_does_leaves_the_lids_alone(head: Head) -> None:
    grin = head.blendshapes_to_expression[SMILES].sum(axis=0, keepdims=True)
    assert np.abs(closure(grin, head)).max() < 0.15


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 1000), st.floats(CERTAIN, 1), st.floats(CERTAIN, 1))
def test_lids_are_at_least_as_far_down_as_the_weights_say(
    head: Head, seed: int, left: float, right: float
) -> None:
    expression = np.random.default_rng(seed).normal(0, 1, (1, 10)).astype(np.float32)
    before = closure(expression, head)[0]
    after = closure(close_eyelids(expression, weights(left, right), head), head)[0]
    assert after == pytest.approx(np.maximum(before, [left, right]), abs=1e-3)


def test_an_expression_that_blinks_enough_stays_as_it_is(head: Head) -> None:
    expression = head.blendshapes_to_expression[BLINKS[:1]]
    assert np.allclose(close_eyelids(expression, weights(0.9, 0), head), expression, atol=1e-4)


def test_a_take_that_is_solved_for_its_head_blinks(head: Head) -> None:
    take = made_take(head, 10, lost=(4,))
    take.blendshapes[:, BLINKS] = 1
    solved = solve_take(take, head)
    assert (closure(solved.expression, head) >= solved.blendshapes[:, BLINKS] - 1e-3).all()
    assert closure(solved.expression, head).min() > 0.8
    assert np.nanmean(closure(take.params[:, EXPRESSION], head)) < 0.5


def test_an_eye_that_does_not_blink_may_be_wide(head: Head) -> None:
    wide = -head.blendshapes_to_expression[BLINKS[:1]]
    assert np.array_equal(close_eyelids(wide, weights(0, 0), head), wide)
