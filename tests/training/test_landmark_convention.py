# SPDX-License-Identifier: GPL-3.0-or-later
import json
import math
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from mien.core.assets import head_path
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.crop import CropBox
from mien.core.model.head import Head, load_head
from scipy.spatial.transform import Rotation

from training.geometry.landmarks import INNER, partners
from training.head.landmark_convention import JAW, TABLE, placed, read_shifts
from training.head.measure_convention import calm_and_frontal, shifts_on, write_shifts
from training.head.public_tracker import MARGIN, MODEL, PublicTracker
from training.labels.store import LabelledPhoto, load_labels, load_seen


def stored_tracker(folder: Path, answer: np.ndarray, seed: int = 0) -> Path:
    """The tracker's files with filters of chance, whose last layer gives ``(68, 2)`` shares of any crop."""
    rng = np.random.default_rng(seed)
    shapes: dict[str, tuple[int, ...]] = {}
    widths = (3, 32, 64, 128, 256)
    for block in range(4):
        for k in range(4):
            at, inside = f"dense{block}/conv{k}", widths[block] if k == 0 else widths[block + 1]
            if block == k == 0:
                shapes[f"{at}/filters"] = (3, 3, 3, 32)
            else:
                shapes[f"{at}/depthwise_filter"] = (3, 3, inside, 1)
                shapes[f"{at}/pointwise_filter"] = (1, 1, inside, widths[block + 1])
            shapes[f"{at}/bias"] = (widths[block + 1],)
    shapes |= {"fc/weights": (256, 136), "fc/bias": (136,)}
    tensors, parts = [], []
    for name, shape in shapes.items():
        values = rng.normal(0, 0.1, math.prod(shape))
        if name == "fc/weights":
            values[:] = 0
        if name == "fc/bias":
            values = answer.ravel()
        low, scale = values.min(), max(np.ptp(values) / 255, 1e-9)
        tensors.append({"name": name, "shape": shape, "quantization": {"scale": scale, "min": low}})
        parts.append(np.round((values - low) / scale).astype(np.uint8))
    folder.mkdir(exist_ok=True)
    (folder / f"{MODEL}-weights_manifest.json").write_text(json.dumps([{"weights": tensors}]))
    (folder / f"{MODEL}.bin").write_bytes(np.concatenate(parts).tobytes())
    return folder


def photo_of(head: Head, roll: float, yaw: float = 0.0, **blendshapes: float) -> LabelledPhoto:
    """The mean head, known to lie in an empty picture."""
    turn = Rotation.from_euler("zy", [roll, yaw], degrees=True).as_matrix()
    transform = np.concatenate([1500 * turn, [[160], [-160], [0]]], axis=1).astype(np.float32)
    weights = np.zeros(52, np.float32)
    for name, weight in blendshapes.items():
        weights[ARKIT_BLENDSHAPES.index(name)] = weight
    empty = np.zeros((320, 320, 3), np.uint8)
    points = head.mediapipe_model().project(transform, np.zeros(40), np.zeros(10))[:, :2] * [1, -1]
    return LabelledPhoto("somebody", empty, transform, np.zeros(40), weights, points, 0.0)


def test_a_tracker_answers_where_its_crop_lies(tmp_path: Path) -> None:
    answer = np.stack([np.linspace(0, 1, 68), np.linspace(1, 0, 68)], axis=1)
    tracker = PublicTracker(stored_tracker(tmp_path, answer))
    image = np.zeros((200, 200, 3), np.uint8)
    for box in (CropBox(100.0, 100.0, 80.0), CropBox(50.0, 120.0, 33.0)):
        found = tracker.find(image, box)
        wanted = np.add((box.x, box.y), (answer - 0.5) * box.size * MARGIN)
        assert np.abs(found - wanted).max() < 0.005 * box.size


def test_filters_are_read_and_matter(tmp_path: Path) -> None:
    picture = np.random.default_rng(0).integers(0, 255, (1, 3, 112, 112)).astype(np.float32) / 255
    import torch

    features = [
        PublicTracker(stored_tracker(tmp_path, np.zeros((68, 2)), seed))._separable(
            torch.from_numpy(picture).repeat(1, 11, 1, 1)[:, :32], "dense1/conv0", 2
        )
        for seed in (0, 0, 1)
    ]
    assert features[0].shape == (1, 64, 56, 56)
    assert torch.equal(features[0], features[1])
    assert not torch.allclose(features[0], features[2])


def test_a_damaged_tracker_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="face-api"):
        PublicTracker(tmp_path)
    data = stored_tracker(tmp_path / "model", np.zeros((68, 2))) / f"{MODEL}.bin"
    data.write_bytes(data.read_bytes()[:-1])
    with pytest.raises(ValueError, match="not as many numbers"):
        PublicTracker(tmp_path / "model")


