# SPDX-License-Identifier: GPL-3.0-or-later
"""A preview as browsers play it: H.264, with the sound of the footage where it belongs."""

from pathlib import Path

import bpy
import cv2
import numpy as np
import pytest
from mien.core.errors import MienError
from mien.core.video_sink import VideoSink
from mien.scene.film import encode, encoder

from tests.sound import click

SIZE, RATE = (96, 64), 25.0


def pictures(path: Path, count: int = 50) -> Path:
    with VideoSink(path, RATE) as sink:
        for k in range(count):
            sink.add(np.full((SIZE[1], SIZE[0], 3), (40, 90, 5 * k), np.uint8))
    return path


def codec(path: Path) -> str:
    return int(cv2.VideoCapture(str(path)).get(cv2.CAP_PROP_FOURCC)).to_bytes(4, "little").decode()


def test_sound_lies_where_the_pictures_show_what_makes_it(tmp_path: Path) -> None:
    video = pictures(tmp_path / "p.mp4")
    blocks = {name: len(getattr(bpy.data, name)) for name in ("scenes", "sounds")}
    encode(video, SIZE, RATE, 0.4, click(tmp_path / "click.wav", 1.0))
    assert codec(video) in ("h264", "avc1")
    played = cv2.VideoCapture(str(video))
    assert played.get(cv2.CAP_PROP_FRAME_COUNT) == 50
    assert played.get(cv2.CAP_PROP_FPS) == pytest.approx(RATE)
    for wanted in range(50):
        picture = played.read()[1]
        # Wide, for OpenCV takes no notice of which of two ways colours were coded.
        assert picture.mean(axis=(0, 1)) == pytest.approx((40, 90, 5 * wanted), abs=20)
    assert blocks == {name: len(getattr(bpy.data, name)) for name in blocks}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["click.wav", "p.mp4"]
    if not bpy.app.build_options.audaspace:  # Blender 4.2 as a module
        return
    assert b"mp4a" in video.read_bytes()
    import aud  # Blender's own, there once bpy is

    sound = aud.Sound(str(video)).resample(48000, 0).data()
    loud = np.flatnonzero(np.abs(sound[:, 0]) > 0.1) / 48000
    assert (loud[0], loud[-1]) == pytest.approx((0.6, 0.7), abs=0.01)


def test_silent_footage_gives_a_silent_preview(
    tmp_path: Path, capfd: pytest.CaptureFixture
) -> None:
    video, footage = pictures(tmp_path / "p.mp4"), pictures(tmp_path / "footage.mp4", 10)
    encode(video, SIZE, RATE, 0.0, footage)
    assert codec(video) in ("h264", "avc1")
    assert b"mp4a" not in video.read_bytes()
    assert cv2.VideoCapture(str(video)).get(cv2.CAP_PROP_FRAME_COUNT) == 50
    assert not capfd.readouterr().out


def test_where_blender_cannot_the_video_stays_and_it_is_said(tmp_path: Path) -> None:
    path = tmp_path / "p.mp4"
    path.write_bytes(b"no video at all")
    with pytest.raises(MienError, match="open it in a video player"):
        encode(path, SIZE, RATE, 0.0, tmp_path / "gone.mp4")
    said: list[str] = []
    encoder(said.append)(path, SIZE, RATE, 0.0, tmp_path / "gone.mp4")
    assert len(said) == 1
    assert path.read_bytes() == b"no video at all"
    assert [p.name for p in tmp_path.iterdir()] == ["p.mp4"]
