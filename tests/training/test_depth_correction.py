# SPDX-License-Identifier: GPL-3.0-or-later
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.core.model.eyeballs import eyeballs
from mien.core.model.head import Head
from scipy.spatial import cKDTree

from training.head.depth_correction import deepened, smooth_field, with_eyes
from training.labels.mediapipe_tool import Found

from .test_labels import looked_at

TIP = 4  # of the nose, in the labelling tool's numbering


def flattened(head: Head, by: float) -> Head:
    """The head with a nose that stands less far out."""
    tip = head.mediapipe_model().mean[TIP]
    near = np.exp(-((np.linalg.norm(head.vertices - tip, axis=1) / 0.015) ** 2))
    flat = head.vertices - by * near[:, None] * np.array([0.0, 0.0, 1.0])
    return replace(head, vertices=flat.astype(np.float32))


def people(head: Head, yaws: np.ndarray) -> list[Found]:
    rng = np.random.default_rng(2)
    return [looked_at(head, rng.normal(0, 0.5, 40), np.zeros(52), yaw) for yaw in yaws]


@pytest.fixture(scope="module")
def seen(head: Head) -> list[Found]:
    return people(head, np.linspace(-50, 50, 12))


def test_a_nose_that_was_flattened_comes_out_again(head: Head, seen: list[Found]) -> None:
    flat = flattened(head, 0.006)

    def short(one: Head) -> float:
        nose = (head.mediapipe_model().mean - one.mediapipe_model().mean)[[1, 4, 5, 195]]
        return float(nose[:, 2].mean())

    before = short(flat)
    assert before > 0.004
    assert short(deepened(deepened(flat, seen), seen)) < 0.8 * before


def test_both_sides_move_alike(head: Head, seen: list[Found]) -> None:
    moved = deepened(flattened(head, 0.006), seen).vertices
    away, _ = cKDTree(moved).query(moved * np.array([-1, 1, 1]))
    was, _ = cKDTree(head.vertices).query(head.vertices * np.array([-1, 1, 1]))
    assert np.percentile(away, 95) < np.percentile(was, 95) + 2e-4


def test_eyeballs_stay_whole_and_go_with_their_lids(head: Head, seen: list[Found]) -> None:
    flat = flattened(head, 0.006)
    moved = deepened(flat, seen)
    for side, ball in enumerate(eyeballs(head)):
        shift = moved.vertices[ball] - flat.vertices[ball]
        assert np.ptp(shift, axis=0).max() < 1e-6
        assert np.allclose(moved.eye_centres[side] - flat.eye_centres[side], shift[0], atol=1e-6)
    lids = [33, 133, 159, 145]  # of the subject's right eye
    apart = (moved.mediapipe_model().mean - flat.mediapipe_model().mean)[lids] - (
        moved.eye_centres[1] - flat.eye_centres[1]
    )
    assert np.linalg.norm(apart, axis=1).max() < 1e-3


def test_the_back_of_the_head_stays(head: Head, seen: list[Found]) -> None:
    flat = flattened(head, 0.006)
    back = head.vertices[:, 2] < head.vertices[:, 2].mean() - 0.05
    step = np.linalg.norm(deepened(flat, seen).vertices - flat.vertices, axis=1)
    assert step[back].max() < 0.1 * step.max()


def test_faces_that_all_look_ahead_say_nothing(head: Head) -> None:
    with pytest.raises(ValueError, match="turned head"):
        deepened(head, people(head, np.zeros(2)))


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=10, deadline=None)
def test_all_around_an_eye_moves_as_one(head: Head, seed: int) -> None:
    moves = np.random.default_rng(seed).normal(0, 0.002, (468, 3))
    places = head.mediapipe_model().mean
    one = with_eyes(moves, places, head.eye_centres)
    for centre in head.eye_centres:
        around = np.linalg.norm(places - centre, axis=1) < 0.02
        assert np.ptp(one[around], axis=0).max() == 0
    assert np.array_equal(one[[1, 152]], moves[[1, 152]])  # the nose's tip, the chin


def test_the_field_follows_its_points_and_dies_away(head: Head) -> None:
    places = head.mediapipe_model().mean.astype(float)
    field = smooth_field(places, np.tile([0, 0, 0.003], (468, 1)), head.vertices.astype(float))
    assert np.allclose(field(places)[:, 2], 0.003, atol=1.5e-3)
    lowest = head.vertices[[head.vertices[:, 1].argmin()]].astype(float)
    assert np.abs(field(lowest)).max() < 3e-4
