# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.core.model.head import Head
from mien.core.solve.motion import solve_take
from mien.core.solve.outliers import single_frame_outliers
from scipy.spatial.transform import Rotation

from ..conftest import made_take


def moving(count: int, speed: float, seed: int = 0) -> tuple[np.ndarray, ...]:
    """A head that swings ``speed`` times a second, with a network's unevenness on it."""
    rng = np.random.default_rng(seed)
    times = np.arange(count) / 30
    phase = 2 * np.pi * speed * times
    position = 100 + np.column_stack([20 * np.sin(phase), 10 * np.cos(phase)])
    turn = Rotation.from_euler("yx", np.column_stack([0.4 * np.sin(phase), 0.2 * np.cos(phase)]))
    noise = Rotation.from_rotvec(rng.normal(0, 0.01, (count, 3)))
    scale = 500 * np.exp(rng.normal(0, 0.01, count))
    return times, position + rng.normal(0, 0.5, (count, 2)), scale, (noise * turn).as_matrix()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 999), st.floats(0, 2.5), st.integers(1, 120))
def test_a_head_that_shakes_is_no_error(seed: int, speed: float, count: int) -> None:
    assert not single_frame_outliers(*moving(count, speed, seed)).any()


@pytest.mark.parametrize("row", [5, 50])
def test_a_jump_and_back_is_one(row: int) -> None:
    for jump in (((30, 0), 1, 0), ((0, 0), 1.4, 0), ((0, 0), 1, 0.5)):
        times, position, scale, rotation = moving(90, 0.5)
        position[row] += jump[0]
        scale[row] *= jump[1]
        rotation[row] = Rotation.from_euler("y", jump[2]).as_matrix() @ rotation[row]
        assert np.flatnonzero(single_frame_outliers(times, position, scale, rotation)).tolist() == [
            row
        ]


def test_a_cut_to_another_place_is_none() -> None:
    times, position, scale, rotation = moving(90, 0.5)
    position[45:] += 60
    assert not single_frame_outliers(times, position, scale, rotation).any()


def test_a_motion_goes_past_the_wrong_frame(head: Head) -> None:
    take, wrong = made_take(head, 60), made_take(head, 60)
    wrong.boxes[30, :2] += 80
    right, found = solve_take(take), solve_take(wrong)
    assert found.confidence[30] == 0
    assert np.abs(found.position[30] - right.position[30]).max() < 8
    assert (found.confidence > 0).sum() == 59
