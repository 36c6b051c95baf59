# SPDX-License-Identifier: GPL-3.0-or-later
"""All the people in some footage: followed, told apart when they meet, met again, written down."""

import math
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from ..errors import NoFaceError, SourceError
from ..model.crop import CropBox, ImageArray
from ..model.params import IDENTITY
from ..take.journal import MAX_FACES, TakeWriter, numbered
from ..take.take import take_from_records
from .capture import Models, describe, row_of
from .face_track import FaceTrack
from .sources import Frame, FrameSource
from .tracker import Tracked, Tracker

SEARCH_EVERY = 0.5
"""Seconds between searches of the whole frame for faces that are not followed yet."""
NMS_DISTANCE = 0.35
"""Two crops whose centres are nearer than this share of their size show one face."""
MAX_IDENTITY_DISTANCE = 1.0
"""Identities further apart than this (root mean square, in standard deviations) are two people's."""
REID_RADIUS = 1.5
"""Crop sizes within which a face that was lost a moment ago comes back as itself."""
LEAST_SHARE, LEAST_FRAMES = 0.05, 5
"""A face seen in fewer frames than this was a mistake of the finder, or a passer-by."""


@dataclass
class MultiFaceTracker:
    """Everybody in some footage, frame by frame.

    Attributes:
        models: to look with.
        path: of the first take; the others are called ``NAME_2.npz`` and so on.
        source: the footage.
        people: in the order in which they came.
        past: number and time of every frame so far.
        searched: when the whole frame was last searched.
    """

    models: Models
    path: Path
    source: FrameSource
    people: list[FaceTrack] = field(default_factory=list)
    past: list[tuple[int, float]] = field(default_factory=list)
    searched: float = -math.inf

    def step(self, frame: Frame) -> tuple[Tracked, ...]:
        """Follow everybody into a frame; the faces in it."""
        for person in self.people:
            person.now = None
        claims = [
            (person, tracked)
            for person in self.people
            if (tracked := person.tracker.follow(frame.image, frame.time)) is not None
        ]
        # Who looks most like himself keeps a face that two claim.
        for person, tracked in sorted(claims, key=lambda c: c[0].matching_cost(c[1], frame.time)):
            taken = any(p.now and same_place(p.now.box, tracked.box) for p in self.people)
            if taken or person.identity_distance(tracked) > 2 * MAX_IDENTITY_DISTANCE:
                person.tracker.reset()
            else:
                person.update(tracked, frame.time)
        if frame.time - self.searched >= SEARCH_EVERY:
            self.searched = frame.time
            self._meet(frame)
        for person in self.people:
            person.write(row_of(frame, person.now))
        self.past.append((frame.number, frame.time))
        return tuple(p.now for p in self.people if p.now is not None)

    def _meet(self, frame: Frame) -> None:
        here = [p.now.box for p in self.people if p.now is not None]
        for tracked in detect_faces(frame.image, self.models, here):
            lost = [
                p for p in self.people if p.now is None and self._may_be(p, tracked, frame.time)
            ]
            if lost:
                person = min(lost, key=lambda p: p.matching_cost(tracked, frame.time))
            elif len(self.people) < MAX_FACES:
                person = self._enter(tracked, frame.time)
            else:
                continue
            if person.tracker.begin(frame.image, tracked.box, frame.time) is not None:
                person.update(tracked, frame.time)

    @staticmethod
    def _may_be(person: FaceTrack, tracked: Tracked, time: float) -> bool:
        if person.identity_distance(tracked) > MAX_IDENTITY_DISTANCE:
            return False
        x, y = person.expected(time)
        near = math.hypot(tracked.box.x - x, tracked.box.y - y) < REID_RADIUS * tracked.box.size
        return near or person.identity_distance(tracked) < MAX_IDENTITY_DISTANCE / 2

    def _enter(self, tracked: Tracked, time: float) -> FaceTrack:
        number = len(self.people) + 1
        path = self.path if number == 1 else numbered(self.path, number)
        writer = TakeWriter(path, describe(self.source, self.models))
        landmarks = self.models.head.landmark_model()
        tracker = Tracker(self.models.regressor, landmarks, self.models.finder)
        person = FaceTrack(tracker, writer, [], tracked.params[IDENTITY].copy(), time, tracked.box)
        for past_number, past_time in self.past:
            person.write(row_of(Frame(past_number, past_time, np.empty((0, 0, 3), np.uint8)), None))
        self.people.append(person)
        return person

    def finish(self, complete: bool) -> list[Path]:
        """Turn journals into takes, the person seen most often first."""
        if not self.past:
            raise SourceError(f"{self.source.name} has no frames; choose other footage.")
        least = max(LEAST_FRAMES, LEAST_SHARE * len(self.past))
        often = max((p.seen for p in self.people), default=0)
        if not often:
            raise NoFaceError(
                f"No face was found in {self.source.name}; choose footage in which a face is at "
                "least an eighth of the picture's height, and not in darkness."
            )
        kept: list[Path] = []
        info = replace(describe(self.source, self.models), complete=complete)
        for person in sorted(self.people, key=lambda p: -p.seen):
            if person.seen < min(least, often):
                person.writer.discard()
                continue
            person.writer.finish(take_from_records(person.all_rows(), info))
            kept.append(person.writer.path)
        return kept

    def discard(self) -> None:
        """Remove all journals: there was nothing worth keeping in them."""
        for person in self.people:
            person.writer.discard()

    def close(self) -> None:
        """Close what is open; journals of an unfinished capture stay."""
        for person in self.people:
            person.writer.__exit__(None, None, None)


def detect_faces(image: ImageArray, models: Models, known: list[CropBox]) -> list[Tracked]:
    """Faces of a whole frame that are at none of the known places, largest first."""
    found: list[Tracked] = []
    landmarks = models.head.landmark_model()
    for face in models.finder.find(image)[: 2 * MAX_FACES]:
        if any(same_place(face.box, box) for box in known):
            continue
        tracked = Tracker(models.regressor, landmarks, models.finder).begin(image, face.box, 0.0)
        # The finder takes a gap between two heads for a face at times, and names one face twice.
        if tracked is None or any(same_place(tracked.box, t.box) for t in found):
            continue
        if not any(same_place(tracked.box, box) for box in known):
            found.append(tracked)
    return sorted(found, key=lambda t: -t.box.size)


def same_place(one: CropBox, other: CropBox) -> bool:
    away = math.hypot(one.x - other.x, one.y - other.y)
    return away < NMS_DISTANCE * max(one.size, other.size)
