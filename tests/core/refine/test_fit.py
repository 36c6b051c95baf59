# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.refine.fit import bounded, without_pose
from mien.core.refine.moving_points import FREE, N_FREE
from mien.core.refine.poses import N_POSE
from mien.core.refine.take_fit import weight_precision
from scipy.optimize import lsq_linear


@given(st.integers(0, 10_000), st.integers(1, 5), st.floats(0, 30))
@settings(max_examples=25, deadline=None)
def test_the_bounded_solution_is_that_of_the_whole_problem(
    seed: int, frames: int, tie: float
) -> None:
    rng = np.random.default_rng(seed)
    width = 3
    roots = rng.normal(size=(frames, 5, width))
    normal = roots.transpose(0, 2, 1) @ roots + 0.5 * np.eye(width)
    right = rng.normal(size=(frames, width)) * 3
    high = np.array([1.0, 0.7, 0.4])
    found = bounded(normal, right, np.full(frames - 1, tie), high, np.zeros((frames, width)))
    # The same as one least squares: A = L L', and a row for each tie.
    whole = np.zeros((frames * width, frames * width))
    for f in range(frames):
        whole[f * width : (f + 1) * width, f * width : (f + 1) * width] = normal[f]
    apart = np.kron(np.diff(np.eye(frames), axis=0), np.eye(width))
    whole += tie * apart.T @ apart
    root = np.linalg.cholesky(whole).T
    wanted = np.linalg.solve(root.T, right.ravel())
    truth = lsq_linear(root, wanted, (0, np.tile(high, frames)), tol=1e-12).x
    assert np.abs(found.ravel() - truth).max() < 0.02


def test_the_network_is_doubted_where_one_side_moves_without_the_other() -> None:
    precision = weight_precision()
    assert np.allclose(precision, precision.T)

    def cost(**change: float) -> float:
        step = np.zeros(N_FREE)
        for name, by in change.items():
            step[list(FREE).index(ARKIT_BLENDSHAPES.index(name))] = by
        return float(step @ precision @ step)

    both = cost(mouthSmileLeft=0.2, mouthSmileRight=0.2)
    assert both == pytest.approx(2 * (0.2 / 0.25) ** 2)
    assert cost(mouthSmileLeft=0.2, mouthSmileRight=-0.2) == pytest.approx(2 * (0.2 / 0.6) ** 2)
    assert cost(jawOpen=0.2) == pytest.approx((0.2 / 0.25) ** 2)
    assert cost(browDownLeft=0.2, browDownRight=0.2) < both / 2


def test_poses_are_eliminated_and_found_again() -> None:
    rng = np.random.default_rng(0)
    roots = rng.normal(size=(4, 30, N_POSE + 3))
    normal, right = roots.transpose(0, 2, 1) @ roots, rng.normal(size=(4, N_POSE + 3))
    whole = np.linalg.solve(normal, right[..., None])[..., 0]
    matrix, wanted, back = without_pose(normal, right)
    weights = np.linalg.solve(matrix, wanted[..., None])[..., 0]
    assert np.allclose(weights, whole[:, N_POSE:])
    pose = back[..., 0] - np.einsum("fpw,fw->fp", back[..., 1:], weights)
    assert np.allclose(pose, whole[:, :N_POSE])
