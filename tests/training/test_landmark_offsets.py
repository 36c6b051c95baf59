# SPDX-License-Identifier: GPL-3.0-or-later
"""How deep landmarks lie, on pictures whose landmarks are known to lie off the skin."""

import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from mien.core.assets import head_path
from mien.core.model.crop import CropBox, ImageArray
from mien.core.model.head import Head, load_head
from mien.core.model.params import FloatArray
from scipy.spatial.transform import Rotation

from training.geometry.landmarks import INNER, partners
from training.head.landmark_convention import JAW
from training.head.landmark_offsets import TABLE, main, read_offsets, with_offsets, write_offsets
from training.head.measure_offsets import smoothed
from training.head.offsets_on_photos import height_in_common, level, offsets_seen
from training.head.offsets_on_scans import depth_on_scans, places_on_scans, read_scans
from training.labels.store import LabelledPhoto, load_labels

TURNS = np.linspace(-40, 40, 81)


class Hedging:
    """Sees landmarks of one head with known offsets, not quite, whose turns it takes for smaller than they are."""

    def __init__(self, head: Head, hedge: float) -> None:
        self.head, self.hedge = head, hedge
        self.rng = np.random.default_rng(0)

    def find(self, image: ImageArray, box: CropBox) -> FloatArray:
        yaw = float(image[0, 0, 0]) - 100
        mirrored = bool(image[0, -1, 1])
        turn = Rotation.from_euler("y", yaw * self.hedge, degrees=True).as_matrix()
        points = (1500 * self.head.landmark_model().mean @ turn.T)[:, :2] * [1, -1] + [160, 160]
        if mirrored:
            points = (points * [-1, 1] + [319, 0])[partners(self.head.landmark_model().mean)]
        return np.asarray(points + self.rng.normal(0, 1, points.shape), np.float32)


def photo_of(head: Head, yaw: float) -> LabelledPhoto:
    turn = Rotation.from_euler("y", yaw, degrees=True).as_matrix()
    transform = np.column_stack([1500 * turn, [160, -160, 0]]).astype(np.float32)
    image = np.zeros((320, 320, 3), np.uint8)
    image[0, 0, 0] = image[0, -1, 0] = 100 + yaw
    image[0, 0, 1] = 1  # where a mirror brings it to the right
    points = head.mediapipe_model().mean[:, :2]
    nobody = np.zeros(40, np.float32)
    return LabelledPhoto("x", image, transform, nobody, np.zeros(52, np.float32), points, 0.0)


@pytest.fixture(scope="module")
def offsets(head: Head) -> FloatArray:
    """Even on both sides, and without what is a matter of pose."""
    rng = np.random.default_rng(3)
    raw = rng.normal(0, 0.002, (68, 3))
    mean = head.landmark_model().mean
    raw[INNER, :2] *= 0.2
    raw[:JAW] *= 0.3
    even = (raw + raw[partners(mean)] * [-1, 1, 1]) / 2
    return level(even, mean.astype(float)).astype(np.float32)


@pytest.mark.parametrize("hedge", [1.0, 0.9])
def test_known_depths_are_measured_whatever_the_tracker_hedges(
    head: Head, offsets: FloatArray, hedge: float
) -> None:
    skin = replace(head, landmark_offsets=np.zeros((68, 3), np.float32))
    tracker = Hedging(with_offsets(head, offsets), hedge)
    found = offsets_seen(skin, [photo_of(head, yaw) for yaw in TURNS], tracker)  # type: ignore[arg-type]
    depth = np.corrcoef(found[INNER, 2], offsets[INNER, 2])[0, 1]
    slope = np.polyfit(offsets[INNER, 2], found[INNER, 2], 1)[0]
    assert depth > 0.97
    assert 0.8 < slope < 1.1
    assert np.abs(found - offsets)[INNER, :2].max() < 0.0012


