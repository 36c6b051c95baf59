# SPDX-License-Identifier: GPL-3.0-or-later
"""What parent and child tell each other: the job at the start, the status ever after."""

import json
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from ..core.modes import Faces, State

JOB, STATUS, THUMBNAIL = "job.json", "status.json", "thumbnail.rgb"


@dataclass(frozen=True)
class Job:
    """A capture to be done.

    Attributes:
        footage: file or folder; empty for a camera.
        camera: number of the camera, or -1.
        played: whether the footage is played at its own rate as if it were a camera.
        take: where the take goes.
        start, end, fps: part and rate of the footage, or None.
        model: another regressor than the shipped one, or empty.
        threads: of the network.
        faces: which ones are followed; with ``LOOK`` and ``CHECK`` nothing is captured.
        solve: whether the child solves the take as well, so that a window need not wait for it.
        x, y: that place, as shares of the picture's width and height from the upper left.
        texture: whether the actor's skin is baked from it (:mod:`mien.core.texture`).
        sequence: whether that skin is then painted for every frame, into a folder beside the take.
        refine: whether what was captured is then refined on its footage (:mod:`mien.core.refine`).
    """

    footage: str
    take: str
    camera: int = -1
    played: bool = False
    start: float | None = None
    end: float | None = None
    fps: float | None = None
    model: str = ""
    threads: int = 1
    faces: Faces = Faces.LARGEST
    x: float = 0.5
    y: float = 0.5
    refine: bool = False
    texture: bool = False
    sequence: bool = False
    solve: bool = True

    @property
    def live(self) -> bool:
        """Whether pictures come at their own rate and must not wait."""
        return self.played or self.camera >= 0


@dataclass(frozen=True)
class Status:
    """How a capture stands.

    Attributes:
        state: running, done, stopped or failed.
        done, expected, lost: frames; ``expected`` is 0 where it is not known.
        rate: frames a second.
        message: why it failed, or what was odd about the footage, a sentence a line.
        takes: files written.
        boxes: with ``LOOK``, middle and size of each face as shares of the picture's width, from the
            upper left; its first frame is the thumbnail then.
        started: time at which the footage's clock was 0, seconds since 1970; for live footage.
        refining, painting: how much of the refining, and of the skin's pictures, is done, 0 to 1; below 0
            while there is none.
    """

    state: State = State.RUNNING
    done: int = 0
    expected: int = 0
    lost: int = 0
    rate: float = 0.0
    message: str = ""
    takes: tuple[str, ...] = ()
    started: float = 0.0
    refining: float = -1.0
    painting: float = -1.0
    boxes: tuple[tuple[float, float, float], ...] = ()

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.state != State.RUNNING

    @property
    def captured(self) -> bool:
        """Whether the footage is looked at anew, all of it being captured."""
        return max(self.refining, self.painting) >= 0

    @property
    def left(self) -> float | None:
        """Seconds left, if that can be told."""
        if not self.expected or not self.rate or self.captured:
            return None
        return max(0.0, (self.expected - self.done) / self.rate)


def write_json(path: Path, value: Job | Status) -> None:
    """Write a job or a status so that a reader sees the old one or the new one, whole."""
    part = path.with_suffix(".new")
    part.write_text(json.dumps(asdict(value)), encoding="utf-8")
    try:
        os.replace(part, path)  # noqa: PTH105
    except PermissionError:  # on Windows, while it is being read; the next one will do
        if isinstance(value, Job) or value.over:
            path.write_text(json.dumps(asdict(value)), encoding="utf-8")


def read_job(path: Path) -> Job:
    """Read a job that :func:`write_json` wrote."""
    values = json.loads(path.read_text(encoding="utf-8"))
    values["faces"] = Faces(values["faces"])
    return Job(**{f.name: values[f.name] for f in fields(Job)})


def read_status(path: Path) -> Status | None:
    """Read a status; None while there is none."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    values["state"] = State(values["state"])
    values["takes"] = tuple(values["takes"])
    values["boxes"] = tuple(map(tuple, values["boxes"]))
    return Status(**{f.name: values[f.name] for f in fields(Status)})