@pytest.mark.parametrize("roll", [0.0, 20.0])
def test_known_shifts_are_measured(head: Head, tmp_path: Path, roll: float) -> None:
    shifts = np.zeros((68, 2))
    shifts[17:22] = [0.002, 0.004]  # the right brow toward the middle and up
    shifts[22:27] = [-0.002, 0.004]
    photo = photo_of(head, roll)
    turn = photo.transform[:2, :2]
    own = photo.transform @ np.append(head.landmark_model().mean, np.ones((68, 1)), axis=1).T
    own = own[:2].T * [1, -1]
    low, high = own.min(axis=0), own.max(axis=0)
    side = (high - low).max() * MARGIN
    # What all points have in common is the tracker's own.
    seen = own + shifts @ turn.T * [1, -1] + [5.0, -3.0]
    tracker = PublicTracker(stored_tracker(tmp_path, (seen - (low + high) / 2) / side + 0.5))
    found = shifts_on(head, [photo], tracker)
    assert np.abs(found[INNER] - shifts[INNER]).max() < 0.0008


def test_only_calm_frontal_faces_are_asked(head: Head) -> None:
    calm = photo_of(head, 10.0, 10.0, mouthSmileLeft=0.1)
    others = [
        photo_of(head, 0.0, mouthSmileLeft=0.4),
        photo_of(head, 0.0, jawOpen=0.2),
        photo_of(head, 0.0, 25.0),
        photo_of(head, 0.0, -25.0),
    ]
    assert calm_and_frontal([*others, calm]) == [calm]


def test_landmarks_move_over_the_skin_as_they_are_told(head: Head) -> None:
    shifts = np.zeros((68, 2), np.float32)
    shifts[17:31] = [0.001, -0.002]
    moved = placed(head, shifts)
    change = moved.landmark_model().mean - head.landmark_model().mean
    assert np.abs(change[17:31, :2] - shifts[17:31]).max() < 1e-4
    assert np.abs(change[31:]).max() < 1e-4
    back = placed(moved, -shifts).landmark_model().mean
    assert np.abs(back - head.landmark_model().mean).max() < 3e-4
    assert np.array_equal(moved.vertices, head.vertices)


def test_the_jaw_stays_on_the_bones_edge(head: Head) -> None:
    edge = head.landmark_model().mean[:JAW]
    shifts = np.zeros((68, 2), np.float32)
    shifts[:JAW] = [0.004, -0.006]
    jaw = placed(head, shifts).landmark_model().mean[:JAW]
    shares = np.linspace(0, 1, 101)[:, None]
    dense = np.concatenate([a + shares * (b - a) for a, b in pairwise(edge)])
    away = np.linalg.norm(dense[None] - jaw[:, None], axis=2).min(axis=1)
    assert away.max() < 0.0015
    assert (jaw[1:4, 1] < edge[1:4, 1] - 0.004).all()


def test_the_table_is_even(head: Head) -> None:
    shifts = read_shifts(TABLE)
    other = shifts[partners(head.landmark_model().mean)] * [-1, 1]
    assert np.abs(shifts - other).max() < 1e-6
    assert 0.0005 < np.linalg.norm(shifts[INNER], axis=1).mean() < 0.003


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    shifts = np.random.default_rng(2).normal(0, 0.002, (68, 2)).astype(np.float32)
    write_shifts(tmp_path / "table.csv", shifts)
    assert np.abs(read_shifts(tmp_path / "table.csv") - shifts).max() < 6e-6
    rows = (tmp_path / "table.csv").read_text().splitlines()
    (tmp_path / "table.csv").write_text("\n".join(rows[:-1]))
    with pytest.raises(ValueError, match="landmarks 1 to 68"):
        read_shifts(tmp_path / "table.csv")


def test_the_command_renames_head_and_labels_together(labels: Path, tmp_path: Path) -> None:
    mine, points = tmp_path / "labels.npz", tmp_path / "head.npz"
    shutil.copy(labels, mine)
    shutil.copy(head_path(), points)
    (tmp_path / "figures.md").write_text("| head id | old |\n\nmore\n")
    words = [
        sys.executable,
        "-m",
        "training.head.landmark_convention",
        str(mine),
        "--head",
        str(points),
    ]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    old, new = load_head(head_path()), load_head(points)
    assert new.id != old.id
    assert np.array_equal(new.vertices, old.vertices)
    assert np.array_equal(new.mediapipe_corners, old.mediapipe_corners)
    assert not np.array_equal(new.landmark_weights, old.landmark_weights)
    for one, other in zip(load_labels(mine, new), load_labels(labels, old), strict=True):
        assert np.array_equal(one.image, other.image)
        assert np.array_equal(one.blendshapes, other.blendshapes)
    assert np.array_equal(
        load_seen(mine, new)[0].steady.points, load_seen(labels, old)[0].steady.points
    )
    assert (tmp_path / "figures.md").read_text() == f"| head id | {new.id} |\n\nmore\n"
    again = subprocess.run([*words[:3], str(labels), *words[4:]], capture_output=True, text=True)
    assert "another head" in again.stderr
