# SPDX-License-Identifier: GPL-3.0-or-later
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.eyeballs import eye_centres, eye_turns, eyeballs
from mien.core.model.head import Head
from mien.core.model.parts import shown_head
from mien.core.painting import HeadPainter
from mien.core.solve.motion import solve_take

from ..conftest import made_take


def test_eyeballs_are_two_things_of_their_own(head: Head) -> None:
    left, right = eyeballs(head)
    assert len(left) == len(right) > 50
    assert head.vertices[left, 0].min() > 0 > head.vertices[right, 0].max()
    skin = np.unique(head.quads[head.materials == 0])
    assert not np.intersect1d(skin, np.concatenate([left, right])).size


def test_no_expression_moves_them(head: Head) -> None:
    assert not head.expression[:, np.concatenate(eyeballs(head))].any()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000))
def test_their_centres_follow_the_identity(head: Head, seed: int) -> None:
    identity = np.random.default_rng(seed).normal(0, 1, 40).astype(np.float32)
    shape = head.shape(identity, np.zeros(10, np.float32))
    for vertices, centre in zip(eyeballs(head), eye_centres(head, identity), strict=True):
        ball = shape[vertices]
        assert np.abs((ball.min(axis=0) + ball.max(axis=0)) / 2 - centre).max() < 5e-4


@settings(max_examples=50, deadline=None)
@given(st.floats(-0.6, 0.6), st.floats(-0.6, 0.6))
def test_an_eye_looks_where_its_angles_say(yaw: float, pitch: float) -> None:
    ahead = eye_turns(np.array([yaw, pitch], np.float32))[:, 2]
    wanted = [np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)]
    assert ahead == pytest.approx(wanted, abs=1e-5)


def test_looking_turns_the_shown_eyes_only(head: Head) -> None:
    motion = solve_take(made_take(head, 3))
    still = replace(motion, blendshapes=motion.blendshapes * 0)
    aside = replace(still, blendshapes=still.blendshapes.copy())
    for name in ("eyeLookOutLeft", "eyeLookInRight"):
        aside.blendshapes[:, ARKIT_BLENDSHAPES.index(name)] = 1
    before, after = (HeadPainter(head, m, {}).posed(1) for m in (still, aside))
    shown = shown_head(head)
    eyes = np.concatenate(shown.eyes)
    moved = np.flatnonzero(np.abs(after - before).max(axis=1) > 2e-3)
    assert np.isin(moved, eyes).all()
    assert len(moved) > 0.5 * len(eyes)
