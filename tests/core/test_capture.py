# SPDX-License-Identifier: GPL-3.0-or-later
import csv
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from mien.core.capture.capture import Models, Progress, capture
from mien.core.capture.sources import open_source
from mien.core.errors import NoFaceError, SourceError
from mien.core.formats.take_text import lost_stretches, summary, write_landmarks
from mien.core.model.head import Head
from mien.core.model.rotation import to_matrices
from mien.core.solve.motion import solve_take
from mien.core.solve.reconstruct import take_landmarks
from mien.core.take.journal import journal_path
from mien.core.take.take import Take
from mien.core.take.take_file import load_take

from ..conftest import made_take
from ..mp4 import write_video


@pytest.fixture(scope="module")
def take(clip: Path, models: Models) -> Take:
    return capture(open_source(clip), models)


def test_no_frame_of_the_clip_is_lost(take: Take) -> None:
    assert len(take) == 120
    assert take.found.all()
    assert take.info.complete


def test_the_landmarks_move_with_the_man_and_do_not_jump(take: Take, head: Head) -> None:
    marks = take_landmarks(take, head)
    width = np.ptp(marks[:, :, 0], axis=1)
    steps = np.linalg.norm(np.diff(marks[..., :2], axis=0), axis=2).mean(axis=1) / width[1:]
    assert np.median(steps) < 0.03
    assert 40 < np.median(width) < 80  # pixels, of a picture of 176


def test_the_mouth_opens_wide_in_the_clip(take: Take, head: Head) -> None:
    marks = take_landmarks(take, head)
    opening = np.linalg.norm(marks[:, 62] - marks[:, 66], axis=1)
    face = np.ptp(marks[..., 1], axis=1)
    ratio = opening / face
    assert ratio.max() > 0.15
    assert ratio.min() < 0.06


def test_the_man_faces_the_camera_more_or_less(take: Take) -> None:
    forward = to_matrices(solve_take(take).rotation)[:, :, 2]
    assert (forward[:, 2] > 0.6).all()


def test_progress_counts_every_frame(clip: Path, models: Models) -> None:
    seen: list[Progress] = []
    capture(open_source(clip, end=0.5), models, progress=seen.append)
    assert [p.done for p in seen] == list(range(1, 16))
    assert seen[-1].expected == 15
    assert len(seen[-1].faces) == 1


def test_stopping_keeps_what_was_captured(clip: Path, models: Models, tmp_path: Path) -> None:
    asked = iter(range(1000))
    path = tmp_path / "a.npz"
    capture(open_source(clip), models, path, should_stop=lambda: next(asked) == 9)
    kept = load_take(path)
    assert len(kept) == 10
    assert not kept.info.complete
    assert not journal_path(path).exists()


def test_a_crash_half_way_leaves_a_journal_that_can_be_read(
    clip: Path, models: Models, tmp_path: Path
) -> None:
    def burst(progress: Progress) -> None:
        if progress.done == 8:
            raise RuntimeError("pulled the plug")

    path = tmp_path / "a.npz"
    with pytest.raises(RuntimeError, match="plug"):
        capture(open_source(clip), models, path, progress=burst)
    assert not path.exists()
    assert len(load_take(journal_path(path))) == 8


def test_footage_without_a_face_writes_nothing(models: Models, tmp_path: Path) -> None:
    video = write_video(tmp_path / "blank.mp4", 12, (320, 240))
    with pytest.raises(NoFaceError, match=r"blank\.mp4"):
        capture(open_source(video), models, tmp_path / "a.npz")
    assert [p.name for p in tmp_path.iterdir()] == ["blank.mp4"]


def test_a_range_after_the_end_writes_nothing(clip: Path, models: Models, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="lasts"):
        capture(open_source(clip, start=99.0), models, tmp_path / "a.npz")
    assert not (tmp_path / "a.npz").exists()


def test_memory_does_not_grow_but_by_the_take(clip: Path, models: Models) -> None:
    class Looped:
        """The clip over and over, as long footage would be."""

        name, width, height, fps, expected = "looped", 176, 144, 30.0, None
        warnings: list[str] = []  # noqa: RUF012

        def __init__(self, rounds: int) -> None:
            self.rounds = rounds

        def __iter__(self):  # type: ignore[no-untyped-def]
            for turn in range(self.rounds):
                for frame in open_source(clip):
                    yield frame._replace(
                        number=frame.number + 120 * turn, time=frame.time + 4.004 * turn
                    )

    def peak(rounds: int) -> int:
        tracemalloc.start()
        capture(Looped(rounds), models)
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top

    peak(1)
    growth = (peak(6) - peak(1)) / (5 * 120)
    assert growth < 3 * 484  # bytes a frame: rows as they come, joined, and taken apart


def test_landmarks_are_written_for_every_frame(head: Head, tmp_path: Path) -> None:
    take = made_take(head, 10, lost=(3,))
    write_landmarks(take, head, tmp_path / "out.csv")
    rows = list(csv.reader((tmp_path / "out.csv").open()))
    assert rows[0][:6] == ["frame", "time", "confidence", "x1", "y1", "z1"]
    assert len(rows) == 11
    assert {len(r) for r in rows} == {3 + 68 * 3}
    assert set(rows[4][3:]) == {""}
    found = np.array(rows[1][3:], float).reshape(68, 3)
    assert np.allclose(found, take_landmarks(take, head)[0], atol=1e-3)


def test_a_summary_names_lost_stretches(head: Head) -> None:
    take = made_take(head, 30, lost=(5, 6, 7, 29))
    assert lost_stretches(take) == [(5 / 30, 7 / 30), (29 / 30, 29 / 30)]
    assert "lost in 4" in summary(take)
