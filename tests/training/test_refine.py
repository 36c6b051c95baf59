# SPDX-License-Identifier: GPL-3.0-or-later
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from mien.core.assets import head_path
from mien.core.capture.sources import open_source
from mien.core.model.head import Head, load_head

from training.geometry.landmarks import partners
from training.head.card import refined
from training.head.landmark_residuals import LeftOver, wanted
from training.head.slide_landmarks import slid, within_reach
from training.labels.mediapipe_tool import Found
from training.labels.steady import SteadyMesh
from training.labels.store import load_labels, load_seen

from .test_labels import looked_at


def test_every_point_has_a_partner_whose_partner_it_is(head: Head) -> None:
    other = partners(head.mediapipe_model().mean)
    assert np.array_equal(other[other], np.arange(468))
    assert other[33] == 263  # the eyes' outer corners
    assert other[1] == 1  # the tip of the nose


def test_a_steady_look_at_a_mirror_image_is_the_mirrored_look(clip: Path, head: Head) -> None:
    mesh = SteadyMesh(head)
    image = list(open_source(clip))[8].image
    one, other = mesh.find(image), mesh.find(np.ascontiguousarray(image[:, ::-1]))
    assert one is not None
    assert other is not None

    def apart(a: Found, b: Found) -> float:
        back = b.points[partners(head.mediapipe_model().mean), :2] * [-1, 1] + [
            image.shape[1] - 1,
            0,
        ]
        return float(np.linalg.norm(a.points[:, :2] - back, axis=1).mean())

    assert apart(one[1], other[1]) < 0.5 * apart(one[0], other[0])
    assert np.linalg.norm(one[1].iris - one[0].iris, axis=1).max() < 4


def test_points_that_were_moved_are_slid_back(head: Head) -> None:
    rng = np.random.default_rng(1)
    seen = [
        looked_at(head, rng.normal(0, 0.5, 40), np.zeros(52), yaw)
        for yaw in np.linspace(-40, 40, 9)
    ]
    one = 151  # of the forehead's middle, its own partner
    corners = head.mediapipe_corners.copy()
    step = np.linalg.norm(head.vertices - head.vertices[corners[one, 0]], axis=1)
    skin = np.unique(head.quads[head.materials == 0])
    middle = skin[np.abs(head.vertices[skin, 0]) < 1e-3]
    near = middle[np.argsort(step[middle])[1]]
    triangle = head.triangles[(head.triangles == near).any(axis=1)][0]
    corners[one] = triangle
    wrong = replace(head, mediapipe_corners=corners)

    def off(other: Head) -> float:
        places = (
            np.einsum("c,cx->x", h.mediapipe_weights[one], h.vertices[h.mediapipe_corners[one]])
            for h in (head, other)
        )
        return float(np.linalg.norm(np.subtract(*places)))

    before = off(wrong)
    assert before > 0.003
    assert off(slid(wrong, seen)) < 0.3 * before


def test_depth_is_told_by_turned_heads_alone() -> None:
    deep = np.zeros((468, 3))
    deep[:, 2] = 0.002

    def photo(yaw: float) -> LeftOver:
        c, s = np.cos(yaw), np.sin(yaw)
        turn = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
        return LeftOver((deep @ turn.T)[:, :2], turn)

    still, _ = wanted([photo(0.0)] * 10)
    turned, certainty = wanted([photo(yaw) for yaw in np.linspace(-0.6, 0.6, 10)])
    assert np.abs(still).max() < 1e-9
    assert np.allclose(turned[:, 2], 0.002, rtol=0.1)
    assert certainty[2, 2] < certainty[0, 0] < certainty[1, 1]


def test_a_point_of_the_upper_lip_cannot_reach_the_lower(head: Head) -> None:
    skin = head.quads[np.isin(head.materials, (0, 1))]
    triangles = skin[:, [[0, 1, 2], [0, 2, 3]]].reshape(-1, 3)
    upper, lower = head.mediapipe_corners[[13]], head.mediapipe_corners[14]
    reach = set(triangles[within_reach(upper, triangles, len(head.vertices))[0]].ravel())
    assert set(upper[0]) <= reach
    assert not set(lower) <= reach


def test_the_command_renames_head_and_labels_together(labels: Path, tmp_path: Path) -> None:
    mine, points = tmp_path / "labels.npz", tmp_path / "head.npz"
    shutil.copy(labels, mine)
    shutil.copy(head_path(), points)
    (tmp_path / "figures.md").write_text(
        "| figure | value |\n|---|---|\n| head id | old |\n\nmore\n"
    )
    words = [sys.executable, "-m", "training.head.refine", str(mine), "--head", str(points)]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    old, new = load_head(head_path()), load_head(points)
    assert new.id != old.id
    assert 0 < np.linalg.norm(new.vertices - old.vertices, axis=1).max() < 0.02
    assert np.array_equal(new.landmark_corners, old.landmark_corners)
    photos = load_labels(mine, new)
    assert [p.name for p in photos] == [p.name for p in load_labels(labels, old)]
    assert np.array_equal(
        load_seen(mine, new)[0].steady.points, load_seen(labels, old)[0].steady.points
    )
    assert f"| head id | {new.id} |" in (tmp_path / "figures.md").read_text()


def test_the_card_holds_one_row_of_refining() -> None:
    text = "| figure | value |\n|---|---|\n| head id | a |\n| x | y |\n\n| unit | kept |\n"
    once = refined(text, "b", 0.01, 0.005)
    again = refined(once, "c", 0.005, 0.0025)
    assert "| head id | c |" in again
    assert again.count("refining") == 1
    assert "0.50%, 0.25%" in again
    with pytest.raises(StopIteration):
        refined("nothing", "b", 0, 0)
