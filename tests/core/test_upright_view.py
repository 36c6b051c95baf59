# SPDX-License-Identifier: GPL-3.0-or-later
"""Heads that lean or lie are looked at upright, and told as of the picture in which they lean."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mien.core.capture.alternating_views import AlternatingViews
from mien.core.capture.capture import Models, load_models
from mien.core.capture.sources import open_source
from mien.core.capture.upright_view import (
    AWAY,
    LEANING,
    LYING,
    roll_of,
    turn_of,
    turned_back,
    turned_upright,
)
from mien.core.model.crop import CropBox, ImageArray, cut
from mien.core.model.head import Head
from mien.core.model.params import N_EXPRESSION, N_IDENTITY, FloatArray, join, split
from scipy.spatial.transform import Rotation

BOX = CropBox(90.0, 76.0, 85.0)
angles = st.floats(-np.pi, np.pi)


def head_at(yaw: float, pitch: float = 0.0, roll: float = 0.0) -> FloatArray:
    """Parameters ``(1, 62)`` of a head in the middle of its crop; angles in radians."""
    turn = Rotation.from_euler("ZYX", [roll, yaw, pitch]).as_matrix()
    transform = 400 * np.column_stack([turn, [0.01, -0.02, 0]])
    return join(
        transform[None].astype(np.float32),
        np.zeros((1, N_IDENTITY), np.float32), np.zeros((1, N_EXPRESSION), np.float32),
    )  # fmt: skip


@pytest.fixture(scope="module")
def face(clip: Path) -> ImageArray:
    """The man of the clip, who leans by 13 degrees, upright."""
    return leaning(cut(next(iter(open_source(clip))).image, BOX), -13)


def leaning(crop: ImageArray, degrees: float) -> ImageArray:
    """A crop turned counter-clockwise."""
    matrix = cv2.getRotationMatrix2D((59.5, 59.5), degrees, 1.0)
    out = cv2.warpAffine(crop, matrix, (120, 120), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(out, np.uint8)


def landmarks(head: Head, params: FloatArray) -> FloatArray:
    return np.asarray(head.landmark_model().project(*split(params))[0, :, :2])


def error(head: Head, said: FloatArray, upright: FloatArray, degrees: float) -> float:
    """Mean distance of landmarks over the face's box: what is said of a turned crop, and of the crop turned."""
    truth = landmarks(head, turned_back(upright, np.radians([degrees])))
    box = np.sqrt(np.ptp(landmarks(head, upright), axis=0).prod())
    return float(np.linalg.norm(landmarks(head, said) - truth, axis=1).mean() / box)


@given(yaw=st.floats(-1.5, 1.5), pitch=st.floats(-0.5, 0.5), roll=angles, more=angles)
def test_a_turn_in_the_plane_is_the_roll(
    yaw: float, pitch: float, roll: float, more: float
) -> None:
    there = head_at(yaw, pitch, roll)
    further = turned_back(there, np.array([more]))
    gone = roll_of(further) - roll_of(there) - more
    assert np.cos(gone) == pytest.approx(1, abs=1e-5)
    assert np.allclose(turned_back(further, np.array([-more])), there, atol=1e-3)


@given(yaw=st.floats(-0.8, 0.8), roll=angles)
def test_a_head_that_faces_the_camera_leans_by_its_roll(yaw: float, roll: float) -> None:
    assert np.cos(roll_of(head_at(yaw, roll=roll)) - roll) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("side", [-1, 1])
def test_which_heads_are_turned(side: int) -> None:
    little, lying, profile = LEANING + 0.02, LYING + 0.02, side * (AWAY + 0.02)
    for yaw, roll, turned in (
        (0.0, LEANING - 0.02, False), (0.0, little, True),
        (profile, little, False), (profile, lying, True),
    ):  # fmt: skip
        turn = turn_of(head_at(yaw, roll=side * roll))
        assert turn[0] == pytest.approx(side * roll if turned else 0, abs=1e-4)


@given(roll=angles, x=st.integers(-25, 25), y=st.integers(-25, 25))
def test_a_crop_is_turned_with_what_it_shows(roll: float, x: int, y: int) -> None:
    crop = np.zeros((1, 120, 120, 3), np.uint8)
    cv2.circle(crop[0], (60 + x, 60 + y), 3, (255, 255, 255), -1)
    turned = turned_upright(crop, np.array([roll]))
    spots = [np.argwhere(c[..., 0] > 128).mean(axis=0)[::-1] - 59.5 for c in (crop[0], turned[0])]
    before, after = (spot * [1, -1] for spot in spots)  # y up
    c, s = np.cos(roll), np.sin(roll)
    assert np.allclose([[c, -s], [s, c]] @ after, before, atol=0.6)


@pytest.mark.parametrize("degrees", [40, -75, 120, 180])
def test_a_face_is_seen_as_well_at_every_roll(
    models: Models, head: Head, face: ImageArray, degrees: float
) -> None:
    crop = leaning(face, degrees)[None]
    upright = models.regressor.run(face[None])
    said = models.regressor.run(crop)
    assert error(head, said.params, upright.params, degrees) < 0.006
    assert np.abs(said.blendshapes - upright.blendshapes).max() < 0.1
    assert said.confidence[0] > 0.99


def test_faces_of_one_batch_lean_by_themselves(
    models: Models, head: Head, face: ImageArray
) -> None:
    rolls = [0, 100, -60]
    together = models.regressor.run(np.stack([leaning(face, roll) for roll in rolls]))
    upright = models.regressor.run(face[None]).params
    for params, roll in zip(together.params, rolls, strict=True):
        assert error(head, params[None], upright, roll) < 0.006


@pytest.mark.parametrize("twice", [False, True])
def test_a_face_that_is_followed_while_it_goes_over(
    head: Head, face: ImageArray, twice: bool
) -> None:
    models = load_models(twice=twice)
    views = AlternatingViews(models.regressor, head.landmark_model())
    upright = models.regressor.run(face[None])
    views.begin(face, BOX)
    for roll in [*range(0, 100, 8), *range(100, -8, -8)]:
        said, _ = views.follow(leaning(face, roll), BOX)
        assert error(head, said.params, upright.params, roll) < 0.012
        assert said.confidence[0] > 0.99
    assert views.begin(leaning(face, 90), BOX)[0].confidence[0] > 0.99


def test_a_head_that_leans_is_not_turned_in_every_frame(models: Models, face: ImageArray) -> None:
    views = AlternatingViews(models.regressor, models.head.landmark_model())
    crop = leaning(face, 45)
    views.begin(crop, BOX)
    seen = [views.follow(crop, BOX)[1] for _ in range(8)]
    # It has been turned where it was found; a calm face that still leans is seen once a frame.
    assert all(s.half is None for s in seen[-4:])
