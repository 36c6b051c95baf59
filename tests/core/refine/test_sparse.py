# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import pytest
from mien.core.model.arkit import ARKIT_BLENDSHAPES, N_BLENDSHAPES
from mien.core.model.head import Head
from mien.core.refine.refine import refine
from mien.core.refine.sparse import calmness
from mien.core.solve.motion import solve_take

from .footage import drawn

COUNT = 24
SMILE = [ARKIT_BLENDSHAPES.index(f"mouthSmile{side}") for side in ("Left", "Right")]


def test_frames_in_which_pixels_ask_for_much_are_doubted_little() -> None:
    evidence = np.array([4.0, 5, 6, 5, 4, 60, 600, 5000])
    trust = np.array([1.0, 1, 1, 1, 1, 1, 1, 0.1])
    calm = calmness(evidence, trust)
    assert calm[[0, 4]] == pytest.approx(1)
    assert 0.7 < calm[2] < calm[1] < 1
    assert calm[5] / calm[2] == pytest.approx(6 / 60)
    assert calm[7] / calm[2] == pytest.approx(6 / 5000)


def test_grain_moves_no_face_at_rest_and_a_smile_comes_through(head: Head) -> None:
    weights = np.zeros((COUNT, N_BLENDSHAPES), np.float32)
    weights[16:20, SMILE] = 0.7
    made = drawn(head, weights, np.zeros(COUNT))
    rng = np.random.default_rng(0)
    for frame in made.frames:
        grain = rng.normal(0, 8, frame.image.shape)
        frame.image[:] = np.clip(frame.image + grain, 0, 255).astype(np.uint8)
    refined = refine(made.take, made.frames, solve_take(made.take, head), head)
    assert refined is not None
    beyond = refined.weights - refined.rest
    assert beyond[:14].max() < 0.02
    assert beyond[16:20][:, SMILE].max(axis=0).min() > 0.2
