# SPDX-License-Identifier: GPL-3.0-or-later
"""Several faces in one picture: each has a take of its own, also when one is away for a while."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from mien.core.capture import multi_face_tracker as tracking
from mien.core.capture.capture import Models
from mien.core.capture.multi_face_tracker import MultiFaceTracker, detect_faces
from mien.core.capture.several_faces import capture_all_faces, detect_at
from mien.core.capture.sources import Frame, open_source
from mien.core.errors import NoFaceError
from mien.core.take.take import Take
from mien.core.take.take_file import load_take

ZOOM, COUNT, RATE = 2, 24, 15.0
AWAY = range(8, 15)
WIDE = 0.78
"""By how much the other man's face is narrower, so that he is somebody else."""


class Pair:
    """The man of the clip on the left, and narrower and mirrored on the right; one is away for a while."""

    name, fps, expected = "pair", RATE, COUNT

    def __init__(self, clip: Path, away: range = range(0), left_goes: bool = False) -> None:
        self.warnings: list[str] = []
        self._images = [f.image for f in open_source(clip, end=4.0)]
        self._away, self._left_goes = away, left_goes
        self.height, self.width = self[0].shape[:2]

    def __getitem__(self, number: int) -> np.ndarray:
        size = (176 * ZOOM, 144 * ZOOM)
        left = cv2.resize(self._images[2 * number], size)
        right = cv2.resize(self._images[2 * number + 40], size)[:, ::-1]
        narrow = cv2.resize(right, (round(size[0] * WIDE), size[1]))
        if number in self._away:
            (left if self._left_goes else narrow)[:] = 90
        return np.concatenate([left, narrow], axis=1)

    def __iter__(self) -> Iterator[Frame]:
        for number in range(COUNT):
            yield Frame(number, number / RATE, self[number])


def captured(pair: Pair, models: Models, folder: Path) -> list[Take]:
    return [load_take(p) for p in capture_all_faces(pair, models, folder / "pair.take.npz")]


def test_each_face_has_a_take_of_every_frame(clip: Path, models: Models, tmp_path: Path) -> None:
    pair = Pair(clip)
    takes = captured(pair, models, tmp_path)
    assert len(takes) == 2
    assert all(len(take) == COUNT and take.found.all() for take in takes)
    sides = {bool((t.boxes[:, 0] < 176 * ZOOM).all()) for t in takes}
    assert sides == {True, False}
    assert all(np.ptp(t.boxes[:, 0]) < 30 for t in takes)  # nobody takes the other's face over
    names = sorted(p.name for p in tmp_path.iterdir())
    assert names == ["pair.take.npz", "pair.take_2.npz"]


def test_who_was_away_comes_back_as_himself(clip: Path, models: Models, tmp_path: Path) -> None:
    takes = captured(Pair(clip, AWAY), models, tmp_path)
    assert len(takes) == 2
    stayed, left = takes  # the one seen more often stands first
    assert stayed.found.all()
    assert not left.found[list(AWAY)].any()
    assert left.found[: AWAY.start].all()
    assert left.found[-4:].all()
    assert np.isnan(left.params[AWAY.start]).all()


def test_who_comes_late_has_rows_of_before(clip: Path, models: Models, tmp_path: Path) -> None:
    stayed, late = captured(Pair(clip, range(6)), models, tmp_path)
    assert len(stayed) == len(late) == COUNT
    assert np.array_equal(stayed.times, late.times)
    assert not late.found[:6].any()
    assert late.found[-8:].all()


def test_who_is_seen_most_often_stands_first(clip: Path, models: Models, tmp_path: Path) -> None:
    first, second = captured(Pair(clip, range(8, COUNT), left_goes=True), models, tmp_path)
    assert first.found.all()
    assert (first.boxes[:, 0] > 176 * ZOOM).all()
    assert second.found.sum() == 8


def test_who_only_passes_by_has_no_take(clip: Path, models: Models, tmp_path: Path) -> None:
    assert len(captured(Pair(clip, range(3, COUNT)), models, tmp_path)) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["pair.take.npz"]


def test_no_more_are_followed_than_there_may_be(
    clip: Path, models: Models, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracking, "MAX_FACES", 1)
    assert len(captured(Pair(clip), models, tmp_path)) == 1


def met(pair: Pair, models: Models, folder: Path) -> tuple[MultiFaceTracker, Iterator[Frame]]:
    """Both people after three frames, and the frames that follow."""
    everybody = MultiFaceTracker(models, folder / "pair.take.npz", pair)
    frames = iter(pair)
    for _ in range(3):
        assert len(everybody.step(next(frames))) == 2
    return everybody, frames


def test_who_is_suddenly_another_is_let_go(clip: Path, models: Models, tmp_path: Path) -> None:
    everybody, frames = met(Pair(clip), models, tmp_path)
    one, other = everybody.people
    one.identity = one.identity + 3.0
    everybody.step(next(frames))
    assert one.now is None
    assert other.now is not None
    everybody.discard()
    everybody.close()


def test_who_looks_alike_comes_back_where_he_was(
    clip: Path, models: Models, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody, frames = met(Pair(clip), models, tmp_path)
    monkeypatch.setattr(tracking, "MAX_IDENTITY_DISTANCE", 100.0)  # place alone tells them apart
    places = [person.box.x for person in everybody.people]
    everybody.people[0].identity = everybody.people[1].identity = np.zeros(40, np.float32)
    for person in everybody.people:
        person.tracker.reset()
    everybody.searched = -np.inf
    everybody.step(next(frames))
    assert len(everybody.people) == 2
    assert np.allclose([person.box.x for person in everybody.people], places, atol=20)
    everybody.discard()
    everybody.close()


def test_one_face_is_not_two_peoples(clip: Path, models: Models, tmp_path: Path) -> None:
    everybody, frames = met(Pair(clip), models, tmp_path)
    one, other = everybody.people
    frame = next(frames)
    other.tracker.begin(frame.image, one.box, frame.time)  # as when heads cross
    everybody.step(next(frames))
    assert one.now is not None
    assert other.now is None
    everybody.discard()
    everybody.close()


def test_a_face_is_picked_by_its_place(clip: Path, models: Models) -> None:
    at_left, at_right = (detect_at(Pair(clip), models, x, 0.5) for x in (0.3, 0.75))
    assert at_left.x < 176 * ZOOM < at_right.x
    with pytest.raises(NoFaceError, match="No face was found at that place"):
        detect_at(Pair(clip), models, 0.02, 0.02)


class Near:
    """Both men cut so that their crops overlap."""

    name, fps, expected, warnings = "near", RATE, 1, ()

    def __init__(self, clip: Path, models: Models) -> None:
        image = Pair(clip)[0]
        faces = sorted(detect_faces(image, models, []), key=lambda t: t.box.x)
        self.boxes = [t.box for t in faces]
        columns = [(round(b.x - 0.42 * b.size), round(b.x + 0.42 * b.size)) for b in self.boxes]
        self.image = np.concatenate([image[:, a:b] for a, b in columns], axis=1)
        self.border = columns[0][1] - columns[0][0]
        self.height, self.width = self.image.shape[:2]

    def __iter__(self) -> Iterator[Frame]:
        yield Frame(0, 0.0, self.image)


def test_of_two_faces_at_a_place_the_nearer_is_picked(clip: Path, models: Models) -> None:
    near = Near(clip, models)
    for aside in (-0.06, 0.06):
        x = near.border + aside * near.boxes[0].size
        picked = detect_at(near, models, x / near.width, near.boxes[0].y / near.height)
        assert (picked.x < near.border) == (aside < 0)