@pytest.mark.parametrize("corner", [0.0, -0.9])
def test_a_common_height_is_measured_wherever_the_tracker_counts_from(
    head: Head, corner: float
) -> None:
    class CountingElsewhere(Hedging):
        def find(self, image: ImageArray, box: CropBox) -> FloatArray:
            return super().find(image, box) + np.float32(corner)

    higher = np.array([0, 0.0012, 0], np.float32)
    tracker = CountingElsewhere(with_offsets(head, head.landmark_offsets + higher), 1.0)
    frontal = [photo_of(head, yaw) for yaw in np.linspace(-10, 10, 41)]
    found = height_in_common(head, frontal, tracker)  # type: ignore[arg-type]
    assert abs(found - 0.0012) < 1e-4


def test_depth_that_goes_evenly_is_a_matter_of_pose(head: Head) -> None:
    places = head.landmark_model().mean.astype(float)
    tilt = np.zeros((68, 3))
    tilt[:, 2] = 0.002 + 0.1 * places[:, 1] - 0.2 * places[:, 2]
    tilt[:, 0] = 0.001
    assert np.allclose(level(tilt, places)[:, 2], 0, atol=1e-9)
    assert np.allclose(level(tilt, places)[:, 0], 0.001)


def test_scans_are_laid_on_the_head_whatever_their_size_and_turn(
    head: Head, tmp_path: Path
) -> None:
    jaw, inner = places_on_scans()
    mean = head.landmark_model().mean.astype(float)
    forward = np.array([0, 0, 0.004])
    shares = np.linspace(0, 8, len(jaw))
    edge = np.stack([np.interp(shares, range(9), mean[:9, k]) for k in range(3)], axis=1)
    scan = np.zeros((max(*jaw, *inner) + 1, 3))
    turn = Rotation.from_euler("x", 12, degrees=True).as_matrix()
    scan[inner], scan[jaw] = 100 * mean[INNER] @ turn, 100 * (edge + forward) @ turn
    np.savez(tmp_path / "scan.npz", vertices=scan + [1, 2, 3])
    found = depth_on_scans(head, read_scans(tmp_path / "scan.npz"))
    assert np.allclose(found[INNER], 0, atol=1e-5)
    assert np.allclose(found[:JAW, 2], 0.004, atol=1.5e-3)
    np.savez(tmp_path / "scan.npz", vertices=scan[:100])
    with pytest.raises(ValueError, match=r"scan\.npz"):
        read_scans(tmp_path / "scan.npz")


def test_neighbours_on_the_jaw_move_alike() -> None:
    edge = np.zeros((17, 3), np.float32)
    edge[8] = 4
    assert smoothed(edge)[7:10, 0].tolist() == [1, 2, 1]
    assert np.allclose(smoothed(np.ones((17, 3), np.float32)), 1)


def test_the_table_is_even_and_no_matter_of_pose(head: Head) -> None:
    table = read_offsets(TABLE)
    skin = with_offsets(head, np.zeros((68, 3), np.float32))
    mean = skin.landmark_model().mean.astype(float)
    assert np.abs(table - table[partners(mean)] * [-1, 1, 1]).max() < 2e-5
    assert np.abs(level(table.astype(float), mean)[INNER] - table[INNER]).max() < 3e-4
    assert 0.001 < np.sqrt((table[INNER, 2] ** 2).mean()) < 0.002


def test_a_table_is_read_as_it_was_written(tmp_path: Path, offsets: FloatArray) -> None:
    write_offsets(tmp_path / "table.csv", offsets)
    assert np.abs(read_offsets(tmp_path / "table.csv") - offsets).max() < 6e-6
    rows = (tmp_path / "table.csv").read_text().splitlines()
    (tmp_path / "table.csv").write_text("\n".join(rows[:-1]))
    with pytest.raises(ValueError, match="landmarks 1 to 68"):
        read_offsets(tmp_path / "table.csv")


def test_the_command_may_be_run_twice(
    labels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, points = tmp_path / "labels.npz", tmp_path / "head.npz"
    shutil.copy(labels, mine)
    shutil.copy(head_path(), points)
    monkeypatch.setattr(sys, "argv", ["landmark_offsets", str(mine), "--head", str(points)])
    for _ in range(2):
        main()
        new = load_head(points)
        assert np.allclose(new.landmark_offsets, read_offsets(TABLE))
        assert len(load_labels(mine, new))
    old = load_head(head_path())
    assert np.array_equal(new.vertices, old.vertices)
    assert np.array_equal(new.landmark_weights, old.landmark_weights)
