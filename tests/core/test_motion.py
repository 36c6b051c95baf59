# SPDX-License-Identifier: GPL-3.0-or-later
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from mien.core.errors import MienError, TakeError
from mien.core.model.arkit import ARKIT_BLENDSHAPES, BLINKS
from mien.core.model.head import Head
from mien.core.model.params import EXPRESSION, decompose, split
from mien.core.performance.performance import to_performance
from mien.core.solve.adjust import clean_motion
from mien.core.solve.motion import solve_take
from mien.core.solve.pose_leakage import pose_features
from mien.core.solve.reconstruct import motion_vertices, take_landmarks
from mien.core.solve.reliability import reliability
from mien.core.take.take_file import load_take, save_take

from ..conftest import made_take


def test_motion_reprojects_where_the_take_was(head: Head) -> None:
    take = made_take(head)
    take.blendshapes[:] = 0  # weights at random would explain a part of the identity
    motion = solve_take(take, neutral="off")
    dense = motion_vertices(motion, head)
    marks = np.einsum("lc,flcx->flx", head.landmark_weights, dense[:, head.landmark_corners])
    on_skin = replace(head, landmark_offsets=np.zeros((68, 3), np.float32))
    assert np.abs(marks - take_landmarks(take, on_skin))[..., :2].max() < 0.3


def test_lost_frames_are_filled_between_their_neighbours(head: Head) -> None:
    whole = solve_take(made_take(head))
    motion = solve_take(made_take(head, lost=(0, 1, 17, 18, 39)))
    for name in ("expression", "blendshapes", "scale", "rotation", "position"):
        assert np.isfinite(getattr(motion, name)).all()
    assert motion.confidence[17] == 0
    assert np.allclose(motion.rotation[17], whole.rotation[17], atol=0.01)
    assert np.array_equal(motion.expression[0], motion.expression[2])
    assert np.array_equal(motion.expression[39], motion.expression[38])
    between = motion.expression[16] * 2 / 3 + motion.expression[19] / 3
    assert np.allclose(motion.expression[17], between, atol=1e-5)


def test_in_a_long_gap_the_face_comes_to_rest(head: Head) -> None:
    motion = solve_take(made_take(head, 150, lost=tuple(range(40, 110))))
    assert np.abs(motion.expression[75]).max() == 0
    assert motion.blendshapes[75].max() == 0
    assert np.abs(motion.expression[41]).max() > 0.5
    assert np.linalg.norm(motion.rotation[75]) == pytest.approx(1, abs=1e-5)
    steps = np.abs(np.diff(motion.expression[39:111], axis=0)).max()
    assert steps < 0.5


def test_the_weights_follow_the_face_that_was_solved(head: Head) -> None:
    take = made_take(head)
    blendshapes = np.zeros_like(take.blendshapes)
    blendshapes[:, ARKIT_BLENDSHAPES.index("jawOpen")] = np.linspace(0, 1, len(take))
    take.params[:, EXPRESSION] = blendshapes @ head.blendshapes_to_expression
    found = solve_take(replace(take, blendshapes=blendshapes)).blendshapes
    assert np.abs(found - blendshapes).max() < 0.1


def test_scale_and_position_are_in_image_pixels(head: Head) -> None:
    take = made_take(head)
    motion = solve_take(take, neutral="off")
    zoom = take.boxes[:, 2] / 120
    assert np.allclose(motion.scale, decompose(split(take.params)[0]).scale * zoom, rtol=0.01)


def test_a_take_without_a_face_is_refused(head: Head) -> None:
    take = made_take(head, 3, lost=(0, 1, 2))
    with pytest.raises(TakeError, match="no frame with a face"):
        solve_take(take)


def test_a_single_frame_is_enough(head: Head) -> None:
    assert len(solve_take(made_take(head, 1)).times) == 1


def test_units_stay_in_range(head: Head) -> None:
    take = made_take(head)
    wild = replace(take, blendshapes=take.blendshapes * 3 - 1)
    blendshapes = solve_take(wild).blendshapes
    assert blendshapes.min() >= 0
    assert blendshapes.max() <= 1


def test_the_fullest_blink_of_a_take_closes_the_eyes(head: Head) -> None:
    take = made_take(head, 90)
    blendshapes = np.zeros_like(take.blendshapes)
    blendshapes[44:47, BLINKS] = 0.6
    found = solve_take(replace(take, blendshapes=blendshapes)).blendshapes
    assert found[45, BLINKS].min() > 0.95
    assert found[20, BLINKS].max() < 0.05


def test_a_held_face_keeps_still_while_its_head_turns(head: Head) -> None:
    take = made_take(head, 300)
    turned = take.params.copy()
    features = pose_features(decompose(split(take.params)[0]).rotation)
    slopes = np.random.default_rng(0).normal(0, 0.5 * reliability().turning)
    turned[:, EXPRESSION] = features @ slopes
    held = replace(take, params=turned, blendshapes=np.zeros_like(take.blendshapes))
    found = solve_take(held, neutral="off").expression
    assert found.std(axis=0).mean() < 0.5 * turned[:, EXPRESSION].std(axis=0).mean()


@pytest.mark.parametrize("seed", range(12))
def test_numbers_of_no_face_are_refused_or_survived(head: Head, tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    odd = np.array([0, 1e-8, -1, 10, 1e3, 9e4, -9e4, 3e38, 1e-38], np.float32)
    for _ in range(6):
        take = made_take(head, int(rng.integers(1, 6)), seed)
        arrays = {n: getattr(take, n).copy() for n in ("boxes", "params", "blendshapes")}
        array = arrays[str(rng.choice(list(arrays)))]
        array[:, rng.integers(array.shape[1])] = rng.choice(odd)
        save_take(replace(take, **arrays), tmp_path / "a.npz")
        with np.errstate(all="ignore"), suppress(MienError):
            motion = clean_motion(load_take(tmp_path / "a.npz"), head)
            performance = to_performance(motion)
            assert np.isfinite(performance.translation).all()
            assert np.isfinite(performance.blendshapes).all()
