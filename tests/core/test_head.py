# SPDX-License-Identifier: GPL-3.0-or-later
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.core.assets import head_path
from mien.core.errors import ModelError
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.head import MATERIALS, Head, load_head
from mien.core.model.params import Pose, compose

LEFT_EYE, RIGHT_EYE = slice(42, 48), slice(36, 42)  # the subject's, in iBUG order


def test_shapes_and_counts(head: Head) -> None:
    count = len(head.vertices)
    assert head.identity.shape == (40, count, 3)
    assert head.expression.shape == (10, count, 3)
    assert head.blendshapes.shape == (len(ARKIT_BLENDSHAPES), count, 3)
    assert head.quads.max() < count
    assert set(np.unique(head.materials)) == set(range(len(MATERIALS)))


def test_it_is_a_head_in_metres(head: Head) -> None:
    low, high = head.vertices.min(axis=0), head.vertices.max(axis=0)
    assert 0.12 < high[0] - low[0] < 0.35
    assert 0.2 < high[1] - low[1] < 0.45
    marks = head.landmark_model().mean
    assert marks[LEFT_EYE, 0].min() > 0 > marks[RIGHT_EYE, 0].max()
    assert marks[30, 2] > marks[[36, 45], 2].max()  # the nose is before the eyes
    assert marks[27, 1] > marks[8, 1]  # the bridge is above the chin


def test_landmarks_are_mirror_images(head: Head) -> None:
    marks = head.landmark_model().mean
    for right, left in ((0, 16), (4, 12), (17, 26), (36, 45), (31, 35), (48, 54)):
        assert np.allclose(marks[right] * [-1, 1, 1], marks[left], atol=0.004)


def test_the_jaw_is_marked_from_ear_to_ear_as_seen_from_the_front(head: Head) -> None:
    jaw = head.landmark_model().mean[:17, :2]
    steps = np.linalg.norm(np.diff(jaw, axis=0), axis=1)
    assert steps.max() < 1.5 * steps.min()


def test_the_bridge_begins_at_the_eyes_height_and_goes_evenly_to_the_tip(head: Head) -> None:
    marks = head.landmark_model().mean
    assert abs(marks[27, 1] - marks[36:48, 1].mean()) < 0.003
    steps = -np.diff(marks[27:31, 1])
    assert steps.max() < 1.5 * steps.min()
    assert abs(marks[27:31, 0]).max() < 0.001


def test_barycentric_weights_sum_to_one(head: Head) -> None:
    for weights in (head.landmark_weights, head.mediapipe_weights):
        assert np.allclose(weights.sum(axis=1), 1, atol=1e-4)


def test_materials_split_the_mesh_where_they_should(head: Head) -> None:
    for side, name in enumerate(("eyeball_left", "eyeball_right")):
        corners = head.quads[head.materials == MATERIALS.index(name)]
        away = np.linalg.norm(head.vertices[corners] - head.eye_centres[side], axis=-1)
        assert 0.008 < away.min() <= away.max() < 0.02


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_landmarks_of_the_shape_are_the_shape_of_the_landmarks(head: Head, seed: int) -> None:
    rng = np.random.default_rng(seed)
    identity = rng.normal(size=(3, 40)).astype(np.float32)
    expression = rng.normal(size=(3, 10)).astype(np.float32)
    pose = Pose(
        np.full(3, 400, np.float32), np.repeat(np.eye(3, dtype=np.float32)[None], 3, axis=0),
        rng.normal(size=(3, 3)).astype(np.float32),
    )  # fmt: skip
    transform = compose(pose)
    dense = head.shape(identity, expression)
    placed = dense @ transform[:, :, :3].swapaxes(1, 2) + transform[:, None, :, 3]
    corners = placed[:, head.landmark_corners]
    wanted = np.einsum("lc,flcx->flx", head.landmark_weights, corners)
    wanted += 400 * head.landmark_offsets
    found = head.landmark_model().project(transform, identity, expression)
    assert np.allclose(found, wanted, atol=0.01)


