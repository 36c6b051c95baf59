# SPDX-License-Identifier: GPL-3.0-or-later
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from mien.core.capture.sources import Frame, open_source
from mien.core.capture.sources.read_ahead import AHEAD, read_ahead
from mien.core.capture.sources.stream_size import picture_size
from mien.core.errors import SourceError

from ..mp4 import retime, rotate, ticks_per_second, write_video


def test_the_clip_has_120_frames_at_its_own_rate(clip: Path) -> None:
    source = open_source(clip)
    # It has 176 x 144 pixels, each 128/117 as wide as high.
    assert (source.width, source.height, source.expected) == (193, 144, 120)
    assert next(iter(open_source(clip))).image.shape == (144, 193, 3)
    assert np.isclose(source.fps, 30000 / 1001)
    frames = list(source)
    assert [f.number for f in frames] == list(range(120))
    assert np.allclose([f.time for f in frames], np.arange(120) * 1001 / 30000, atol=1e-3)
    assert not source.warnings


@pytest.mark.parametrize(
    "name", [b"webcam-12:30:05.mp4", b"caf\xe9.mp4", b"http:__x.mp4", b"%04d.mp4", b"-i.mp4"]
)
def test_odd_names_open(
    name: bytes, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path(os.fsdecode(name))
    path.symlink_to(clip)
    assert len(list(open_source(path, end=0.2))) == 6


def test_lists_of_other_files_are_not_followed(clip: Path, tmp_path: Path) -> None:
    for text in (f"ffconcat version 1.0\nfile {clip}\n", f"#EXTM3U\n#EXTINF:1,\n{clip}\n"):
        (tmp_path / "a.mp4").write_text(text)
        with pytest.raises(SourceError, match="not a video"):
            open_source(tmp_path / "a.mp4")


def test_a_file_of_variable_rate_is_not_cut_off(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", 30, fps=25)
    tick = ticks_per_second(path) // 50
    retime(path, [(20, tick), (10, 8 * tick)])
    source = open_source(path)
    assert len(list(source)) == 30
    assert not source.warnings


@pytest.mark.parametrize("sizes", [((64, 48), (32, 24)), ((32, 24), (64, 48))])
def test_a_change_of_size_in_mid_stream_ends_the_footage(
    sizes: tuple[tuple[int, int], ...], tmp_path: Path
) -> None:
    data = b""
    for size in sizes:
        part = str(tmp_path / "part.ts")
        writer = cv2.VideoWriter(part, cv2.VideoWriter.fourcc(*"mpg2"), 25, size)
        for value in range(12):
            writer.write(np.full((size[1], size[0], 3), 20 * value, np.uint8))
        writer.release()
        data += Path(part).read_bytes()
    (tmp_path / "a.ts").write_bytes(data)
    source = open_source(tmp_path / "a.ts")
    frames = list(source)
    assert (source.width, source.height) == sizes[0]
    assert 11 <= len(frames) <= 12
    assert ["another size" in warning for warning in source.warnings] == [True]


HEADS = {
    "mpeg": ("000001b30b009024ffffe018", (176, 144)),
    "h264": (
        "0000000106050f000000016764000bacd942c4effc020001d4400000fa40003a9803c50a6580",
        (176, 144),
    ),
    "vp8": ("b05e009d012ab00090000007088585", (176, 144)),
}


@pytest.mark.parametrize("kind", HEADS)
def test_the_size_is_read_off_a_packet(kind: str) -> None:
    packet, size = bytes.fromhex(HEADS[kind][0]), HEADS[kind][1]
    assert picture_size(packet, kind) == size
    for length in range(len(packet)):
        assert picture_size(packet[:length], kind) in (None, size)


def test_variable_frame_rate_keeps_true_times(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", 30, fps=25)
    tick = ticks_per_second(path) // 50
    retime(path, [(10, tick), (10, 5 * tick), (10, 2 * tick)])
    times = np.array([f.time for f in open_source(path)])
    steps = np.repeat([0.02, 0.1, 0.04], 10)
    assert np.allclose(times, np.concatenate([[0], np.cumsum(steps)[:-1]]), atol=1e-3)


def test_rotation_metadata_is_respected(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4")
    rotate(path)
    source = open_source(path)
    assert (source.width, source.height) == (48, 64)
    image = next(iter(source)).image
    assert image.shape == (64, 48, 3)
    bright = image[..., 0] > 128
    assert bright[:32, 24:].mean() > 0.9  # upper left went to the upper right
    assert bright[:32, :24].mean() < 0.1


def test_a_range_takes_its_frames_only(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", 50, fps=25)
    frames = list(open_source(path, start=0.4, end=1.0))
    assert [f.number for f in frames] == list(range(10, 25))
    assert np.isclose(frames[0].time, 0.4)


@pytest.mark.parametrize(("rate", "step"), [(25, 1), (12.5, 2), (5, 5), (200, 1)])
def test_fewer_frames_a_second_are_evenly_spread(tmp_path: Path, rate: float, step: int) -> None:
    path = write_video(tmp_path / "a.mp4", 50, fps=25)
    assert [f.number for f in open_source(path, fps=rate)] == list(range(0, 50, step))


def test_a_cut_off_file_says_so_and_gives_what_it_has(tmp_path: Path, clip: Path) -> None:
    data = clip.read_bytes()
    path = tmp_path / "cut.mp4"
    # This clip's index comes after its pictures: keep the index, empty the later pictures.
    index = data.index(b"moov") - 4
    path.write_bytes(data[: index // 2] + bytes(index - index // 2) + data[index:])
    source = open_source(path)
    count = sum(1 for _ in source)
    assert 20 < count <= 120


@pytest.mark.parametrize("content", [b"", b"text, not a video", bytes(5000)])
def test_files_that_are_no_video_are_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.mp4").write_bytes(content)
    with pytest.raises(SourceError, match=r"bad\.mp4 is (empty|not a video)"):
        open_source(tmp_path / "bad.mp4")


def test_a_truncated_container_is_named(tmp_path: Path, clip: Path) -> None:
    (tmp_path / "cut.mp4").write_bytes(clip.read_bytes()[:4000])
    with pytest.raises(SourceError, match=r"cut\.mp4.*convert it"):
        open_source(tmp_path / "cut.mp4")


def test_missing_unreadable_and_empty_places_are_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="does not exist"):
        open_source(tmp_path / "gone.mp4")
    with pytest.raises(SourceError, match="holds no images"):
        open_source(tmp_path)


@pytest.mark.parametrize(("start", "end"), [(1.0, 1.0), (2.0, 1.0), (-1.0, None), (0.5, 0.0)])
def test_empty_ranges_are_refused(clip: Path, start: float, end: float | None) -> None:
    with pytest.raises(SourceError, match="empty"):
        open_source(clip, start, end)


@pytest.mark.parametrize("fps", [0.0, -3.0, float("nan"), float("inf")])
def test_senseless_rates_are_refused(clip: Path, fps: float) -> None:
    with pytest.raises(SourceError, match="no sense"):
        open_source(clip, fps=fps)


def test_a_start_after_the_end_says_how_long_the_footage_is(clip: Path) -> None:
    with pytest.raises(SourceError, match=r"lasts 4\.0"):
        list(open_source(clip, start=60.0))


def test_a_file_that_is_no_video_is_complained_of_once(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "text.mp4"
    path.write_bytes(b"this is not a video")
    with pytest.raises(SourceError, match=r"text\.mp4 is not a video"):
        open_source(path)
    assert capfd.readouterr().err == ""


def test_frames_are_decoded_ahead_and_no_further(clip: Path) -> None:
    """While the first frame is worked on, a few more are made, and then the decoder waits."""
    made: list[int] = []

    def frames() -> Iterator[Frame]:
        for frame in open_source(clip):
            made.append(frame.number)
            yield frame

    ahead = read_ahead(frames())
    assert next(ahead).number == 0
    deadline = time.monotonic() + 10
    while len(made) < AHEAD and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.2)
    assert AHEAD <= len(made) <= AHEAD + 1
    assert [frame.number for frame in ahead] == list(range(1, 120))


def test_who_stops_early_leaves_no_thread_behind(clip: Path) -> None:
    before = threading.active_count()
    for frame in open_source(clip):
        if frame.number == 2:
            break
    assert threading.active_count() == before
