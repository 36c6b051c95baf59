# SPDX-License-Identifier: GPL-3.0-or-later
"""Nearest places, deformation transfer, and blendshapes for another head."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.core.errors import AvatarError
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.head import Head
from mien.core.retarget.generate import Generated, generate, head_part
from mien.core.retarget.surface import Surface, nearest_in_triangle, triangulate
from mien.core.retarget.transfer import Transfer, deformations, frames_at_rest
from scipy.optimize import minimize
from scipy.spatial.transform import Rotation

TURN = Rotation.from_euler("Y", 15, degrees=True).as_matrix()
SIZE = 0.8


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_no_place_in_a_triangle_is_nearer(seed: int) -> None:
    rng = np.random.default_rng(seed)
    point, corners = rng.normal(0, 2, 3), rng.normal(0, 1, (3, 3))
    weights = nearest_in_triangle(point, corners)
    assert weights.min() >= 0
    assert weights.sum() == pytest.approx(1)
    found = np.linalg.norm(weights @ corners - point)
    tried = rng.dirichlet([0.5] * 3, 400) @ corners
    assert found <= np.linalg.norm(tried - point, axis=1).min() + 1e-9


def test_a_normal_chooses_between_two_sheets() -> None:
    square = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], float)
    up = np.array([[0, 1, 2], [0, 2, 3]])
    both = Surface(
        np.concatenate([square, square - [0, 0, 0.01]]), np.concatenate([up, up[:, ::-1] + 4])
    )
    point = np.array([[0.4, 0.4, 0.001]])
    assert both.nearest(point, np.array([[0, 0, 1.0]]), 0.02).triangles[0] < 2
    assert both.nearest(point, np.array([[0, 0, -1.0]]), 0.02).triangles[0] >= 2


def test_polygons_of_any_size_become_triangles() -> None:
    found = triangulate(np.array([3, 5, 4]), np.array([9, 8, 7, 0, 1, 2, 3, 4, 5, 6, 7, 8]))
    assert found.tolist() == [[9, 8, 7], [0, 1, 2], [0, 2, 3], [0, 3, 4], [5, 6, 7], [5, 7, 8]]


def test_a_mesh_follows_an_even_deformation_exactly(head: Head) -> None:
    rest = head.vertices.astype(float)
    matrix = Rotation.from_rotvec([0.2, -0.1, 0.3]).as_matrix() * 1.2
    moved = rest @ matrix.T + [0.01, 0, 0]
    inverse = frames_at_rest(rest, head.triangles)
    wanted = deformations(inverse, moved, head.triangles)
    solver = Transfer(rest, head.triangles, np.full(len(rest), 1e-3))
    assert np.abs(solver.solve(wanted, moved - rest) - (moved - rest)).max() < 1e-6


def test_the_solution_is_the_best_there_is(head: Head) -> None:
    rest = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [0.5, 0.5, 0.4]], float) / 50
    triangles = np.array([[0, 1, 4], [1, 2, 4], [2, 3, 4], [3, 0, 4]])
    rng = np.random.default_rng(1)
    wanted = np.eye(3) + rng.normal(0, 0.2, (4, 3, 3))
    known = rng.normal(0, 1e-3, (5, 3))
    solver = Transfer(rest, triangles, np.full(5, 0.5))
    found = solver.solve(wanted, known)

    def cost(moved: np.ndarray) -> float:
        moved = moved.reshape(-1, 3)
        grown = np.stack([solver.gradient @ (rest + moved)[:, k] for k in range(3)], axis=1)
        goal = (wanted @ solver.tangent).transpose(0, 2, 1).reshape(-1, 3)
        off = (solver.area[:, None] * (grown - goal) ** 2).sum()
        return float(off + (solver.weight[:, None] * (moved - known) ** 2).sum())

    best = minimize(cost, np.zeros(15), method="BFGS", options={"gtol": 1e-12}).fun
    assert cost(found) <= best + 1e-12


def test_only_the_top_of_a_body_may_be_a_head(head: Head) -> None:
    own = head.vertices.astype(float)
    assert head_part(own).all()
    rng = np.random.default_rng(0)
    body = rng.uniform([-0.25, -1.6, -0.1], [0.25, -0.15, 0.1], (4000, 3))
    part = head_part(np.concatenate([own, body]))
    assert part[: len(own)].all()
    assert part[len(own) :].mean() < 0.3


@pytest.fixture(scope="module")
def someone(head: Head) -> tuple[np.ndarray, Generated]:
    """A head of the model's own kind, smaller, turned and put elsewhere, and what was made for it."""
    identity = np.random.default_rng(5).normal(0, 0.7, 40)
    shape = head.vertices + np.tensordot(identity, head.identity, axes=1)
    vertices = SIZE * shape.astype(float) @ TURN.T + [0.3, 1.5, -0.2]
    return vertices, generate(head, vertices, head.triangles)


def test_units_are_found_on_a_head_that_is_smaller_turned_and_elsewhere(
    head: Head, someone: tuple[np.ndarray, Generated]
) -> None:
    made = someone[1]
    true = SIZE * head.blendshapes.astype(float) @ TURN.T
    seen = np.linalg.norm(true, axis=2) > 5e-4
    wrong = np.linalg.norm(made.blendshapes[0] - true, axis=2)[seen]
    assert wrong.mean() < 0.15 * np.linalg.norm(true, axis=2)[seen].mean()
    assert made.quality.fit < 0.005
    assert made.quality.likeness > 0.93
    assert np.median(made.quality.motion) > 0.97


def test_lids_meet_on_a_head_with_other_eyes(
    head: Head, someone: tuple[np.ndarray, Generated]
) -> None:
    made = someone[1]
    assert max(made.quality.lids.values()) < 0.25
    assert set(made.quality.lids) == {"eyeBlinkLeft", "eyeBlinkRight"}
    report = made.quality.report()
    assert all(word in report for word in ("fit", "motion", "lids"))


def test_units_stay_on_their_side(head: Head, someone: tuple[np.ndarray, Generated]) -> None:
    made = someone[1]
    right = head.vertices[:, 0] < -0.02
    left_blink = made.blendshapes[0][ARKIT_BLENDSHAPES.index("eyeBlinkLeft")]
    assert np.abs(left_blink[right]).max() < 0.0015  # of 12 mm


def test_a_ball_is_refused(head: Head) -> None:
    ball = head.vertices.astype(float)
    ball = 0.1 * ball / np.linalg.norm(ball, axis=1, keepdims=True)
    with pytest.raises(AvatarError, match="too unlike a human head"):
        generate(head, ball, head.triangles)


def test_a_few_faces_are_refused(head: Head) -> None:
    with pytest.raises(AvatarError, match="too few faces"):
        generate(head, head.vertices.astype(float), head.triangles[:10])
