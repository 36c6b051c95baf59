# SPDX-License-Identifier: GPL-3.0-or-later
"""The skin in motion as a folder of numbered pictures beside its take."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from ..capture.sources.frames import Frame
from ..errors import MienError
from ..folders import check_folder, is_own, whole_folder
from ..model.head import Head
from ..outputs import identity
from ..reading import parse_json, read_bytes
from ..solve.motion import solve_take
from ..take.take import Take
from .packed import pack, unpack
from .sequence import texture_sequence

MARK = "mien_skin.json"
"""Name of the file that says whose skin a folder holds."""
PICTURE = "skin_{:05d}.jpg"
"""Names of the pictures, by their number from 1: Blender shows those whose last digits count up. JPEG, because
a picture has a twentieth of a PNG's size and no more noise than film."""
FILES = re.compile(r"skin_\d{5,}\.jpg")
SUFFIX = ".skin"
MOST = 4096
"""Bytes of a mark; those of Mien's own have some sixty."""


@dataclass(frozen=True)
class SkinSequence:
    """A folder of pictures, one for each frame of a take.

    Attributes:
        folder: that they are in.
        count: how many there are, numbered from 1.
    """

    folder: Path
    count: int

    def picture(self, number: int) -> Path:
        """The file of a picture."""
        return self.folder / PICTURE.format(number)


def sequence_path(take: Path) -> Path:
    """Where the sequence of a take lies: ``face.skin`` beside ``face.take.npz``."""
    return take.with_name(take.name.removesuffix(".npz").removesuffix(".take") + SUFFIX)


def check_sequence(folder: Path, footage: Path | None = None) -> None:
    """Make sure that a sequence may be written there.

    Args:
        folder: where it goes.
        footage: that it is made from.

    Raises:
        MienError: something else is there, or the footage itself.
    """
    if footage is not None and identity(folder) == identity(footage):
        raise MienError(f"{folder} is read and would be written over; choose another output.")
    check_folder(folder, MARK, FILES)


def write_sequence(
    take: Take,
    footage: Iterable[Frame],
    head: Head,
    folder: Path,
    progress: Callable[[float], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> SkinSequence | None:
    """Write the skin of every frame of a take; an older sequence stays until the new one is whole.

    Args:
        take: with its still texture.
        footage: read anew.
        head: of the take.
        folder: where it goes.
        progress: called after every frame with the share that is done, 0 to 1.
        should_stop: asked before every frame.

    Returns:
        The sequence; None if it was stopped, and then nothing was written.

    Raises:
        MienError: the take has no texture, the footage has changed, or the folder is not Mien's or cannot
            be written.
    """
    if take.texture is None:
        raise MienError("The take has no texture of the actor's skin; capture it again with one.")
    motion, still = solve_take(take, head), unpack(take.texture)
    try:
        with whole_folder(folder, MARK, FILES) as part:
            done = 0
            pictures = texture_sequence(motion, take.frames, footage, head, still, should_stop)
            for done, picture in enumerate(pictures, 1):
                (part / PICTURE.format(done)).write_bytes(pack(picture).tobytes())
                if progress is not None:
                    progress(done / len(take))
            if done < len(take):
                raise _StoppedError
            mark = {"take": take.id, "pictures": done}
            (part / MARK).write_bytes(json.dumps(mark).encode())
    except _StoppedError:
        return None
    return SkinSequence(folder, len(take))


def find_sequence(path: Path, take: Take) -> SkinSequence | None:
    """The sequence that lies beside a take's file; None if there is none, or another take's, or a part of one."""
    folder = sequence_path(path)
    try:
        names = {entry.name for entry in folder.iterdir()}
        mark = parse_json(read_bytes(folder / MARK, MOST))
    except (OSError, ValueError):
        return None
    whole = (
        is_own(names, MARK, FILES) and {PICTURE.format(k + 1) for k in range(len(take))} <= names
    )
    if not whole or not isinstance(mark, dict) or mark.get("take") != take.id:
        return None
    return SkinSequence(folder, len(take))


class _StoppedError(Exception):
    """Leaves a folder that is not to be whole."""
