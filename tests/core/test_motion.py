# SPDX-License-Identifier: GPL-3.0-or-later
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mien.core.errors import TakeError
from mien.core.head import Head
from mien.core.motion import average_identity, motion_of
from mien.core.params import decompose, split
from mien.core.reconstruct import dense_vertices, landmarks_of

from ..conftest import made_take


def test_motion_reprojects_where_the_take_was(head: Head) -> None:
    take = made_take(head)
    motion = motion_of(take)
    dense = dense_vertices(motion, head)
    marks = np.einsum("lc,flcx->flx", head.landmark_weights, dense[:, head.landmark_corners])
    assert np.abs(marks - landmarks_of(take, head))[..., :2].max() < 0.05


def test_one_identity_survives_frames_that_are_wildly_wrong(head: Head) -> None:
    take = made_take(head, 60)
    truth = split(take.params)[1][0].copy()
    take.params[::10, 12:52] += 8.0
    assert np.abs(motion_of(take).identity - truth).max() < 0.7
    assert np.abs(split(take.params)[1].mean(axis=0) - truth).min() > 0.7


@given(st.integers(0, 2**32 - 1), st.integers(1, 50))
def test_equal_identities_average_to_themselves(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    one = rng.normal(size=(1, 40)).astype(np.float32)
    sure = rng.uniform(0.1, 1, count).astype(np.float32)
    assert np.allclose(average_identity(np.repeat(one, count, axis=0), sure), one, atol=1e-5)


def test_a_doubtful_frame_counts_less() -> None:
    identity = np.stack([np.zeros(40), np.ones(40)]).astype(np.float32)
    mean = average_identity(identity, np.array([0.9, 0.1], np.float32))
    assert np.allclose(mean, 0.1, atol=0.01)


def test_lost_frames_are_filled_between_their_neighbours(head: Head) -> None:
    whole = motion_of(made_take(head))
    motion = motion_of(made_take(head, lost=(0, 1, 17, 18, 39)))
    for name in ("expression", "units", "scale", "rotation", "position"):
        assert np.isfinite(getattr(motion, name)).all()
    assert motion.confidence[17] == 0
    assert np.allclose(motion.rotation[17], whole.rotation[17], atol=0.01)
    assert np.array_equal(motion.expression[0], motion.expression[2])
    assert np.array_equal(motion.expression[39], motion.expression[38])
    between = motion.expression[16] * 2 / 3 + motion.expression[19] / 3
    assert np.allclose(motion.expression[17], between, atol=1e-5)


def test_scale_and_position_are_in_image_pixels(head: Head) -> None:
    take = made_take(head)
    motion = motion_of(take)
    zoom = take.boxes[:, 2] / 120
    assert np.allclose(motion.scale, decompose(split(take.params)[0]).scale * zoom, rtol=1e-5)


def test_a_take_without_a_face_is_refused(head: Head) -> None:
    take = made_take(head, 3, lost=(0, 1, 2))
    with pytest.raises(TakeError, match="no frame with a face"):
        motion_of(take)


def test_a_single_frame_is_enough(head: Head) -> None:
    assert len(motion_of(made_take(head, 1)).times) == 1


def test_units_stay_in_range(head: Head) -> None:
    take = made_take(head)
    wild = replace(take, units=take.units * 3 - 1)
    units = motion_of(wild).units
    assert units.min() >= 0
    assert units.max() <= 1
