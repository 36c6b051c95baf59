# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.core.solve.pose_leakage import pose_features, remove_pose_leakage
from mien.core.solve.reliability import reliability
from scipy.spatial.transform import Rotation


def turning_head(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Times and rotations of a head that looks around."""
    times = np.arange(count) / 30
    phase = np.random.default_rng(seed).uniform(0, 6, 2)
    angles = np.column_stack([0.6 * np.sin(times + phase[0]), 0.3 * np.sin(1.7 * times + phase[1])])
    return times, Rotation.from_euler("yx", angles).as_matrix()


def leak(rotation: np.ndarray, size: float, seed: int = 0) -> np.ndarray:
    """A change of expression that goes with the pose, as large as a network's."""
    slopes = np.random.default_rng(seed).normal(0, size * reliability().turning)
    return pose_features(rotation) @ slopes


def test_yaw_and_pitch_are_where_the_face_points() -> None:
    turned = Rotation.from_euler("yx", [[0.5, 0], [0, -0.3]]).as_matrix()
    features = pose_features(turned)
    assert np.allclose(features[0], [0.5, 0, 0.25, 0, 0], atol=1e-6)
    assert np.allclose(features[1], [0, 0.3, 0, 0.09, 0], atol=1e-6)


def test_a_held_face_is_still_again_when_its_head_turns() -> None:
    times, rotation = turning_head(300)
    expression = leak(rotation, 1) + np.random.default_rng(1).normal(0, 0.01, (300, 10))
    found = remove_pose_leakage(expression.astype(np.float32), rotation, times)
    assert found.std(axis=0).mean() < 0.35 * expression.std(axis=0).mean()


def test_a_face_that_moves_by_itself_keeps_its_motion() -> None:
    times, rotation = turning_head(300)
    rng = np.random.default_rng(2)
    knots = rng.normal(0, 1, (31, 10))
    own = np.stack([np.interp(times, np.linspace(0, 10, 31), k) for k in knots.T], axis=1)
    found = remove_pose_leakage(own.astype(np.float32), rotation, times)
    assert np.abs(found - own).mean() < 0.1 * np.abs(own).mean()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 999), st.integers(1, 60))
def test_what_is_constant_stays_constant(seed: int, count: int) -> None:
    times, rotation = turning_head(count, seed)
    expression = np.tile(np.random.default_rng(seed).normal(0, 2, 10), (count, 1))
    found = remove_pose_leakage(expression.astype(np.float32), rotation, times)
    assert np.allclose(found, expression, atol=1e-5)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 999))
def test_a_head_that_does_not_turn_changes_nothing(seed: int) -> None:
    expression = np.random.default_rng(seed).normal(0, 1, (50, 10)).astype(np.float32)
    rotation = np.repeat(turning_head(1, seed)[1], 50, axis=0)
    assert np.allclose(remove_pose_leakage(expression, rotation, np.arange(50) / 30), expression)
