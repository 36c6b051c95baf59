# SPDX-License-Identifier: GPL-3.0-or-later
"""The CSV of Live Link Face, Epic's app for iPhones, in and out.

A row has a timecode, the count 61, the 52 weights, and nine angles in radians. The angles are
rotations about the face's own axes as ARKit has them, which are those of Mien's model space: yaw about
y (positive turns to the subject's left), pitch about x (positive nods down), roll about z
(positive tips the head to the subject's right shoulder), applied as yaw after pitch after roll. Pitch
has therefore the opposite sign of that of :class:`mien.core.performance.performance.Performance`'s eyes.
"""

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
from ..rates import is_rate
from .clock import read_clock
from .live_link_rows import COUNT, TIMECODE, read_rows
from .rows import write_rows
from .timecode import to_timecode

ANGLES = tuple(
    f"{part}{angle}"
    for part in ("Head", "LeftEye", "RightEye")
    for angle in ("Yaw", "Pitch", "Roll")
)
"""The header's columns after the weights, in the app's order; they hold radians."""
DISTANCE = 0.5
"""Where the head is put, in metres before the camera: the file has no place for it."""
PERCENT = 2.0
"""Weights above this are no shares of 1; the app's own run over 1 by a little."""
TURNED, UPSIDE_DOWN = 1.75, 3.5
"""Radians: further no head or eye is yawed or pitched before a phone; a phone may be held any way up."""
_SWAPPED = {"jawLeft": "jawRight", "mouthLeft": "mouthRight"}
"""Names that change places between Mien's order and the app's."""


def columns() -> tuple[str, ...]:
    """The header, in the app's order: Right stands before Left for jaw and mouth."""
    swapped = {**_SWAPPED, **{right: left for left, right in _SWAPPED.items()}}
    names = [swapped.get(name, name) for name in ARKIT_BLENDSHAPES]
    return (TIMECODE, COUNT, *(name[0].upper() + name[1:] for name in names), *ANGLES)


def write_live_link(performance: Performance, path: Path, start_frame: float = 0) -> None:
    """Write a performance as a Live Link Face CSV.

    The head's place is not in such a file. Frames in which the face was lost are written as they were
    filled in.

    Args:
        performance: any.
        path: of the file.
        start_frame: of the timecode at the performance's time zero, frames of its rate.

    Raises:
        MienError: the file cannot be written, or the frame is below 0 or no number.
    """
    if not 0 <= start_frame < np.inf:
        raise MienError(f"A start on frame {start_frame:g} makes no sense; give 0 or more.")
    begin = start_frame / performance.fps
    header = columns()
    turns = Rotation.from_quat(performance.rotation[:, [1, 2, 3, 0]]).as_euler("YXZ")
    eyes = np.zeros((len(performance), 2, 3))
    eyes[:, :, :2] = performance.eyes * [1, -1]
    order = [_weight_index(name) for name in header[2 : 2 + N_BLENDSHAPES]]
    numbers = np.column_stack(
        [performance.blendshapes[:, order], turns, eyes.reshape(len(performance), 6)]
    )
    rows = (
        [
            to_timecode(begin + time, performance.fps),
            str(len(ANGLES) + N_BLENDSHAPES),
            *(f"{n:.6f}" for n in row),
        ]
        for time, row in zip(performance.times, numbers, strict=True)
    )
    write_rows(path, header, rows)


def read_live_link(
    path: Path, fps: float | None = None, warnings: list[str] | None = None
) -> Performance:
    """Read a Live Link Face CSV, its cells apart by commas, semicolons or tabs.

    Every row is kept. Rows that the app left without numbers, because it saw no face, are filled in
    between their neighbours and have no confidence. Weights that the file does not have are zero and
    said to be unseen. The first row is at time zero; where the clock stands or leaps, the rate says
    when a row comes (:mod:`mien.core.formats.clock`). Angles beyond what a head turns in radians are
    taken for degrees, weights beyond 1 for percent.

    Args:
        path: of the file.
        fps: the rate at which it was recorded, which it does not say; where seconds roll over, the
            frames of a second are counted, otherwise the app's 60.
        warnings: what was odd is added here, one sentence each.

    Raises:
        MienError: the file is missing, or not such a CSV.
    """
    if fps is not None and not is_rate(fps):
        raise MienError(f"A rate of {fps:g} frames a second makes no sense; give one above 0.")
    warnings = [] if warnings is None else warnings
    header, codes, values = read_rows(path)
    clock = read_clock(codes, fps)
    if clock.mended:
        warnings.append(
            f"The clock of {path} stands or leaps at {clock.mended} rows; their time follows from "
            f"{clock.rate:g} rows a second."
        )
    if clock.guessed:
        warnings.append(
            f"The rate of {path} is a guess, {clock.rate:g} a second; say which it is if it plays too "
            "fast or too slow."
        )
    found = np.isfinite(values).all(axis=1)
    if not found.any():
        raise MienError(f"{path} holds no frame with a face; choose another recording.")
    times = clock.times
    values = np.stack(
        [np.interp(times, times[found], column[found]) for column in values.T], axis=1
    )
    by_name = {name.casefold(): values[:, i] for i, name in enumerate(header[2:])}

    def column(name: str) -> NDArray[np.float64]:
        return by_name.get(name.casefold(), np.zeros(len(times)))

    raw = np.stack([column(name) for name in ARKIT_BLENDSHAPES], axis=1)
    if raw.max() > PERCENT:
        warnings.append(f"Weights of {path} go up to {raw.max():.0f}; they are taken for percent.")
        raw = raw / 100
    angles = np.stack([column(a) for a in ANGLES], axis=1).reshape(-1, 3, 3)
    if np.abs(angles[:, :, :2]).max() > TURNED or np.abs(angles).max() > UPSIDE_DOWN:
        warnings.append(
            f"Angles of {path} go up to {np.abs(angles).max():.0f}, further than a head turns in "
            "radians; they are taken for degrees."
        )
        angles = np.radians(angles)
    weights = np.clip(raw, 0, 1).astype(np.float32)
    return Performance(
        times=times,
        blendshapes=weights,
        rotation=_quaternions(angles[:, 0]),
        translation=np.tile(np.array([0, 0, -DISTANCE], np.float32), (len(times), 1)),
        eyes=_eyes(angles[:, 1:], weights),
        confidence=found.astype(np.float32),
        seen=np.array([name.casefold() in by_name for name in ARKIT_BLENDSHAPES], np.float32),
        fps=clock.rate,
    )


def _weight_index(name: str) -> int:
    return ARKIT_BLENDSHAPES.index(name[0].lower() + name[1:])


def _quaternions(angles: NDArray[np.float64]) -> FloatArray:
    turns = Rotation.from_euler("YXZ", angles).as_quat()[:, [3, 0, 1, 2]]
    return unroll(turns.astype(np.float32))


def _eyes(angles: NDArray[np.float64], weights: FloatArray) -> FloatArray:
    if not angles.any():  # a file without them still has the eyeLook weights
        return gaze_from_blendshapes(weights)
    return (angles[:, :, :2] * [1, -1]).astype(np.float32)
