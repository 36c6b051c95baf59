# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from mien.core.model.rotation import interpolate, to_matrices, to_quaternions, unroll
from scipy.spatial.transform import Rotation


@given(st.integers(0, 2**32 - 1), st.integers(1, 30))
def test_unrolled_neighbours_agree_and_are_the_same_rotations(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    matrices = Rotation.random(count, random_state=seed).as_matrix().astype(np.float32)
    signs = rng.choice([-1, 1], (count, 1)).astype(np.float32)
    smooth = unroll(to_quaternions(matrices) * signs)
    assert (np.einsum("fi,fi->f", smooth[1:], smooth[:-1]) >= -1e-6).all()
    assert np.allclose(to_matrices(smooth), matrices, atol=1e-5)
    assert smooth[0, 0] >= 0


def test_a_full_turn_has_no_flip() -> None:
    turn = Rotation.from_euler("y", np.linspace(0, 720, 200)[:, None], degrees=True).as_matrix()
    smooth = unroll(to_quaternions(turn.astype(np.float32)))
    assert np.abs(np.diff(smooth, axis=0)).max() < 0.05


def test_gaps_are_filled_along_the_arc_and_ends_held() -> None:
    known = np.array([1.0, 3.0])
    turns = Rotation.from_euler("y", [[0], [60]], degrees=True).as_matrix().astype(np.float32)
    found = interpolate(np.array([0.0, 1.0, 2.0, 3.0, 9.0]), known, turns)
    degrees = Rotation.from_matrix(found).as_euler("yxz", degrees=True)[:, 0]
    assert np.allclose(degrees, [0, 0, 30, 60, 60], atol=1e-3)


def test_one_known_rotation_is_held() -> None:
    found = interpolate(np.arange(3.0), np.array([1.0]), np.eye(3, dtype=np.float32)[None])
    assert np.allclose(found, np.eye(3))
