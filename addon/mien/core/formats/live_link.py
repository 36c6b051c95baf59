# SPDX-License-Identifier: GPL-3.0-or-later
"""The CSV of Live Link Face, Epic's app for iPhones, in and out.

A row has a timecode, the count 61, the 52 weights, and nine angles in radians. The angles are
rotations about the face's own axes as ARKit has them, which are those of Mien's model space: yaw about
y (positive turns to the subject's left), pitch about x (positive nods down), roll about z
(positive tips the head to the subject's right shoulder), applied as yaw after pitch after roll. Pitch
has therefore the opposite sign of that of :class:`mien.core.performance.performance.Performance`'s eyes.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from ..errors import MienError
from ..model.arkit import ARKIT_BLENDSHAPES, N_BLENDSHAPES
from ..model.gaze import gaze_from_blendshapes
from ..model.params import FloatArray
from ..model.rotation import unroll
from ..performance.performance import Performance
from .rows import write_rows
from .timecode import HOURS, base_of, read_timecode, to_timecode

TIMECODE, COUNT = "Timecode", "BlendShapeCount"
ANGLES = tuple(
    f"{part}{angle}"
    for part in ("Head", "LeftEye", "RightEye")
    for angle in ("Yaw", "Pitch", "Roll")
)
APP_RATE = 60.0
"""The app's usual rate, taken where a file is too short to tell."""
USUAL_BASES = (24, 25, 30, 48, 50, 60, 90, 100, 120)
DISTANCE = 0.5
"""Where the head is put, in metres before the camera: the file has no place for it."""
MAX_SIZE = 2**30
_SWAPPED = {"jawLeft": "jawRight", "mouthLeft": "mouthRight"}


def columns() -> tuple[str, ...]:
    """The header, in the app's order: Right stands before Left for jaw and mouth."""
    swapped = {**_SWAPPED, **{right: left for left, right in _SWAPPED.items()}}
    names = [swapped.get(name, name) for name in ARKIT_BLENDSHAPES]
    return (TIMECODE, COUNT, *(name[0].upper() + name[1:] for name in names), *ANGLES)


def write_live_link(performance: Performance, path: Path) -> None:
    """Write a performance as a Live Link Face CSV.

    Timecode starts at zero with the footage. The head's place is not in such a file. Frames in
    which the face was lost are written as they were filled in.

    Raises:
        MienError: the file cannot be written.
    """
    header = columns()
    turns = Rotation.from_quat(performance.rotation[:, [1, 2, 3, 0]]).as_euler("YXZ")
    eyes = np.zeros((len(performance), 2, 3))
    eyes[:, :, :2] = performance.eyes * [1, -1]
    order = [_weight_index(name) for name in header[2 : 2 + N_BLENDSHAPES]]
    numbers = np.column_stack(
        [performance.weights[:, order], turns, eyes.reshape(len(performance), 6)]
    )
    rows = (
        [
            to_timecode(time, performance.fps),
            str(len(ANGLES) + N_BLENDSHAPES),
            *(f"{n:.6f}" for n in row),
        ]
        for time, row in zip(performance.times, numbers, strict=True)
    )
    write_rows(path, header, rows)


def read_live_link(path: Path, fps: float | None = None) -> Performance:
    """Read a Live Link Face CSV.

    Rows that the app left without numbers, because it saw no face, are filled in between their
    neighbours and have no confidence. A row whose time does not rise is left out. Weights that the
    file does not have are zero and said to be unseen. The first row is at time zero.

    Args:
        path: of the file.
        fps: the rate at which it was recorded, which it does not say; where seconds roll over, the
            frames of a second are counted, otherwise the app's 60.

    Raises:
        MienError: the file is missing, or not such a CSV.
    """
    if fps is not None and not 0 < fps <= 1000:
        raise MienError(f"A rate of {fps:g} frames a second makes no sense; give one above 0.")
    header, rows = _rows(path)
    codes = [_code(path, line, row[0]) for line, row in enumerate(rows, 2)]
    rate = fps or _rate(codes)
    times = _times(codes, rate)
    kept = np.concatenate([[True], np.diff(np.maximum.accumulate(times)) > 0])
    values = np.array([_numbers(path, line, row) for line, row in enumerate(rows, 2)])[kept]
    times = times[kept] - times[0]
    found = np.isfinite(values).all(axis=1)
    if not found.any():
        raise MienError(f"{path} holds no frame with a face; choose another recording.")
    values = np.stack(
        [np.interp(times, times[found], column[found]) for column in values.T], axis=1
    )
    by_name = {name.casefold(): values[:, i] for i, name in enumerate(header[2:])}

    def column(name: str) -> NDArray[np.float64]:
        return by_name.get(name.casefold(), np.zeros(len(times)))

    weights = np.clip(np.stack([column(u) for u in ARKIT_BLENDSHAPES], axis=1), 0, 1).astype(
        np.float32
    )
    angles = np.stack([column(a) for a in ANGLES], axis=1).reshape(-1, 3, 3)
    return Performance(
        times=times,
        weights=weights,
        rotation=_quaternions(angles[:, 0]),
        translation=np.tile(np.array([0, 0, -DISTANCE], np.float32), (len(times), 1)),
        eyes=_eyes(angles[:, 1:], weights),
        confidence=found.astype(np.float32),
        seen=np.array(
            [blendshape.casefold() in by_name for blendshape in ARKIT_BLENDSHAPES], np.float32
        ),
        fps=rate,
    )


