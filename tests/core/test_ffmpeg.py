# SPDX-License-Identifier: GPL-3.0-or-later
"""A preview encoded by an ffmpeg that is at hand, and by other means where that fails."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from mien.core.ffmpeg import FfmpegWriter, Sound, ffmpeg_at_hand
from mien.core.model.head import Head
from mien.core.preview import write_preview
from mien.core.solve.motion import solve_take
from mien.core.video_sink import EncoderError, VideoSink

from ..conftest import made_take
from ..sound import click

SIZE, RATE, COUNT = (96, 64), 25.0, 50
needs_ffmpeg = pytest.mark.skipif(ffmpeg_at_hand() is None, reason="no ffmpeg is at hand")
needs_shell = pytest.mark.skipif(os.name != "posix", reason="programs here are shell scripts")


@pytest.fixture
def fresh() -> Iterator[None]:
    """What is at hand is looked for anew, before and after."""
    ffmpeg_at_hand.cache_clear()
    yield
    ffmpeg_at_hand.cache_clear()


def program(path: Path, says: str) -> str:
    path.write_text(f"#!/bin/sh\n{says}\n")
    path.chmod(0o755)
    return str(path)


def film(path: Path, ffmpeg: str, sound: Sound) -> None:
    def opened(part: Path, size: tuple[int, int]) -> FfmpegWriter:
        return FfmpegWriter(ffmpeg, part, RATE, size, sound)

    with VideoSink(path, RATE, open_writer=opened) as sink:
        for k in range(COUNT):
            sink.add(np.full((SIZE[1], SIZE[0], 3), (40, 90, 5 * k), np.uint8))


@needs_ffmpeg
def test_sound_lies_where_the_pictures_show_what_makes_it(tmp_path: Path) -> None:
    path, ffmpeg = tmp_path / "p.mp4", str(ffmpeg_at_hand())
    film(path, ffmpeg, Sound(click(tmp_path / "click.wav", 1.0), 0.4, COUNT / RATE))
    played = cv2.VideoCapture(str(path))
    assert int(played.get(cv2.CAP_PROP_FOURCC)).to_bytes(4, "little") in (b"h264", b"avc1")
    assert played.get(cv2.CAP_PROP_FPS) == pytest.approx(RATE)
    for wanted in range(COUNT):
        picture = played.read()[1]
        assert picture.mean(axis=(0, 1)) == pytest.approx((40, 90, 5 * wanted), abs=4)
    words = [ffmpeg, "-v", "error", "-i", str(path), "-ac", "1", "-ar", "48000", "-f", "f32le", "-"]
    heard = np.frombuffer(subprocess.run(words, check=True, capture_output=True).stdout, "<f4")
    loud = np.flatnonzero(np.abs(heard) > 0.1) / 48000
    assert (loud[0], loud[-1]) == pytest.approx((0.6, 0.7), abs=0.03)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["click.wav", "p.mp4"]


@needs_ffmpeg
@pytest.mark.parametrize("name", ["gone.mp4", "silent.mp4", "-y; &.mp4"])
def test_footage_without_sound_gives_a_silent_film(tmp_path: Path, name: str) -> None:
    footage = tmp_path / name
    if name != "gone.mp4":
        with VideoSink(tmp_path / "s.mp4", RATE) as sink:
            for _ in range(9):
                sink.add(np.zeros((36, 64, 3), np.uint8))
        (tmp_path / "s.mp4").rename(footage)
    film(tmp_path / "p.mp4", str(ffmpeg_at_hand()), Sound(footage, 0.0, COUNT / RATE))
    assert cv2.VideoCapture(str(tmp_path / "p.mp4")).get(cv2.CAP_PROP_FRAME_COUNT) == COUNT
    assert b"mp4a" not in (tmp_path / "p.mp4").read_bytes()


@needs_shell
@pytest.mark.parametrize("says", ["exit 1", "head -c 9000 > /dev/null", "cat > /dev/null; exit 3"])
def test_an_ffmpeg_that_fails_leaves_the_older_film(tmp_path: Path, says: str) -> None:
    path = tmp_path / "p.mp4"
    path.write_bytes(b"older")
    sound = Sound(tmp_path / "gone.mp4", 0.0, COUNT / RATE)
    with pytest.raises(EncoderError):
        film(path, program(tmp_path / "broken", says + "; exit 1"), sound)
    assert path.read_bytes() == b"older"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["broken", "p.mp4"]


@needs_shell
def test_where_an_ffmpeg_fails_the_whole_film_is_made_without_it(
    tmp_path: Path, head: Head
) -> None:
    take = made_take(head)
    with VideoSink(tmp_path / "footage.mp4", RATE) as sink:
        for _ in range(len(take)):
            sink.add(np.zeros((480, 640, 3), np.uint8))
    broken = program(tmp_path / "broken", "head -c 900000 > /dev/null; exit 1")
    write_preview(
        tmp_path / "p.mp4", take, solve_take(take), head, tmp_path / "footage.mp4", find_ffmpeg=lambda: broken
    )  # fmt: skip
    played = cv2.VideoCapture(str(tmp_path / "p.mp4"))
    assert played.get(cv2.CAP_PROP_FRAME_COUNT) == len(take)
    assert int(played.get(cv2.CAP_PROP_FOURCC)).to_bytes(4, "little") == b"FMP4"


@needs_shell
@pytest.mark.parametrize(
    ("says", "taken"),
    [
        ("echo ' V..... libx264 H.264'; echo ' A..... aac AAC'", True),
        ("echo ' V..... mpeg4 MPEG-4'; echo ' A..... aac AAC'", False),
        ("exit 1", False),
    ],
)
def test_an_ffmpeg_is_taken_that_knows_both_codecs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh: None, says: str, taken: bool
) -> None:
    found = program(tmp_path / "ffmpeg", says)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert ffmpeg_at_hand() == (found if taken else None)
    ffmpeg_at_hand.cache_clear()
    monkeypatch.chdir(tmp_path)  # where anybody may have put it
    assert ffmpeg_at_hand() is None
