# SPDX-License-Identifier: GPL-3.0-or-later
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.head import Head
from scipy.spatial.transform import Rotation

from training.evaluate.blendshapes import SHAPES, face_shape
from training.labels.fit import EYEBALL_RADIUS, IRIS_REST, Fitter
from training.labels.mediapipe_tool import Found
from training.labels.split import is_held_out, split_photos
from training.labels.store import LabelledPhoto, load_labels


def looked_at(head: Head, identity: np.ndarray, blendshapes: np.ndarray, yaw: float) -> Found:
    """What the labelling tool would see of a head whose parameters are known."""
    scale, at = 900.0, np.array([320.0, -260.0, 0.0])
    turn = Rotation.from_euler("y", yaw, degrees=True).as_matrix()
    shape = head.vertices + np.tensordot(identity, head.identity, 1)
    shape = shape + np.tensordot(blendshapes, head.blendshapes, 1)
    marks = np.einsum("kc,kcx->kx", head.mediapipe_weights, shape[head.mediapipe_corners])
    placed = scale * marks @ turn.T + at
    eyes = head.eye_centres + EYEBALL_RADIUS * np.array([*IRIS_REST, 0.98])
    iris = (scale * eyes @ turn.T + at)[:, :2]
    return Found((placed * [1, -1, 1]).astype(np.float32), (iris * [1, -1]).astype(np.float32))


@pytest.mark.parametrize("yaw", [-40.0, 0.0, 25.0])
def test_a_known_head_is_found_again(head: Head, yaw: float) -> None:
    rng = np.random.default_rng(3)
    blendshapes = np.zeros(52)
    blendshapes[ARKIT_BLENDSHAPES.index("jawOpen")] = 0.7
    blendshapes[ARKIT_BLENDSHAPES.index("eyeBlinkLeft")] = 0.9
    fit = Fitter(head).fit(looked_at(head, rng.normal(0, 0.8, 40), blendshapes, yaw))
    assert fit.residual < 0.006
    linear = fit.transform[:, :3]
    scale = np.linalg.norm(linear[0])
    assert np.isclose(scale, 900, rtol=0.1)
    turned = Rotation.from_matrix(linear / scale).as_euler("yxz", degrees=True)
    assert np.abs(turned - [yaw, 0, 0]).max() < 3
    assert abs(fit.blendshapes[ARKIT_BLENDSHAPES.index("jawOpen")] - 0.7) < 0.25
    assert fit.blendshapes[ARKIT_BLENDSHAPES.index("eyeBlinkLeft")] > 0.5
    assert fit.blendshapes[ARKIT_BLENDSHAPES.index("eyeBlinkRight")] < 0.3


def test_a_face_that_moves_is_not_called_calm(head: Head) -> None:
    rng = np.random.default_rng(5)
    identity, fitter = rng.normal(0, 0.8, 40), Fitter(head)
    moving = np.zeros(52)
    for name in (
        "mouthSmileLeft",
        "mouthSmileRight",
        "browInnerUp",
        "browOuterUpLeft",
        "browOuterUpRight",
    ):
        moving[ARKIT_BLENDSHAPES.index(name)] = 0.7
    truth, fitted = [], []
    for blendshapes in (np.zeros(52), moving):
        found = looked_at(head, identity, blendshapes, 10.0)
        truth.append(face_shape(found.points))
        fitted.append(face_shape(fitter.placed(fitter.fit(found)) * [1, -1, 1]))
    kept = np.subtract(*fitted[::-1]) / np.subtract(*truth[::-1])
    assert kept[SHAPES.index("mouth_width")] > 0.9
    assert kept[SHAPES.index("brows")] > 0.8


def test_units_are_bounded(head: Head, photos: list[LabelledPhoto]) -> None:
    for photo in photos:
        assert photo.blendshapes.min() >= 0
        assert photo.blendshapes.max() <= 1


def test_the_real_man_is_fitted_well(photos: list[LabelledPhoto]) -> None:
    assert np.median([p.residual for p in photos]) < 0.015


def test_labels_survive_the_file(labels: Path, photos: list[LabelledPhoto], head: Head) -> None:
    found = load_labels(labels, head)
    assert [p.name for p in found] == [p.name for p in photos]
    for ours, theirs in zip(photos, found, strict=True):
        assert np.array_equal(ours.transform, theirs.transform)
        assert np.array_equal(ours.points, theirs.points)
        assert np.abs(ours.image.astype(int) - theirs.image).mean() < 4


def test_labels_of_another_head_are_refused(labels: Path, head: Head) -> None:
    with pytest.raises(ValueError, match="another head"):
        load_labels(labels, replace(head, id="0" * 12))


def test_a_tenth_of_all_names_is_held_out() -> None:
    share = np.mean([is_held_out(f"portrait {i}") for i in range(5000)])
    assert 0.085 < share < 0.115


def test_a_picture_like_a_held_out_one_is_not_trained_on(photos: list[LabelledPhoto]) -> None:
    held = next(n for n in map(str, range(999)) if is_held_out(n))
    free = next(n for n in map(str, range(999)) if not is_held_out(n))
    pair = [replace(photos[0], name=held), replace(photos[0], name=free)]
    rest, kept = split_photos(pair)
    assert [p.name for p in kept] == [held]
    assert not rest
