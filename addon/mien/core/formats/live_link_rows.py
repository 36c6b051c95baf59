# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of a CSV of Live Link Face: its cells apart, its numbers checked."""

import csv
import math
from array import array
from collections.abc import Iterator, Sequence
from io import BufferedReader, TextIOWrapper
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import MienError
from ..model.arkit import ARKIT_BLENDSHAPES
from ..reading import open_regular
from .timecode import read_timecode

TIMECODE, COUNT = "Timecode", "BlendShapeCount"
"""The header's two columns before the weights."""
MAX_SIZE, MAX_LINE, MAX_ROWS, MAX_COLUMNS = 2**29, 2**16, 500_000, 1000
"""Half a million rows are more than two hours at the app's rate."""
MOST = 1e6
"""No weight, angle or count of a recording comes near this; what does is damage."""


def read_rows(path: Path) -> tuple[list[str], list[tuple[int, float]], NDArray[np.float64]]:
    """Header, timecodes and numbers ``(F, columns)``, row by row: a text is many times its numbers.

    Raises:
        MienError: the file is missing, or not such a CSV.
    """
    try:
        with (
            open_regular(path, MAX_SIZE) as raw,
            TextIOWrapper(BufferedReader(raw), encoding="utf-8-sig", newline="") as file,
        ):
            rows = csv.reader(_lines(file), delimiter=_delimiter(file))
            header = [name.strip() for name in next((row for row in rows if row), [])]
            _check_header(path, header)
            codes: list[tuple[int, float]] = []
            values = array("d")
            for row in rows:
                if row:
                    codes.append(_code(path, rows.line_num, row[0]))
                    values.extend(_numbers(path, rows.line_num, row, len(header)))
                if len(codes) > MAX_ROWS:
                    raise MienError(f"{path} is too large to be a recording; choose another file.")
    except FileNotFoundError:
        raise MienError(f"{path} does not exist; check the path.") from None
    except OSError as error:
        raise MienError(f"{path} cannot be read ({error.strerror}); check the path.") from error
    except (UnicodeDecodeError, csv.Error):
        raise _wrong(path) from None
    if not codes:
        raise MienError(f"{path} holds no frames; choose another recording.")
    return header, codes, np.array(values).reshape(len(codes), len(header) - 2)


def _lines(file: TextIOWrapper) -> Iterator[str]:
    """Lines of a file, none so long that it could be all of it."""
    while line := file.readline(MAX_LINE + 1):
        if len(line) > MAX_LINE:
            raise csv.Error("a line is too long")
        yield line


def _delimiter(file: TextIOWrapper) -> str:
    """What stands between cells: after the first name, which has no such letter in it."""
    start = file.readline(MAX_LINE)
    file.seek(0)
    return next((c for c in start.lstrip("\ufeff").strip('"') if c in ",;\t"), ",")


def _wrong(path: Path) -> MienError:
    return MienError(f"{path} is not a CSV of Live Link Face; choose the .csv of a recording.")


def _check_header(path: Path, header: list[str]) -> None:
    if [name.casefold() for name in header[:2]] != [TIMECODE.casefold(), COUNT.casefold()]:
        raise _wrong(path)
    known = {name.casefold() for name in header}
    if not any(name.casefold() in known for name in ARKIT_BLENDSHAPES):
        raise _wrong(path)
    if len(known) < len(header) or len(header) > MAX_COLUMNS:
        raise MienError(f"{path} names a column twice; choose an unedited recording.")


def _code(path: Path, line: int, text: str) -> tuple[int, float]:
    code = read_timecode(text.replace(",", "."))
    if code is None:
        raise MienError(
            f"{path}, line {line}: {text[:40]!r} is not a timecode; choose an unedited recording."
        )
    return code


def _numbers(path: Path, line: int, row: Sequence[str], width: int) -> list[float]:
    """Weights and angles of a row; not numbers where the app saw no face."""
    if len(row) > width:
        raise MienError(
            f"{path}, line {line}, has more cells than the header; choose an unedited recording."
        )
    cells = [*row[2:], *[""] * (width - max(2, len(row)))]
    count = row[1].strip() if len(row) > 1 else ""
    if count in ("", "0") or not any(cell.strip() for cell in cells):
        return [math.nan] * len(cells)
    try:  # a comma within a cell is a decimal one
        values = [float(cell.replace(",", ".")) for cell in cells]
    except ValueError:
        values = [math.inf]
    if not all(abs(value) < MOST for value in values):
        raise MienError(
            f"{path}, line {line}, has a cell that is not a number; choose an unedited recording."
        )
    return values
