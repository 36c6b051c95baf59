# SPDX-License-Identifier: GPL-3.0-or-later
"""Several faces in one picture: each has a take of its own, also when one is away for a while."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from mien.core.capture.capture import Models
from mien.core.capture.face_track import FaceTrack
from mien.core.capture.multi_face_tracker import MultiFaceTracker, same_place
from mien.core.capture.several_faces import capture_all_faces, detect_at
from mien.core.capture.sources import Frame, open_source
from mien.core.errors import NoFaceError
from mien.core.model.crop import CropBox
from mien.core.model.params import IDENTITY, N_PARAMS
from mien.core.take.take import Take
from mien.core.take.take_file import load_take

ZOOM, COUNT, RATE = 2, 24, 15.0
AWAY = range(8, 15)
WIDE = 0.78
"""By how much the other man's face is narrower, so that he is somebody else."""


class Pair:
    """The man of the clip on the left, and narrower and mirrored on the right, who is away for a while."""

    name, fps, expected = "pair", RATE, COUNT

    def __init__(self, clip: Path, away: range = range(0)) -> None:
        self.warnings: list[str] = []
        self._images = [f.image for f in open_source(clip, end=4.0)]
        self._away = away
        self.height, self.width = self[0].shape[:2]

    def __getitem__(self, number: int) -> np.ndarray:
        size = (176 * ZOOM, 144 * ZOOM)
        left = cv2.resize(self._images[2 * number], size)
        right = cv2.resize(self._images[2 * number + 40], size)[:, ::-1]
        narrow = cv2.resize(right, (round(size[0] * WIDE), size[1]))
        if number in self._away:
            narrow[:] = 90
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


def test_one_face_is_not_two_peoples(clip: Path, models: Models, tmp_path: Path) -> None:
    pair = Pair(clip)
    everybody = MultiFaceTracker(models, tmp_path / "pair.take.npz", pair)
    frames = iter(pair)
    for _ in range(3):
        frame = next(frames)
        assert len(everybody.step(frame)) == 2
    one, other = everybody.people
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


def track(x: float = 0.0, speed: float = 0.0) -> FaceTrack:
    none = np.zeros(40, np.float32)
    return FaceTrack(None, None, [], none, 1.0, CropBox(x, 50.0, 100.0), (speed, 0.0))  # type: ignore[arg-type]


def test_a_track_goes_on_as_it_went() -> None:
    assert track(10, 40).expected(1.25) == (20.0, 50.0)
    assert track(10, 40).expected(9.0) == (30.0, 50.0)  # for half a second at most


def test_a_face_costs_more_the_further_it_is_and_the_more_it_is_another() -> None:
    from mien.core.capture.tracker import Tracked

    def cost(x: float, trait: float) -> float:
        params = np.zeros(N_PARAMS, np.float32)
        params[IDENTITY] = trait
        face = Tracked(CropBox(x, 50.0, 100.0), 0.9, params, np.zeros(52, np.float32))
        return track().matching_cost(face, 1.0)

    assert cost(0, 0) == 0
    assert cost(50, 0) == pytest.approx(0.5)
    assert cost(0, 2) == pytest.approx(2.0)
    assert cost(50, 2) == pytest.approx(2.5)


def test_crops_near_each_other_show_one_face() -> None:
    assert same_place(CropBox(0, 0, 100), CropBox(30, 0, 80))
    assert not same_place(CropBox(0, 0, 100), CropBox(40, 0, 80))
