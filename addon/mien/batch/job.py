# SPDX-License-Identifier: GPL-3.0-or-later
"""One job of a batch: which inputs become which files."""

import os
from dataclasses import dataclass, fields
from pathlib import Path

from ..core.errors import MienError
from ..core.modes import CHOSEN_FACES, Faces, Hair, KeySet, NeutralFace, Timing
from ..core.solve.adjust import USUAL, Adjustments, parse_gains
from ..core.solve.neutral import Neutral, parse_neutral
from ..core.texture.sequence_folder import sequence_path
from ..scene.timing import PLAIN, Keying

EXPORTS = (".csv", ".fbx", ".glb", ".usd", ".usda", ".usdc")
"""What a job can export besides its scene; ``.csv`` is Live Link Face's."""
LOCAL = ("jobs", "shared")
"""Attributes that say where a job stands and not what is wanted."""


@dataclass(frozen=True)
class Job:
    """What is wanted. Paths are absolute; its own file and name say it to another process.

    Attributes:
        jobs: the jobs file that it stands in.
        name: unique there.
        output: the ``.blend`` to write.
        footage: to capture; None where a take is given.
        take: where the take is kept, or, without footage, the take or Live Link CSV to use.
        avatar: a ``.blend`` with a character to drive; None for Mien's own head.
        target: the object in it.
        map: a mapping table for it; None for the one that fits best.
        preview: a picture or video to write, or None.
        exports: further files to write, see :data:`EXPORTS`.
        start, end, fps: part and rate of the footage.
        model: another network than the shipped one, or None.
        faces: the largest one, or all, a head each; None for what is usual.
        refine, texture: whether the take is corrected by its footage, and the actor's skin baked; None for
            what is usual.
        texture_sequence: whether that skin is painted for every frame, beside the take; None for what is usual.
        hair: style of the hair of Mien's own head; None for the usual one.
        smoothing, neutral, gains, head_motion: how the take is adjusted, as on the command line
            (:mod:`mien.core.solve.adjust`); None for what is usual.
        timing, start_frame, key_every, tolerance, keys: where keys lie (:mod:`mien.scene.timing`); None for
            what is usual.
        shared: the command line's words for all jobs, by which another process reads the same job.
    """

    jobs: Path
    name: str
    output: Path
    take: Path
    footage: Path | None = None
    avatar: Path | None = None
    target: str | None = None
    map: Path | None = None
    preview: Path | None = None
    exports: tuple[Path, ...] = ()
    start: float | None = None
    end: float | None = None
    fps: float | None = None
    model: Path | None = None
    faces: str | None = None
    refine: bool | None = None
    texture: bool | None = None
    texture_sequence: bool | None = None
    hair: str | None = None
    smoothing: float | None = None
    neutral: str | None = None
    gains: tuple[str, ...] | None = None
    head_motion: bool | None = None
    timing: str | None = None
    start_frame: float | None = None
    key_every: int | None = None
    tolerance: float | None = None
    keys: str | None = None
    shared: tuple[str, ...] = ()

    @property
    def adjustments(self) -> Adjustments:
        """How the take is adjusted.

        Raises:
            MienError: a value is out of its range.
        """
        smoothing = USUAL.smoothing if self.smoothing is None else self.smoothing
        moves = USUAL.head_motion if self.head_motion is None else self.head_motion
        return Adjustments(smoothing, parse_gains(self.gains or ()), moves)

    @property
    def rest(self) -> Neutral:
        """Where the face is at rest.

        Raises:
            MienError: the text makes no sense.
        """
        return parse_neutral(self.neutral or NeutralFace.AUTO)

    @property
    def followed(self) -> Faces:
        """Which faces are captured.

        Raises:
            MienError: there is no such choice, or all faces are to move one character.
        """
        faces = self.faces or Faces.LARGEST
        if faces not in CHOSEN_FACES:
            raise MienError(f"The faces {faces!r} are not known; give {' or '.join(CHOSEN_FACES)}.")
        if faces == Faces.ALL and (self.footage is None or self.avatar is not None or self.exports):
            raise MienError(
                "All faces of some footage make a head each in one scene; leave avatar and export out, or follow "
                "the largest."
            )
        return Faces(faces)

    @property
    def paints_skin(self) -> bool:
        """Whether the skin of every frame is painted: of footage that moves Mien's own head.

        Raises:
            MienError: it is to have no texture.
        """
        if self.texture_sequence and self.texture is False:
            raise MienError(
                "The skin of every frame is laid over its texture; leave texture = false out."
            )
        return bool(self.texture_sequence) and self.footage is not None and self.avatar is None

    @property
    def keying(self) -> Keying:
        """Where keys lie.

        Raises:
            MienError: there is no such timing or set of keys, or a number is out of its range.
        """
        timing, keys = self.timing or PLAIN.timing, self.keys or PLAIN.keys
        if timing not in list(Timing):
            raise MienError(f"The timing {timing!r} is not known; give {', '.join(Timing)}.")
        if keys not in list(KeySet):
            raise MienError(f"The keys {keys!r} are not known; give {' or '.join(KeySet)}.")
        step = PLAIN.step if self.key_every is None else self.key_every
        tolerance = PLAIN.tolerance if self.tolerance is None else self.tolerance
        return Keying(Timing(timing), step, tolerance, self.start_frame, KeySet(keys))

    @property
    def style(self) -> Hair:
        """What hair the head has.

        Raises:
            MienError: there is no such style.
        """
        hair = self.hair or Hair.SHORT
        if hair not in list(Hair):
            raise MienError(f"The hair {hair!r} is not known; give {', '.join(Hair)}.")
        return Hair(hair)

    @property
    def inputs(self) -> tuple[Path, ...]:
        """Files and folders that the job reads."""
        source = self.footage or self.take
        return tuple(p for p in (source, self.avatar, self.map, self.model) if p is not None)

    @property
    def outputs(self) -> tuple[Path, ...]:
        """Files, and the folder of pictures, that the job writes."""
        kept = (self.take,) if self.footage is not None else ()
        if self.paints_skin:
            kept = (*kept, sequence_path(self.take))
        return tuple(p for p in (self.output, *kept, self.preview, *self.exports) if p is not None)

    def description(self) -> dict[str, object]:
        """What is wanted, in plain values; paths are relative, so that the project may move."""
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in LOCAL}
        return {name: self.plain(value) for name, value in values.items() if value is not None}

    def plain(self, value: object) -> object:
        """A value of a field as text, number or list."""
        if isinstance(value, tuple):
            return [self.plain(v) for v in value]
        if not isinstance(value, Path):
            return value
        try:
            return Path(os.path.relpath(value, self.jobs.parent)).as_posix()
        except ValueError:  # on another drive
            return value.as_posix()
