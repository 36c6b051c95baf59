# SPDX-License-Identifier: GPL-3.0-or-later
"""A performance on bones of any rest pose."""

import numpy as np
import pytest
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.retarget.bones import (
    RestPose,
    eye_channels,
    face_channels,
    head_channels,
    key_values,
)
from mien.core.retarget.table import Move, Skeleton, Table
from scipy.spatial.transform import Rotation

BLENDER = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
"""Left, up, forward of a character that looks along -y."""


def quaternion(rotation: Rotation) -> np.ndarray:
    return np.atleast_2d(rotation.as_quat())[:, [3, 0, 1, 2]].astype(np.float32)


def rotation_of(turn: np.ndarray) -> Rotation:
    return Rotation.from_quat(turn[:, [1, 2, 3, 0]])


@pytest.fixture
def rest() -> RestPose:
    rng = np.random.default_rng(3)
    names = ("neck1", "neck2", "head", "eye", "aim", "lid", "low")
    places = dict(zip(names, rng.normal(0, 1, (7, 3)), strict=True))
    turned = Rotation.random(7, random_state=4).as_matrix()
    return RestPose(places, dict(zip(names, turned, strict=True)), BLENDER)


def weights(**blendshapes: float) -> np.ndarray:
    out = np.zeros((2, len(ARKIT_BLENDSHAPES)), np.float32)
    for blendshape, value in blendshapes.items():
        out[1, ARKIT_BLENDSHAPES.index(blendshape)] = value
    return out


def test_keys_are_weighted_sums() -> None:
    table = Table(
        "x", keys={"blink": {"eyeBlinkLeft": 0.5, "eyeBlinkRight": 0.5}, "o": {"jawOpen": -1.0}}
    )
    found = key_values(table, weights(eyeBlinkLeft=1.0, jawOpen=0.25))
    assert found["blink"].tolist() == [0, 0.5]
    assert found["o"].tolist() == [0, -0.25]


@pytest.mark.parametrize("follow", [0.0, 1.0])
def test_neck_and_head_together_turn_as_the_performance(rest: RestPose, follow: float) -> None:
    wanted = Rotation.from_rotvec([[0, 0, 0], [0.3, -0.5, 0.2]])
    skeleton = Skeleton(head="head", neck=("neck1", "neck2"), neck_share=0.4)
    found = head_channels(skeleton, quaternion(wanted), rest, follow)
    # The pose of a chain at rest poses M: parent's turn, then the bone's own M basis M^-1.
    turns = {}
    for bone, channels in found.items():
        m = Rotation.from_matrix(rest.matrices[bone])
        turns[bone] = m * rotation_of(channels.turn) * m.inv()
    necks = turns["neck1"] * turns["neck2"]
    carried = necks if follow else Rotation.identity(2)
    axes = Rotation.from_matrix(BLENDER)
    assert np.allclose(
        (carried * turns["head"]).as_matrix(), (axes * wanted * axes.inv()).as_matrix(), atol=1e-5
    )
    assert np.allclose(necks.magnitude(), 0.4 * wanted.magnitude(), atol=1e-5)


def test_a_head_that_turns_left_turns_to_its_own_left(rest: RestPose) -> None:
    left = Rotation.from_euler("Y", [[0.0], [0.5]])  # about up, the face goes toward +x, its left
    skeleton = Skeleton(head="head")
    m = Rotation.from_matrix(rest.matrices["head"])
    turn = m * rotation_of(head_channels(skeleton, quaternion(left), rest)["head"].turn) * m.inv()
    face = turn.apply(BLENDER[:, 2])[1]
    assert face @ BLENDER[:, 0] == pytest.approx(np.sin(0.5), abs=1e-6)
    assert face @ BLENDER[:, 1] == pytest.approx(0, abs=1e-6)


def test_eyes_look_where_the_performance_says(rest: RestPose) -> None:
    eyes = np.zeros((2, 2, 2), np.float32)
    eyes[1, 0] = 0.3, 0.2
    turned = eye_channels(Skeleton(eye_left="eye"), eyes, rest)["eye"]
    m = Rotation.from_matrix(rest.matrices["eye"])
    gaze = (m * rotation_of(turned.turn) * m.inv()).apply(BLENDER[:, 2])[1]
    wanted = BLENDER @ [np.sin(0.3) * np.cos(0.2), np.sin(0.2), np.cos(0.3) * np.cos(0.2)]
    assert np.allclose(gaze, wanted, atol=1e-6)
    aimed = eye_channels(Skeleton(eye_left="aim", pivot_left="eye", aims=True), eyes, rest)["aim"]
    before = rest.heads["aim"] - rest.heads["eye"]
    after = before + rest.matrices["aim"] @ aimed.shift[1]
    turn = m * rotation_of(turned.turn) * m.inv()
    assert np.allclose(after, turn.apply(before)[1], atol=1e-5)
    assert np.abs(aimed.shift[0]).max() < 1e-6


def test_bones_move_in_the_tables_size_and_toward_each_other(rest: RestPose) -> None:
    moves = {"eyeBlinkLeft": Move(move=(0, -1, 0)), "eyeSquintLeft": Move(toward="low", share=0.5),
             "jawOpen": Move(turn=(30, 0, 0))}  # fmt: skip
    table = Table("x", bones={"lid": moves}, size=("eye", "aim"))
    size = np.linalg.norm(rest.heads["eye"] - rest.heads["aim"])
    m = rest.matrices["lid"]
    down = face_channels(table, weights(eyeBlinkLeft=0.5), rest)["lid"]
    assert np.allclose(m @ down.shift[1], -0.5 * size * BLENDER[:, 1], atol=1e-6)
    toward = face_channels(table, weights(eyeSquintLeft=1.0), rest)["lid"]
    assert np.allclose(
        m @ toward.shift[1], 0.5 * (rest.heads["low"] - rest.heads["lid"]), atol=1e-6
    )
    turned = face_channels(table, weights(jawOpen=1.0), rest)["lid"]
    assert rotation_of(turned.turn)[1].magnitude() == pytest.approx(np.radians(30), abs=1e-6)
