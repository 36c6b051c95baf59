# SPDX-License-Identifier: GPL-3.0-or-later
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mien.core.model.arkit import ARKIT_BLENDSHAPES, N_BLENDSHAPES
from mien.core.model.gaze import FULL_GAZE, gaze_from_blendshapes, set_gaze, steady_gaze
from mien.core.model.head import Head
from mien.core.model.rotation import to_matrices
from mien.core.performance.performance import Performance, to_performance
from mien.core.solve.motion import solve_take
from mien.core.solve.placement import USUAL_LENS

from ..conftest import made_take

LOOKS = [i for i, name in enumerate(ARKIT_BLENDSHAPES) if name.startswith("eyeLook")]


def weights(**values: float) -> np.ndarray:
    out = np.zeros((1, N_BLENDSHAPES), np.float32)
    for name, value in values.items():
        out[0, ARKIT_BLENDSHAPES.index(name)] = value
    return out


@pytest.fixture
def performance(head: Head) -> Performance:
    return to_performance(solve_take(made_take(head, lost=(0, 17))))


def test_a_full_weight_turns_the_eye_by_thirty_degrees() -> None:
    left = gaze_from_blendshapes(weights(eyeLookOutLeft=1, eyeLookInRight=1, eyeLookUpLeft=0.5))[0]
    assert np.allclose(np.degrees(left), [[30, 15], [30, 0]], atol=1e-4)
    right = gaze_from_blendshapes(weights(eyeLookInLeft=1, eyeLookOutRight=1, eyeLookDownRight=1))[
        0
    ]
    assert np.allclose(np.degrees(right), [[-30, 0], [-30, -30]], atol=1e-4)


@given(st.lists(st.floats(-FULL_GAZE, FULL_GAZE), min_size=4, max_size=4), st.floats(0, 1))
def test_weights_of_eyes_are_eyes_of_weights(angles: list[float], other: float) -> None:
    eyes = np.array(angles, np.float32).reshape(1, 2, 2)
    blendshapes = np.full((1, N_BLENDSHAPES), other, np.float32)
    found = set_gaze(blendshapes, eyes)
    assert np.allclose(gaze_from_blendshapes(found), eyes, atol=1e-6)
    rest = [i for i in range(N_BLENDSHAPES) if i not in LOOKS]
    assert np.array_equal(found[:, rest], blendshapes[:, rest])


def test_a_shut_eye_does_not_move_the_gaze() -> None:
    looking = weights(eyeLookOutLeft=0.5, eyeLookInRight=0.5)
    shut = weights(eyeBlinkLeft=1, eyeBlinkRight=1, eyeLookDownLeft=1, eyeLookDownRight=1)
    gaze = steady_gaze(np.concatenate([shut, looking, shut, shut, looking, shut]))
    assert np.allclose(gaze, gaze_from_blendshapes(looking)[0], atol=1e-6)


def test_a_wink_leaves_the_gaze_to_the_open_eye() -> None:
    wink = weights(eyeBlinkLeft=1, eyeLookDownLeft=1, eyeLookOutRight=0.4)
    assert np.allclose(steady_gaze(wink)[0], [[-0.4 * FULL_GAZE, 0]] * 2, atol=1e-6)


def test_eyes_that_never_open_look_ahead() -> None:
    shut = weights(eyeBlinkLeft=1, eyeBlinkRight=1, eyeLookUpLeft=1)
    assert not steady_gaze(np.repeat(shut, 4, axis=0)).any()


def test_eye_weights_and_eye_rotations_say_the_same(performance: Performance) -> None:
    assert np.allclose(gaze_from_blendshapes(performance.blendshapes), performance.eyes, atol=1e-6)
    assert performance.blendshapes.min() >= 0
    assert performance.blendshapes.max() <= 1


def test_a_head_in_the_middle_stands_straight_before_the_camera(head: Head) -> None:
    take = made_take(head)
    take.boxes[:] = [319.5, 239.5, 200]
    take.params[:, [3, 7]] = 0
    motion = solve_take(take, neutral="off")
    found = to_performance(motion)
    assert np.allclose(found.translation[:, :2], 0, atol=1e-3)
    assert np.allclose(-found.translation[:, 2], USUAL_LENS * 640 / motion.scale, rtol=1e-4)
    assert np.allclose(to_matrices(found.rotation), to_matrices(motion.rotation), atol=1e-3)


def test_a_head_at_the_left_of_the_picture_is_left_of_the_camera(head: Head) -> None:
    take = made_take(head)
    take.boxes[:, :2] = [100, 400]
    assert (to_performance(solve_take(take)).translation < 0).all()


def test_what_is_not_seen_is_said(performance: Performance) -> None:
    assert performance.seen[ARKIT_BLENDSHAPES.index("tongueOut")] == 0
    assert performance.seen[ARKIT_BLENDSHAPES.index("jawOpen")] > 0.5


def test_lost_frames_are_filled_and_marked(performance: Performance) -> None:
    for name in ("blendshapes", "rotation", "translation", "eyes"):
        assert np.isfinite(getattr(performance, name)).all()
    assert performance.confidence[17] == 0
    assert len(performance) == 40


def test_arrays_that_do_not_belong_together_are_refused(performance: Performance) -> None:
    with pytest.raises(ValueError, match="blendshapes"):
        replace(performance, blendshapes=performance.blendshapes[:, :51])
