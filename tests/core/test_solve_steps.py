# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a solve are taken: each shows in the motion of a take that needs it."""

from dataclasses import replace

import numpy as np
import pytest
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.gaze import gaze_from_blendshapes, set_gaze
from mien.core.model.head import Head
from mien.core.model.params import EXPRESSION, IDENTITY
from mien.core.solve.gaze_range import RANGE
from mien.core.solve.identity_leakage import identity_leak
from mien.core.solve.motion import solve_take
from mien.core.solve.outliers import single_frame_outliers
from mien.core.take.refinement import Refinement
from mien.core.take.take import Take

from ..conftest import made_take
from .test_lips import JAW, parting, speech

COUNT = 60
ASIDE = np.where(np.arange(COUNT) < 20, 0.2, -0.1)
"""Radians to the left: where the eyes look frame by frame."""


def gazing(head: Head) -> Take:
    """A face that does nothing but look aside, to one side and to the other."""
    take = made_take(head, COUNT)
    eyes = np.zeros((COUNT, 2, 2), np.float32)
    eyes[..., 0] = ASIDE[:, None]
    return replace(take, blendshapes=set_gaze(np.zeros_like(take.blendshapes), eyes))


def to_the_left(take: Take, neutral: object) -> np.ndarray:
    motion = solve_take(take, neutral=neutral)  # type: ignore[arg-type]
    return np.asarray(gaze_from_blendshapes(motion.blendshapes)[..., 0].mean(axis=1))


def test_eyes_turn_as_far_as_they_do(head: Head) -> None:
    found = to_the_left(gazing(head), "off")
    assert np.ptp(found) == pytest.approx(RANGE[0] * np.ptp(ASIDE), rel=0.05)


def test_eyes_look_ahead_where_somebody_says_that_the_face_rests(head: Head) -> None:
    take = gazing(head)
    said, by_itself = to_the_left(take, (0.0, 0.6)), to_the_left(take, "auto")
    assert np.allclose(said[:18], 0, atol=0.02)
    assert np.abs(by_itself[:18]).min() > 0.1  # who looks aside may rest


def test_the_network_s_open_jaw_gives_way_to_lips_that_touch(head: Head) -> None:
    take, (blendshapes, shut) = made_take(head, 90), speech(head)
    take.params[:, IDENTITY] = 0
    take.params[:, EXPRESSION] = blendshapes @ head.blendshapes_to_expression
    take.blendshapes[:] = 0
    take.blendshapes[:, JAW] = 0.3  # also where the landmarks have the lips shut
    found = solve_take(take, head, "off").blendshapes
    assert parting(found[shut], head).max() < 0.1
    assert parting(found[20:40], head).min() > 5


def test_so_does_the_open_jaw_that_the_pixels_said(head: Head) -> None:
    take, (blendshapes, shut) = made_take(head, 90), speech(head)
    take.params[:, IDENTITY] = 0
    take.params[:, EXPRESSION] = blendshapes @ head.blendshapes_to_expression
    take.blendshapes[:] = blendshapes
    plain = solve_take(take, head, "off")
    weights = np.zeros_like(take.blendshapes)
    weights[:, JAW] = 0.3
    refined = Refinement(
        plain.identity, np.zeros_like(weights[0]), weights, plain.scale, plain.rotation,
        plain.position, np.ones(90, np.float32),
    )  # fmt: skip
    found = solve_take(replace(take, refined=refined), head).blendshapes
    assert parting(found[shut], head).max() < 0.1
    assert parting(found[20:40], head).min() > 5


def test_what_the_face_is_like_at_rest_is_the_persons_own(head: Head) -> None:
    take = made_take(head, COUNT)
    said = np.zeros_like(take.blendshapes)
    said[:, ARKIT_BLENDSHAPES.index("mouthSmileLeft")] = 0.4  # throughout: nothing of it is motion
    assert np.allclose(identity_leak(take.params, said, said[0]), 0, atol=1e-6)
    assert np.abs(identity_leak(take.params, said, np.zeros_like(said[0]))).max() > 1e-3


def test_a_steady_motion_has_no_outliers() -> None:
    times, place = np.arange(30) / 30, np.zeros((30, 2))
    turns = np.repeat(np.eye(3)[None], 30, axis=0)
    assert not single_frame_outliers(times, place, np.ones(30), turns).any()