def _weight_index(name: str) -> int:
    return ARKIT_BLENDSHAPES.index(name[0].lower() + name[1:])


def _rows(path: Path) -> tuple[list[str], list[list[str]]]:
    wrong = f"{path} is not a CSV of Live Link Face; choose the .csv of a recording."
    try:
        if path.stat().st_size > MAX_SIZE:
            raise MienError(f"{path} is too large to be a recording; choose another file.")
        with path.open(newline="", encoding="utf-8-sig") as file:
            table = [row for row in csv.reader(file) if row]
    except FileNotFoundError:
        raise MienError(f"{path} does not exist; check the path.") from None
    except OSError as error:
        raise MienError(f"{path} cannot be read ({error.strerror}); check the path.") from error
    except (UnicodeDecodeError, csv.Error):
        raise MienError(wrong) from None
    if not table or [name.strip().casefold() for name in table[0][:2]] != [
        TIMECODE.casefold(), COUNT.casefold(),
    ]:  # fmt: skip
        raise MienError(wrong)
    header = [name.strip() for name in table[0]]
    for line, row in enumerate(table[1:], 2):
        if len(row) > len(header):
            raise MienError(
                f"{path}, line {line}, has more cells than the header; choose an unedited recording."
            )
    known = {name.casefold() for name in header}
    if not any(blendshape.casefold() in known for blendshape in ARKIT_BLENDSHAPES):
        raise MienError(wrong)
    if len(known) < len(header):
        raise MienError(f"{path} names a column twice; choose an unedited recording.")
    if len(table) < 2:
        raise MienError(f"{path} holds no frames; choose another recording.")
    return header, [row + [""] * (len(header) - len(row)) for row in table[1:]]


def _code(path: Path, line: int, text: str) -> tuple[int, float]:
    code = read_timecode(text)
    if code is None:
        raise MienError(
            f"{path}, line {line}: {text!r} is not a timecode; choose an unedited recording."
        )
    return code


def _numbers(path: Path, line: int, row: Sequence[str]) -> list[float]:
    """Weights and angles of a row; not numbers where the app saw no face."""
    cells = row[2:]
    if row[1].strip() in ("", "0") or not any(cell.strip() for cell in cells):
        return [np.nan] * len(cells)
    try:
        values = [float(cell) for cell in cells]
    except ValueError:
        values = [np.inf]
    if not np.isfinite(values).all():
        raise MienError(
            f"{path}, line {line}, has a cell that is not a number; choose an unedited recording."
        )
    return values


def _rate(codes: Sequence[tuple[int, float]]) -> float:
    """The frame rate that timecodes show where a second rolls over."""
    if len({seconds for seconds, _ in codes}) < 2:
        return APP_RATE
    most = max(int(frame) for _, frame in codes) + 1
    return float(next((base for base in USUAL_BASES if base >= most), most))


def _times(codes: Sequence[tuple[int, float]], fps: float) -> NDArray[np.float64]:
    seconds = np.array([code[0] for code in codes], np.float64)
    days = np.cumsum(np.diff(seconds, prepend=seconds[0]) < -HOURS * 1800)  # past midnight
    frames = (seconds + days * HOURS * 3600) * base_of(fps) + [code[1] for code in codes]
    return frames / fps


def _quaternions(angles: NDArray[np.float64]) -> FloatArray:
    turns = Rotation.from_euler("YXZ", angles).as_quat()[:, [3, 0, 1, 2]]
    return unroll(turns.astype(np.float32))


def _eyes(angles: NDArray[np.float64], weights: FloatArray) -> FloatArray:
    if not angles.any():  # a file without them still has the eyeLook weights
        return gaze_from_blendshapes(weights)
    return (angles[:, :, :2] * [1, -1]).astype(np.float32)
