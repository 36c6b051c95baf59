# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.core.model.arkit import ARKIT_BLENDSHAPES, BLINKS, N_BLENDSHAPES
from mien.core.model.gaze import gaze_from_blendshapes, set_gaze
from mien.core.solve.gaze_range import RANGE, full_gaze


def looking(turns: np.ndarray) -> np.ndarray:
    """Weights of eyes that both look along yaw and pitch ``(F, 2)``."""
    eyes = np.repeat(turns[:, None], 2, axis=1).astype(np.float32)
    return set_gaze(np.zeros((len(turns), N_BLENDSHAPES), np.float32), eyes)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 999))
def test_eyes_turn_further_from_where_they_usually_look(seed: int) -> None:
    turns = np.random.default_rng(seed).uniform(-0.15, 0.15, (31, 2))
    found = gaze_from_blendshapes(full_gaze(looking(turns)))[:, 0]
    middle = np.median(turns, axis=0)
    assert np.allclose(found, middle + RANGE * (turns - middle), atol=1e-5)


def test_a_face_is_left_and_shut_eyes_do_not_say_where_the_middle_is() -> None:
    turns = np.zeros((30, 2))
    turns[:20, 1] = -0.3
    turns[20:, 0] = 0.1
    blendshapes = looking(turns)
    blendshapes[:20, BLINKS] = 1
    found = full_gaze(blendshapes)
    assert np.allclose(gaze_from_blendshapes(found)[20:], [0.1, 0], atol=1e-6)
    face = [i for i, n in enumerate(ARKIT_BLENDSHAPES) if not n.startswith("eyeLook")]
    assert np.array_equal(found[:, face], blendshapes[:, face])
    assert np.array_equal(full_gaze(blendshapes[:20]), blendshapes[:20])
