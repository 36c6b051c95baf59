# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mien.core.model.params import N_PARAMS, Pose, compose, decompose, join, split
from scipy.spatial.transform import Rotation

angles = st.tuples(*[st.floats(-180, 180) for _ in range(3)])
seeds = st.integers(0, 2**32 - 1)


@given(seeds, st.sampled_from([(), (1,), (7,), (2, 3)]))
def test_join_undoes_split(seed: int, lead: tuple[int, ...]) -> None:
    params = np.random.default_rng(seed).normal(size=(*lead, N_PARAMS)).astype(np.float32)
    assert np.array_equal(join(*split(params)), params)


def test_there_are_62_in_the_order_of_the_paper() -> None:
    transform, identity, expression = split(np.arange(62, dtype=np.float32))
    assert transform[0].tolist() == [0, 1, 2, 3]
    assert identity.tolist() == list(range(12, 52))
    assert expression.tolist() == list(range(52, 62))


@pytest.mark.parametrize("count", [0, 61, 63])
def test_split_refuses_other_lengths(count: int) -> None:
    with pytest.raises(ValueError, match="62"):
        split(np.zeros(count, np.float32))


@given(angles, st.floats(1, 2000), seeds)
def test_decompose_undoes_compose(turn: tuple[float, ...], scale: float, seed: int) -> None:
    rotation = Rotation.from_euler("yxz", turn, degrees=True).as_matrix().astype(np.float32)
    move = np.random.default_rng(seed).uniform(-50, 50, 3).astype(np.float32)
    found = decompose(compose(Pose(np.float32(scale), rotation, move)))  # type: ignore[arg-type]
    assert np.allclose(found.scale, scale, rtol=1e-4)
    assert np.allclose(found.rotation, rotation, atol=1e-4)
    assert np.allclose(found.translation, move)


@given(seeds)
def test_decompose_finds_proper_rotations_in_any_matrix(seed: int) -> None:
    transform = np.random.default_rng(seed).normal(0, 300, (5, 3, 4)).astype(np.float32)
    pose = decompose(transform)
    assert np.allclose(np.linalg.det(pose.rotation), 1, atol=1e-4)
    assert np.allclose(pose.rotation @ pose.rotation.swapaxes(1, 2), np.eye(3), atol=1e-4)


def test_decompose_is_the_nearest_rotation() -> None:
    truth = Rotation.from_euler("yx", [40, 10], degrees=True).as_matrix()
    noisy = 300 * truth + np.random.default_rng(0).normal(0, 5, (3, 3))
    found = decompose(np.column_stack([noisy, np.zeros(3)]).astype(np.float32))
    here = np.linalg.norm(noisy - found.scale * found.rotation)
    for axis in np.eye(3):
        other = Rotation.from_rotvec(0.01 * axis).as_matrix() @ found.rotation
        assert here < np.linalg.norm(noisy - found.scale * other)
