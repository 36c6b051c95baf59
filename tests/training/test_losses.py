# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.core.model.head import Head
from mien.core.model.params import split

from training.geometry.face_model import FaceModel, spread_vertices
from training.networks.network import ZScore
from training.optimise.losses import (
    balanced,
    expression_distance,
    fwpdc,
    landmark_error,
    lrr,
    offset_error,
    vanilla_joint,
    vdc,
    vertex_distance,
    wpdc,
)

from .conftest import random_params

seeds = st.integers(0, 2**31)


@pytest.fixture(scope="module")
def face(head: Head) -> FaceModel:
    return FaceModel(head, 300)


@pytest.fixture(scope="module")
def exact(face: FaceModel) -> FaceModel:
    """The same in double precision, where differences of vertices keep their digits."""
    other = FaceModel.__new__(FaceModel)
    torch.nn.Module.__init__(other)
    for name in ("mean", "basis", "mean68", "basis68"):
        other.register_buffer(name, getattr(face, name).double())
    return other


@pytest.fixture(scope="module")
def zscore() -> ZScore:
    return ZScore(torch.from_numpy(random_params(500)).double()).double()


def pair(seed: int, count: int = 3) -> tuple[torch.Tensor, torch.Tensor]:
    both = torch.from_numpy(random_params(2 * count, seed)).double()
    return both[:count], both[count:]


def test_the_models_vertices_are_the_cores(face: FaceModel, head: Head) -> None:
    params = random_params(3)
    wanted = head.landmark_model().project(*split(params))
    found = face.landmarks(torch.from_numpy(params)).transpose(1, 2).numpy()
    assert np.allclose(found, wanted, atol=1e-2)


def test_chosen_vertices_are_on_the_face(head: Head) -> None:
    chosen = spread_vertices(head, 300, 0)
    assert len(set(chosen)) == 300
    assert head.vertices[chosen, 2].min() >= 0


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_true_parameters_cost_nothing(exact: FaceModel, zscore: ZScore, seed: int) -> None:
    params, _ = pair(seed)
    placed = exact.vertices(params)
    assert vdc(placed, placed).max() == 0
    assert vertex_distance(placed, placed).max() < 1e-3
    assert fwpdc(params, params, exact, zscore).max() == 0


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


@settings(max_examples=50, deadline=None)
@given(seeds)
def test_fwpdc_is_wpdc(exact: FaceModel, zscore: ZScore, seed: int) -> None:
    params, truth = pair(seed)
    slow = wpdc(params, truth, exact, zscore)
    fast = fwpdc(params, truth, exact, zscore)
    assert torch.allclose(fast, slow, rtol=1e-5, atol=1e-5)


def test_algorithm_2_as_printed_is_not_equation_7(exact: FaceModel, zscore: ZScore) -> None:
    """Weights that keep their sign, over a maximum that may be too small: the printed reading."""
    params, truth = pair(4, 20)
    away = (params - truth)[:, :12].reshape(-1, 3, 4)
    basis = exact.basis.reshape(50, -1)
    shape = exact.mean + (truth[:, 12:] @ basis).reshape(-1, *exact.mean.shape)
    ones = shape.new_full((len(shape), 1), shape.shape[2] ** 0.5)
    norms = torch.cat([shape.norm(dim=2), ones], dim=1)
    scale = truth[:, :3].norm(dim=1, keepdim=True)
    alpha = scale * (params - truth)[:, 12:] * basis.norm(dim=1)
    weights = torch.cat([(away * norms[:, None]).flatten(1), alpha], dim=1)
    weights = weights / weights.amax(dim=1, keepdim=True)
    printed = (weights * (zscore.encode(params) - zscore.encode(truth))).square().sum(dim=1)
    assert not torch.allclose(printed, wpdc(params, truth, exact, zscore), rtol=1e-2)
    # With norms, as equation 7 has them, the same lines give equation 7.
    weights = torch.cat([(away.abs() * norms[:, None]).flatten(1), alpha.abs()], dim=1)
    weights = weights / weights.amax(dim=1, keepdim=True)
    meant = (weights * (zscore.encode(params) - zscore.encode(truth))).square().sum(dim=1)
    assert torch.allclose(meant, wpdc(params, truth, exact, zscore), rtol=1e-5)


def test_weights_carry_no_gradient(exact: FaceModel, zscore: ZScore) -> None:
    params, truth = pair(1, 4)
    params.requires_grad_()
    loss = fwpdc(params, truth, exact, zscore).sum()
    (gradient,) = torch.autograd.grad(loss, params)
    varied = torch.arange(62) != 11  # the depth of the translation is always 0
    squared = (gradient * zscore.std**2 / (2 * (params - truth)))[:, varied]
    assert squared.min() >= 0
    assert squared.max() <= 1 + 1e-5


@given(st.floats(1e-3, 1e3), st.floats(1e-3, 1e3), st.floats(0, 1))
def test_vanilla_joint_weighs_both_alike(one: float, other: float, beta: float) -> None:
    found = vanilla_joint(torch.tensor(one), torch.tensor(other), beta)
    assert torch.isclose(found, torch.tensor(one), rtol=1e-4)


def test_balancing_is_constant_for_the_gradient() -> None:
    term = torch.tensor(4.0, requires_grad=True)
    balanced(term, torch.tensor(2.0)).backward()
    assert term.grad == 0.5


def test_lrr_is_nought_at_the_labels(face: FaceModel) -> None:
    truth = face.landmarks(torch.from_numpy(random_params(3)))
    regressed = truth[:, :2].transpose(1, 2) / 60
    assert lrr(regressed, truth).max() < 1e-10
    assert torch.allclose(lrr(regressed + 0.1, truth), torch.full((3,), 0.01), atol=1e-5)


def test_expressions_are_told_from_pose_and_identity(face: FaceModel) -> None:
    truth = torch.from_numpy(random_params(4))
    other = truth.clone()
    other[:, :52] += 0.3
    moved = face.expressions(truth)
    assert moved.shape == (4, 3, 51)
    assert torch.equal(face.expressions(other), moved)
    other[:, 52] += 1
    off = expression_distance(face.expressions(other), moved)
    step = face.basis68[40, :, 17:].norm(dim=0).mean()
    assert torch.allclose(off, (10 * step).expand(4), rtol=0.02)


def test_landmark_error_counts_narrow_faces_more(face: FaceModel) -> None:
    params = torch.from_numpy(random_params(1))
    truth = face.landmarks(params)
    narrow = truth * torch.tensor([0.25, 1.0, 1.0])[None, :, None]
    shift = torch.tensor([2.0, 0.0, 0.0])[None, :, None]
    wide = landmark_error(truth + shift, truth)
    assert torch.allclose(landmark_error(narrow + shift, narrow), 2 * wide, rtol=1e-3)


def test_a_steady_error_is_stable_and_a_shaking_one_is_not(face: FaceModel) -> None:
    truth = face.landmarks(torch.from_numpy(random_params(8)))
    steady = offset_error(truth + 3.0, truth, 8)
    shaking = truth.clone()
    shaking[::2] += 3.0
    assert steady.max() < 1e-3
    assert offset_error(shaking, truth, 8).min() > 0.02
