# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from training.generator.yaw_balance import BALANCED, by_turn
from training.labels.store import LabelledPhoto

NOTHING = np.zeros(0, np.float32)


def turned(degrees: float) -> LabelledPhoto:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    pose = 300 * np.array([[c, 0, s, 0.1], [0, 1, 0, 0.1], [-s, 0, c, 0]], np.float32)
    return LabelledPhoto("x", np.zeros((1, 1, 3), np.uint8), pose, NOTHING, NOTHING, NOTHING, 0.0)


def test_few_turned_heads_are_shown_as_often_as_many_that_look_ahead() -> None:
    chances = by_turn([turned(1)] * 98 + [turned(-25), turned(25)])
    assert np.isclose(chances[98:].sum(), BALANCED / 2 + (1 - BALANCED) * 0.02)
    assert np.isclose(chances[98], chances[99])


@given(st.lists(st.floats(-90, 90), min_size=1, max_size=40))
@settings(deadline=None)
def test_chances_add_up_and_leave_nobody_out(yaws: list[float]) -> None:
    chances = by_turn([turned(yaw) for yaw in yaws])
    assert np.isclose(chances.sum(), 1)
    assert chances.min() >= (1 - BALANCED) / len(yaws) - 1e-12
