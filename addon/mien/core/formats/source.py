# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a performance from whatever file holds one."""

from pathlib import Path

from ..errors import MienError
from ..motion import motion_of
from ..performance import Performance, performance_of
from ..take_file import load_take
from .live_link import read_live_link


def read_performance(path: Path, fps: float | None = None) -> Performance:
    """The performance of a take of Mien, or of a recording of Live Link Face (``.csv``).

    Args:
        path: of the file.
        fps: of a recording, see :func:`mien.core.formats.live_link.read_live_link`.

    Raises:
        MienError: the file is missing, damaged, or of another kind.
    """
    if path.suffix.lower() == ".csv":
        return read_live_link(path, fps)
    if fps is not None:
        raise MienError(f"{path} knows its own frame rate; leave the rate out.")
    return performance_of(motion_of(load_take(path)))
