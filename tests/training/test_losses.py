# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.core.head import Head
from mien.core.params import split

from training.losses import FaceModel, fwpdc, spread_vertices, vdc, vertex_distance

from .conftest import random_params

seeds = st.integers(0, 2**31)


@pytest.fixture(scope="module")
def face(head: Head) -> FaceModel:
    return FaceModel(head, 300)


def test_the_models_vertices_are_the_cores(face: FaceModel, head: Head) -> None:
    params = random_params(3)
    wanted = head.at_landmarks().project(*split(params))
    found = face.landmarks(torch.from_numpy(params)).transpose(1, 2).numpy()
    assert np.allclose(found, wanted, atol=1e-2)


def test_chosen_vertices_are_on_the_face(head: Head) -> None:
    chosen = spread_vertices(head, 300, 0)
    assert len(set(chosen)) == 300
    assert head.vertices[chosen, 2].min() >= 0


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_true_parameters_cost_nothing(face: FaceModel, seed: int) -> None:
    params = torch.from_numpy(random_params(2, seed))
    placed = face.vertices(params)
    assert vdc(placed, placed).max() == 0
    assert vertex_distance(placed, placed).max() < 1e-3
    assert fwpdc(params, params, face).max() == 0


@settings(max_examples=20, deadline=None)
@given(seeds, st.floats(-20, 20), st.floats(-20, 20))
def test_a_shift_costs_its_length(face: FaceModel, seed: int, x: float, y: float) -> None:
    params = torch.from_numpy(random_params(2, seed))
    moved = params.clone()
    moved[:, 3] += x
    moved[:, 7] += y
    away = vertex_distance(face.vertices(moved), face.vertices(params)) * 120
    assert torch.allclose(away, torch.full((2,), float(np.hypot(x, y))), atol=0.05)
    squared = vdc(face.vertices(moved), face.vertices(params)) * 120**2
    assert torch.allclose(squared, torch.full((2,), x * x + y * y), rtol=1e-3, atol=0.05)


@settings(max_examples=25, deadline=None)
@given(seeds, st.integers(0, 61))
def test_a_weight_is_how_far_the_vertices_move(face: FaceModel, seed: int, index: int) -> None:
    """Equation 7 by brute force: move one parameter, and measure the vertices."""
    truth = torch.from_numpy(random_params(1, seed)).double()
    wrong = torch.from_numpy(random_params(1, seed + 1)).double()
    exact = FaceModel.__new__(FaceModel)
    torch.nn.Module.__init__(exact)
    for name in ("mean", "basis", "mean68", "basis68"):
        exact.register_buffer(name, getattr(face, name).double())

    def moved_by(i: int) -> float:
        one = truth.clone()
        one[0, i] = wrong[0, i]
        return float((exact.vertices(one) - exact.vertices(truth)).norm())

    far = torch.tensor([moved_by(i) for i in range(62)])
    away = (wrong - truth).abs()[0]
    expected = ((far / far.max()) * away).square().sum()
    found = fwpdc(wrong, truth, exact)[0]
    assert torch.allclose(found, expected.double(), rtol=2e-2), index


def test_weights_carry_no_gradient(face: FaceModel) -> None:
    truth = torch.from_numpy(random_params(4))
    params = torch.from_numpy(random_params(4, 9)).requires_grad_()
    loss = fwpdc(params, truth, face).sum()
    (gradient,) = torch.autograd.grad(loss, params)
    varied = torch.arange(62) != 11  # the depth of the translation is always 0
    weights_squared = (gradient / (2 * (params - truth)))[:, varied]
    assert weights_squared.min() >= 0
    assert weights_squared.max() <= 1 + 1e-5