def test_landmarks_lie_off_the_skin_and_turn_with_the_head(head: Head) -> None:
    offsets = np.random.default_rng(0).normal(0, 0.002, (68, 3)).astype(np.float32)
    skin, off = (replace(head, landmark_offsets=o) for o in (np.zeros_like(offsets), offsets))
    identity, expression = np.ones(40, np.float32), np.ones(10, np.float32)
    shape = head.shape(identity, expression)
    assert np.allclose(off.take_landmarks(shape) - skin.take_landmarks(shape), offsets, atol=1e-6)
    turn = np.array([[0, 0, 1], [0, 1, 0], [-1, 0, 0]], np.float32)
    transform = np.column_stack([400 * turn, [1, 2, 3]]).astype(np.float32)
    found = off.landmark_model().project(transform, identity, expression)
    assert np.allclose(found, 400 * off.take_landmarks(shape) @ turn.T + [1, 2, 3], atol=1e-2)


def test_landmarks_of_a_head_without_offsets_lie_on_its_skin(tmp_path: Path) -> None:
    old = load_head(altered(tmp_path / "old.npz", landmark_offsets=None))
    assert not old.landmark_offsets.any()
    wanted = np.ones((68, 3), np.float32)
    new = load_head(altered(tmp_path / "new.npz", landmark_offsets=wanted))
    assert np.array_equal(new.landmark_offsets, wanted)


def test_a_blink_unit_brings_the_lids_together(head: Head) -> None:
    blink = head.vertices + head.blendshapes[ARKIT_BLENDSHAPES.index("eyeBlinkLeft")]

    def opening(vertices: np.ndarray) -> float:
        marks = np.einsum("lc,lcx->lx", head.landmark_weights, vertices[head.landmark_corners])
        return float(marks[[43, 44], 1].mean() - marks[[46, 47], 1].mean())

    assert opening(blink) < 0.35 * opening(head.vertices)


def test_the_jaw_unit_opens_the_mouth_within_the_ten_components(head: Head) -> None:
    blendshape = ARKIT_BLENDSHAPES.index("jawOpen")
    kept = np.tensordot(head.blendshapes_to_expression[blendshape], head.expression, axes=1)

    def opening(moved: np.ndarray) -> float:
        upper, lower = (
            np.einsum("c,cx->x", head.landmark_weights[i], moved[head.landmark_corners[i]])
            for i in (62, 66)
        )
        return float(np.linalg.norm(upper - lower))

    assert 0.75 < opening(kept) / opening(head.blendshapes[blendshape]) < 1.25


def test_an_open_mouth_takes_chin_and_lower_teeth_with_it(head: Head) -> None:
    blendshape = ARKIT_BLENDSHAPES.index("jawOpen")
    made = np.tensordot(head.blendshapes_to_expression[blendshape], head.expression, axes=1)
    teeth = np.unique(head.quads[head.materials == MATERIALS.index("teeth")])
    for vertices in (head.landmark_corners[6:11, 0], teeth):
        wanted = head.blendshapes[blendshape][vertices]
        left = np.linalg.norm(made[vertices] - wanted, axis=1).mean()
        assert left < 0.1 * np.linalg.norm(wanted, axis=1).mean()


def test_loading_takes_milliseconds(head: Head) -> None:
    assert head_path().stat().st_size < 16e6


def altered(path: Path, **changes: np.ndarray | None) -> Path:
    """The shipped head's file with some arrays changed, or left out."""
    with np.load(head_path()) as file:
        arrays = {name: file[name] for name in file.files}
    arrays.update({k: v for k, v in changes.items() if v is not None})
    np.savez(
        path, **{k: v for k, v in arrays.items() if k not in changes or changes[k] is not None}
    )
    return path


@pytest.mark.parametrize(
    "changes",
    [
        {"identity": None},
        {"identity": np.zeros((39, 10, 3), np.float32)},
        {"landmark_offsets": np.zeros((67, 3), np.float32)},
        {"quads": np.full((4764, 4), 99_999, np.int32)},
        {"vertices": np.full((4832, 3), np.nan, np.float32)},
        {"vertices": np.array([{}], object)},
    ],
)
def test_damaged_heads_are_refused(tmp_path: Path, changes: dict[str, np.ndarray | None]) -> None:
    path = altered(tmp_path / "head.npz", **changes)
    with pytest.raises(ModelError, match=r"head\.npz"):
        load_head(path)


@pytest.mark.parametrize("content", [b"", b"not a head", b"PK\x03\x04 cut off"])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.npz").write_bytes(content)
    with pytest.raises(ModelError, match=r"x\.npz"):
        load_head(tmp_path / "x.npz")


def test_a_missing_head_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="nowhere"):
        load_head(tmp_path / "nowhere.npz")
