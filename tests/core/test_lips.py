# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.core.model.arkit import ARKIT_BLENDSHAPES, N_BLENDSHAPES
from mien.core.model.head import Head, shipped_head
from mien.core.model.params import EXPRESSION, IDENTITY
from mien.core.solve.adjust import Adjustments, adjust
from mien.core.solve.lips import PAIRS, lips_closed, seal_lips
from mien.core.solve.motion import solve_take

from ..conftest import made_take

JAW, CLOSE = ARKIT_BLENDSHAPES.index("jawOpen"), ARKIT_BLENDSHAPES.index("mouthClose")


def parting(blendshapes: np.ndarray, head: Head) -> np.ndarray:
    """How far weights ``(F, 52)`` part the lips, millimetres."""
    moved = np.tensordot(blendshapes, head.blendshapes, axes=1)
    marks = np.einsum("kc,fkcx->fkx", head.landmark_weights, moved[:, head.landmark_corners])
    return np.asarray(1000 * np.mean([marks[:, a, 1] - marks[:, b, 1] for a, b in PAIRS], axis=0))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 9999))
def test_lips_that_touch_are_sealed_whatever_was_said(seed: int) -> None:
    head = shipped_head()
    blendshapes = np.random.default_rng(seed).uniform(0, 0.4, (5, N_BLENDSHAPES)).astype(np.float32)
    blendshapes[:, [i for i, n in enumerate(ARKIT_BLENDSHAPES) if n.startswith("eye")]] = 0
    found = seal_lips(blendshapes, np.ones(5, np.float32), head)
    assert parting(found, head).max() < 0.05
    assert 0 <= found.min() <= found.max() <= 1


def test_a_jaw_that_hangs_under_shut_lips_is_made_up_for(head: Head) -> None:
    blendshapes = np.zeros((2, N_BLENDSHAPES), np.float32)
    blendshapes[0, JAW], blendshapes[1, JAW] = 0.5, 0.03
    found = seal_lips(blendshapes, np.ones(2, np.float32), head)
    assert found[0, JAW] > 0.4
    assert found[0, CLOSE] == pytest.approx(found[0, JAW], rel=0.05)
    assert found[1, [JAW, CLOSE]].max() == 0


def test_rolled_lips_make_up_for_nothing_that_parts_lips(head: Head) -> None:
    # On our head they would: on a character whose rolls do not draw the lips together it stood open.
    blendshapes = np.zeros((3, N_BLENDSHAPES), np.float32)
    rolls = [ARKIT_BLENDSHAPES.index(n) for n in ("mouthRollLower", "mouthRollUpper")]
    funnel, lower, upper = (
        ARKIT_BLENDSHAPES.index(n) for n in ("mouthFunnel", "mouthShrugLower", "mouthShrugUpper")
    )
    blendshapes[0, [*rolls, funnel]] = 0.3, 0.3, 0.1
    blendshapes[1, [lower, upper]] = 0.4, 0.2
    blendshapes[2, [*rolls, funnel]] = 0.3, 0.3, 0.1
    found = seal_lips(blendshapes, np.array([1, 1, 0], np.float32), head)
    assert found[0, funnel] == pytest.approx(0, abs=1e-6)
    assert np.allclose(found[0, rolls], 0.3)
    assert np.allclose(found[1], blendshapes[1], atol=1e-6)  # a raised chin moves both lips
    assert np.allclose(found[2], blendshapes[2], atol=1e-6)


def test_open_lips_are_left_and_never_pushed_through_each_other(head: Head) -> None:
    blendshapes = np.zeros((1, N_BLENDSHAPES), np.float32)
    blendshapes[0, JAW], blendshapes[0, CLOSE] = 0.1, 0.4
    found = seal_lips(blendshapes, np.zeros(1, np.float32), head)
    assert found[0, JAW] == pytest.approx(0.1)
    assert found[0, CLOSE] <= 0.11


def speech(head: Head) -> tuple[np.ndarray, np.ndarray]:
    """A take's worth of an open jaw with a closure of two frames; the shut frames."""
    blendshapes = np.zeros((90, N_BLENDSHAPES), np.float32)
    blendshapes[:, JAW] = 0.3
    shut = np.isin(np.arange(90), [*range(10), 50, 51])
    blendshapes[shut] = 0
    return blendshapes, shut


def test_shut_lips_are_seen_on_the_landmarks(head: Head) -> None:
    take, (blendshapes, shut) = made_take(head, 90), speech(head)
    take.params[:, IDENTITY] = 0
    take.params[:, EXPRESSION] = blendshapes @ head.blendshapes_to_expression
    closed = lips_closed(take.params, head)
    assert closed[shut].min() > 0.95
    assert closed[~shut].max() < 0.05


def test_a_closure_of_two_frames_survives_smoothing(head: Head) -> None:
    take, (blendshapes, shut) = made_take(head, 90), speech(head)
    take.params[:, IDENTITY] = 0
    take.params[:, EXPRESSION] = blendshapes @ head.blendshapes_to_expression
    take.blendshapes[:] = blendshapes
    smoothed = adjust(solve_take(take, head), head, Adjustments(0.5))
    assert parting(smoothed.blendshapes[shut], head).max() < 0.1
    assert parting(smoothed.blendshapes[20:40], head).min() > 5
