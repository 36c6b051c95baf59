# SPDX-License-Identifier: GPL-3.0-or-later
"""Points of one face in a file of their own: ``.pts`` as the iBUG sets have it, and plain ``.csv``."""

from pathlib import Path

import numpy as np
from mien.core.model.params import FloatArray

from .errors import FIRST_PIXEL

MOST_BYTES = 100_000
"""No file of 68 points comes near this."""


def read_pts(path: Path) -> FloatArray:
    """The points ``(K, 2)`` of a ``.pts`` file in pixels counted from 0; the file counts from 1.

    A third number in a row, the depth, is left out.

    Raises:
        ValueError: another kind of file.
    """
    lines = [line.strip() for line in _text(path).splitlines()]
    if "{" not in lines or "}" not in lines:
        raise ValueError(f"{path} is no .pts file: it has no rows between {{ and }}")
    rows = lines[lines.index("{") + 1 : lines.index("}")]
    points = _numbers([row.split() for row in rows if row], path)
    if points.shape[1] not in (2, 3):
        raise ValueError(f"{path}: a row holds {points.shape[1]} numbers, not x and y")
    return points[:, :2] - FIRST_PIXEL


def read_csv_points(path: Path, count: int, axes: int) -> FloatArray:
    """The points ``(count, axes)`` of a ``.csv`` file without a header, a row each.

    Raises:
        ValueError: another number of rows or columns.
    """
    lines = [line for line in _text(path).splitlines() if line.strip()]
    points = _numbers([line.split(",") for line in lines], path)
    if points.shape != (count, axes):
        raise ValueError(f"{path} holds {points.shape} numbers, not ({count}, {axes})")
    return points


def _text(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(MOST_BYTES)
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read ({error})") from error


def _numbers(rows: list[list[str]], path: Path) -> FloatArray:
    try:
        points = np.array(rows, np.float32)
    except ValueError as error:
        raise ValueError(f"{path} holds something else than rows of numbers ({error})") from error
    if points.ndim != 2 or not np.isfinite(points).all():
        raise ValueError(f"{path} holds no rows of finite numbers")
    return points
