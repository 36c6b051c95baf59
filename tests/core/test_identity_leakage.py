# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import pytest
from mien.core.model.arkit import ARKIT_BLENDSHAPES, N_BLENDSHAPES
from mien.core.model.head import Head
from mien.core.model.params import EXPRESSION, IDENTITY
from mien.core.solve.identity_leakage import leak_slopes
from mien.core.solve.motion import solve_take
from mien.core.take.take import Take

from ..conftest import made_take

SMILES = [ARKIT_BLENDSHAPES.index(f"mouthSmile{side}") for side in ("Left", "Right")]
REST = np.arange(120) < 60


def leaking_take(head: Head, slopes: np.ndarray, smiles: np.ndarray) -> Take:
    """A take whose network tells a part of every smile by the identity."""
    take = made_take(head, 120)
    take.blendshapes[:] = 0
    take.blendshapes[:, SMILES] = smiles[:, None]
    take.params[:, EXPRESSION] = take.blendshapes @ head.blendshapes_to_expression
    take.params[:, IDENTITY] += take.blendshapes @ slopes
    return take


def mouth_width(head: Head, identity: np.ndarray) -> float:
    """Of a person at rest, millimetres."""
    marks = head.landmark_model()
    corners = marks.mean + np.tensordot(identity, marks.identity, axes=1)
    return float(1000 * np.linalg.norm(corners[48] - corners[54]))


def test_slopes_are_found_and_without_motion_stay_as_they_are_known() -> None:
    rng = np.random.default_rng(0)
    true, weights = rng.normal(size=(3, 2)), rng.uniform(0, 1, (4000, 3))
    known = np.ones((3, 2), np.float32)
    assert np.allclose(leak_slopes(weights, weights @ true, known), true, atol=0.15)
    assert np.allclose(leak_slopes(np.full((90, 3), 0.5), np.zeros((90, 2)), known), known)


def test_a_smile_does_not_make_another_person(head: Head) -> None:
    marks = head.landmark_model()
    wider = (marks.identity[:, 54] - marks.identity[:, 48])[:, 0]
    slopes = np.zeros((N_BLENDSHAPES, 40))
    slopes[SMILES] = 0.002 * wider / (wider @ wider)
    smiles = np.where(REST, 0, 0.8)
    person = mouth_width(head, made_take(head, 120).params[0, IDENTITY])
    wrong = mouth_width(head, leaking_take(head, slopes, smiles).params[-1, IDENTITY])
    assert wrong - person > 2
    found = solve_take(leaking_take(head, slopes, smiles)).identity
    assert mouth_width(head, found) == pytest.approx(person, abs=0.5)
