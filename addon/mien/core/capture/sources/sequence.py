# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files of a folder are the frames of one sequence, and at which place each stands."""

import itertools
import math
import re
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from ...errors import SourceError

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".ppm"})
"""Images that OpenCV decodes, by the ends of their names."""
UNREADABLE = frozenset({".exr", ".dpx", ".cin", ".hdr", ".tga", ".jp2", ".j2k", ".dng", ".heic"})
"""Images that many a folder holds and Mien does not decode."""
_MOST_OF_FOLDER = 0.9
"""Share of a folder's images that must belong to a sequence for the others to be strays."""
_WIDEST = 20
"""Numbers that span more than this many times their count are no frame numbers."""
_NUMBERED = re.compile(r"(.*?)([0-9]+)([^0-9]*)")
"""What stands before a name's last number, the number, and what stands after it."""


class Sequence(NamedTuple):
    """The frames of a folder.

    Attributes:
        frames: place from 0 on, and file, in order.
        first: number in the name of the first file; None where names carry no numbers.
        warnings: what was odd about the folder, one sentence each.
    """

    frames: list[tuple[int, Path]]
    first: int | None
    warnings: list[str]


def find_sequence(folder: Path) -> Sequence:
    """The frames of a folder by the numbers in their names; missing numbers keep their time.

    Sidecar files of macOS (``._f_0001.png``) and hidden files are no frames, nor are single images
    beside a sequence. Images without numbers follow each other by name.

    Raises:
        SourceError: the folder holds no images, or more than one sequence.
    """
    files = [
        f for f in folder.iterdir()
        if f.suffix.lower() in IMAGE_SUFFIXES and not f.name.startswith(".") and f.is_file()
    ]  # fmt: skip
    if not files:
        kinds = {f.suffix.lower() for f in folder.iterdir()} & UNREADABLE
        if kinds:
            raise SourceError(
                f"The images in {folder} cannot be read ({min(kinds)}); convert them to PNG."
            )
        raise SourceError(f"The folder {folder} holds no images; choose one that does, or a video.")
    groups: dict[tuple[str, ...], list[tuple[int, Path]]] = defaultdict(list)
    for file in files:
        match = _NUMBERED.fullmatch(file.stem)
        if match is not None:
            key = (match[1].lower(), match[3].lower(), file.suffix.lower())
            groups[key].append((int(match[2]), file))
    runs = sorted(groups.values(), key=len, reverse=True)
    if not runs or len(runs[0]) < 2:
        ordered = sorted(files, key=lambda f: f.name.lower())
        return Sequence(list(enumerate(ordered)), None, [])
    largest, strays = sorted(runs[0]), len(files) - len(runs[0])
    if strays and len(largest) < _MOST_OF_FOLDER * len(files):
        others = [f"{min(run)[1].name} and {len(run) - 1} more" for run in runs[:2]]
        raise SourceError(
            f"The folder {folder} holds more than one sequence ({'; '.join(others)}); put each into a "
            "folder of its own."
        )
    warnings = []
    if strays:
        warnings.append(
            f"{strays} images of {folder} do not belong to the sequence; they are left out."
        )
    return _placed(largest, folder, warnings)


def _placed(numbered: list[tuple[int, Path]], folder: Path, warnings: list[str]) -> Sequence:
    numbers = [number for number, _ in numbered]
    first, steps = numbers[0], [b - a for a, b in itertools.pairwise(numbers)]
    step = math.gcd(*steps)
    if not all(steps) or (numbers[-1] - first) // step > _WIDEST * len(numbered):
        return Sequence(list(enumerate(f for _, f in numbered)), first, warnings)
    frames = [((number - first) // step, file) for number, file in numbered]
    missing = frames[-1][0] + 1 - len(frames)
    if missing:
        warnings.append(
            f"{missing} numbers are missing among the images of {folder}; their time is kept."
        )
    return Sequence(frames, first, warnings)
