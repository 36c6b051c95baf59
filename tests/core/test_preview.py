# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import cv2
import numpy as np
import pytest
from mien.core.errors import MienError
from mien.core.model.head import Head
from mien.core.preview import PANEL_HEIGHT, PreviewPainter, VideoSink, write_still
from mien.core.solve.motion import solve_take

from ..conftest import made_take
from ..full_disk import full_after


def test_the_head_covers_the_place_where_it_was_captured(head: Head) -> None:
    motion = solve_take(made_take(head))
    image = np.zeros((480, 640, 3), np.uint8)
    panels = PreviewPainter(head, motion).panels(20, image)
    assert panels.shape[0] == PANEL_HEIGHT
    width = 640 * PANEL_HEIGHT // 480
    assert panels[:, :width].max() == 0
    rows, columns = np.nonzero(panels[:, width : 2 * width].max(axis=2))
    middle = motion.position[20] * PANEL_HEIGHT / 480
    assert abs(columns.mean() - middle[0]) < 15
    assert abs(rows.mean() - middle[1]) < 40


def test_where_the_face_was_lost_the_footage_is_bare(head: Head) -> None:
    motion = solve_take(made_take(head, lost=(20,)))
    panels = PreviewPainter(head, motion).panels(20, np.zeros((480, 640, 3), np.uint8))
    assert panels[:, :960].max() == 0


def test_a_video_appears_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "p.mp4"
    with VideoSink(path, 25) as sink:
        for _ in range(5):
            sink.add(np.zeros((36, 64, 3), np.uint8))
        assert not path.exists()
    assert cv2.VideoCapture(str(path)).get(cv2.CAP_PROP_FRAME_COUNT) == 5
    assert [p.name for p in tmp_path.iterdir()] == ["p.mp4"]


def test_an_older_video_survives_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "p.mp4"
    path.write_bytes(b"older")

    def fail() -> None:
        with VideoSink(path, 25) as sink:
            sink.add(np.zeros((36, 64, 3), np.uint8))
            raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        fail()
    assert path.read_bytes() == b"older"
    assert [p.name for p in tmp_path.iterdir()] == ["p.mp4"]


def test_a_full_disk_leaves_the_older_video(tmp_path: Path) -> None:
    path = tmp_path / "p.mp4"
    path.write_bytes(b"older")
    noise = np.random.default_rng(0).integers(0, 255, (8, 360, 640, 3)).astype(np.uint8)

    def write() -> None:
        with VideoSink(path, 25) as sink:
            for picture in noise:
                sink.add(picture)

    with full_after(30_000), pytest.raises(MienError, match="free some space"):
        write()
    assert path.read_bytes() == b"older"
    assert [p.name for p in tmp_path.iterdir()] == ["p.mp4"]


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(MienError, match="choose another folder"):
        write_still(tmp_path / "gone" / "a.png", np.zeros((4, 4, 3), np.uint8))
