# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.core.model.head import Head, shipped_head
from mien.core.model.params import EXPRESSION, IDENTITY, split
from mien.core.solve.gauss_newton import find_identity, fit_frames, solve
from mien.core.solve.reprojection import Frames, Reprojection, landmark_normals
from scipy.spatial.transform import Rotation

from ..conftest import made_take


@pytest.fixture
def points(head: Head) -> Reprojection:
    return Reprojection(head)


def wandering(head: Head, count: int = 40, spread: float = 0.4) -> np.ndarray:
    """Parameters whose identity errs anew in every frame, as a network's does."""
    params = made_take(head, count).params.copy()
    params[:, IDENTITY] += np.random.default_rng(1).normal(0, spread, (count, 40))
    return params


def sure(count: int) -> np.ndarray:
    return np.ones(count, np.float32)


def test_what_agrees_already_is_left_as_it_is(head: Head) -> None:
    params = made_take(head).params
    found = solve(params, sure(len(params)), head)
    assert np.allclose(found.identity, params[0, IDENTITY], atol=1e-4)
    assert np.allclose(found.frames.expression, params[:, EXPRESSION], atol=1e-4)
    assert np.allclose(found.frames.local_coordinates(Frames.of(params)), 0, atol=1e-3)


def test_slopes_are_the_derivatives_of_the_projection(points: Reprojection, head: Head) -> None:
    params = made_take(head, 3).params
    frames, identity = Frames.of(params), params[0, IDENTITY].astype(np.float64)
    by_frame, by_identity = points.jacobian(identity, frames)
    rng = np.random.default_rng(0)
    step, other = rng.normal(0, 1e-5, (3, 16)), rng.normal(0, 1e-5, 40)
    retract = points.project(identity, frames.retract(step)) - points.project(identity, frames)
    assert np.allclose(retract.reshape(3, -1), np.einsum("fpu,fu->fp", by_frame, step), atol=1e-6)
    changed = points.project(identity + other, frames) - points.project(identity, frames)
    assert np.allclose(changed.reshape(3, -1), by_identity @ other, atol=1e-6)


def test_a_step_leads_back_where_it_came_from(head: Head) -> None:
    frames = Frames.of(made_take(head, 5).params)
    step = np.random.default_rng(0).normal(0, 0.1, (5, 16))
    assert np.allclose(frames.retract(step).local_coordinates(frames), step, atol=1e-9)


def test_the_landmarks_stay_where_the_network_saw_them(points: Reprojection, head: Head) -> None:
    params = wandering(head)
    identity = find_identity(params, sure(40), points)
    seen = points.seen(params)
    averaged = points.project(identity, Frames.of(params)) - seen
    solved = points.project(identity, fit_frames(params, identity, points)) - seen
    assert np.abs(solved).mean() < 0.75 * np.abs(averaged).mean()


def test_the_common_identity_is_nearer_the_truth_than_any_frames(
    points: Reprojection, head: Head
) -> None:
    params, truth = wandering(head), made_take(head).params[0, IDENTITY]
    found = find_identity(params, sure(40), points)
    assert (
        np.linalg.norm(found - truth)
        < 0.3 * np.linalg.norm(params[:, IDENTITY] - truth, axis=1).min()
    )


def test_frames_that_are_wildly_wrong_do_not_spoil_it(points: Reprojection, head: Head) -> None:
    params = wandering(head, 60, 0.1)
    truth = made_take(head, 60).params[0, IDENTITY]
    params[::10, IDENTITY] += 8
    assert np.abs(find_identity(params, sure(60), points) - truth).max() < 0.5
    assert np.abs(split(params)[1].mean(axis=0) - truth).min() > 0.5


def test_a_doubtful_frame_counts_less(points: Reprojection, head: Head) -> None:
    params = wandering(head, 20)
    own = params[7, IDENTITY]
    even = find_identity(params, sure(20), points)
    certainty = np.full(20, 0.01, np.float32)
    certainty[7] = 1
    leaning = find_identity(params, certainty, points)
    assert np.linalg.norm(leaning - own) < 0.5 * np.linalg.norm(even - own)


def test_a_profile_decides_what_only_a_profile_shows(points: Reprojection, head: Head) -> None:
    # Two frames that disagree in one direction of identity: depth of the nose's tip against its
    # wings. The front view cannot see it.
    params = np.repeat(made_take(head, 1).params, 2, axis=0)
    front, side = np.eye(3), Rotation.from_euler("y", 70, degrees=True).as_matrix()
    for row, turn in enumerate((front, side)):
        params[row, :12] = np.column_stack([400 * turn, np.zeros(3)]).ravel()
    marks = head.landmark_model().identity[:, [30, 33, 27]]
    depth = marks[:, 0, 2] - marks[:, 1:, 2].mean(axis=1)
    params[0, IDENTITY], params[1, IDENTITY] = -3 * depth, 3 * depth
    params[:, IDENTITY] *= 1 / np.linalg.norm(3 * depth)
    found = find_identity(params, sure(2), points)
    assert found @ params[1, IDENTITY] > 0.1


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 999), st.integers(2, 25))
def test_the_order_of_the_frames_does_not_matter(seed: int, count: int) -> None:
    points = Reprojection(shipped_head())
    params = wandering(shipped_head(), count)
    rng = np.random.default_rng(seed)
    confidence = rng.uniform(0.1, 1, count).astype(np.float32)
    order = rng.permutation(count)
    one = find_identity(params, confidence, points)
    other = find_identity(params[order], confidence[order], points)
    assert np.allclose(one, other, atol=1e-6)


def test_normals_point_outward(head: Head) -> None:
    normals = landmark_normals(head)
    assert (normals[27:36, 2] > 0).all()  # the nose faces forward
    assert normals[0, 0] < 0 < normals[16, 0]  # the ears to their sides
