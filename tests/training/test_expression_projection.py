# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.core.model.head import Head

from training.generator.sampling import draw_expression
from training.labels.expression_projection import ExpressionProjector


@pytest.fixture(scope="module")
def explainer(head: Head) -> ExpressionProjector:
    return ExpressionProjector(head)


def off(
    head: Head, identity: np.ndarray, blendshapes: np.ndarray, told: tuple[np.ndarray, ...]
) -> float:
    """Mean distance in metres of the 68 landmarks between a face of blendshapes and of coefficients."""
    corners, weights = head.landmark_corners, head.landmark_weights
    shape = np.tensordot(identity, head.identity, 1) + np.tensordot(
        blendshapes, head.blendshapes, 1
    )
    said = np.tensordot(told[0], head.identity, 1) + np.tensordot(told[1], head.expression, 1)
    away = np.einsum("kc,kcx->kx", weights, (shape - said)[corners])
    return float(np.linalg.norm(away, axis=1).mean())


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_it_lays_faces_nearer_than_the_nearest_expression(
    head: Head, explainer: ExpressionProjector, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    identity = rng.normal(size=40)
    blendshapes = rng.uniform(0, 1, 52) * (rng.random(52) < 0.3)
    told = explainer.coefficients(identity, blendshapes)
    nearest = (identity, blendshapes @ head.blendshapes_to_expression)
    assert (
        off(head, identity, blendshapes, told) <= off(head, identity, blendshapes, nearest) + 1e-6
    )


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_who_it_is_changes_little_as_faces_are_drawn(
    explainer: ExpressionProjector, seed: int
) -> None:
    identity = np.random.default_rng(seed).normal(size=40)
    told = explainer.coefficients(identity, draw_expression(np.random.default_rng(seed)))
    assert np.abs(told[0] - identity).mean() < 2.5


def test_a_face_at_rest_stays_itself(explainer: ExpressionProjector) -> None:
    identity = np.linspace(-2, 2, 40).astype(np.float32)
    told = explainer.coefficients(identity, np.zeros(52))
    assert np.allclose(told[0], identity)
    assert np.allclose(told[1], 0)
