# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes and performances from files and to them."""

from pathlib import Path

from ..core.formats.live_link import read_live_link as read_csv
from ..core.formats.live_link import write_live_link as write_csv
from ..core.performance.performance import Performance
from ..core.take.take import Take
from ..core.take.take_file import load_take as read_take
from ..core.take.take_file import save_take as write_take

FilePath = str | Path


def load_take(path: FilePath) -> Take:
    """Read a take, or the journal of a capture that was cut off.

    Raises:
        MienError: the file is missing, damaged, or not a take.
    """
    return read_take(Path(path))


def save_take(take: Take, path: FilePath) -> None:
    """Write a take; an older file stays until the new one is whole.

    Raises:
        MienError: the file cannot be written.
    """
    write_take(take, Path(path))


def read_live_link(
    path: FilePath, fps: float | None = None, warnings: list[str] | None = None
) -> Performance:
    """Read a recording of Live Link Face.

    Args:
        path: its CSV file.
        fps: its rate, if it is not 60.
        warnings: a sentence for whatever was odd about it is added here.

    Raises:
        MienError: the file is missing, damaged, or something else.
    """
    return read_csv(Path(path), fps, warnings)


def write_live_link(performance: Performance, path: FilePath, start_frame: float = 0) -> None:
    """Write a performance as Live Link Face writes its recordings (CSV).

    Args:
        performance: any.
        path: of the file.
        start_frame: of the timecode at the performance's time zero.

    Raises:
        MienError: the file cannot be written, or the frame makes no sense.
    """
    write_csv(performance, Path(path), start_frame)
