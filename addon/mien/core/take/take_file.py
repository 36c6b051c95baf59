# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes on disk: written whole, read with distrust, finished ones and cut-off ones alike."""

import json
import zlib
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import TakeError
from ..reading import open_regular, parse_json, read_arrays
from ..writing import save_arrays
from .refinement import REFINED, refinement_from
from .take import ARRAYS, FORMAT, MAX_FRAMES, RECORD, Take, TakeInfo, arrays_of, take_from_records

MAGIC = b"MIEN TAKE JOURNAL 2\n"
"""What a journal begins with (see :mod:`mien.core.take.journal`)."""
STRIDE = RECORD.itemsize + 4
"""Bytes of a frame in a journal: a row, and its checksum."""
MAX_INFO, MAX_TEXT = 2**16, 2**13
"""Bytes of a take's description, and characters of each text in it: paths, names, dates."""
MAX_TIME = 1e6
"""Seconds: eleven days."""
TEXTURE = "texture"
"""Name of the texture among a take's arrays."""
MOST_DAMAGED = 1000
"""Rows after which a journal is read no further: what follows is no journal."""
_TYPES = {"times": np.float64, "frames": np.int32}
"""What arrays hold that do not hold float32."""


def save_take(take: Take, path: Path) -> None:
    """Write a take; an older file of that name stays until the new one is whole.

    Raises:
        TakeError: the folder cannot be written or the disk is full.
    """
    info = np.frombuffer(json.dumps(asdict(take.info)).encode(), np.uint8)
    arrays = {"info": info, **arrays_of(take)}
    if take.texture is not None:
        arrays[TEXTURE] = take.texture
    save_arrays(path, arrays | (take.refined.arrays() if take.refined else {}), TakeError)


def load_take(path: Path) -> Take:
    """Read a take, or the journal of a capture that was cut off.

    Raises:
        TakeError: the file is missing, damaged, not a take, or of another version.
    """
    try:
        with open_regular(path, MAX_FRAMES * STRIDE) as file:
            start = file.read(len(MAGIC))
        if start == MAGIC:
            return _load_journal(path)
        most = 2 * MAX_FRAMES * RECORD.itemsize
        arrays = read_arrays(path, ("info", *ARRAYS), most, optional=(*REFINED, TEXTURE))
        info = _info_from_json(arrays["info"].tobytes(), path)
        refined = refinement_from(arrays, arrays["times"].size)
        texture = arrays.get(TEXTURE)
        if texture is not None and (texture.dtype != np.uint8 or texture.ndim != 1):
            raise ValueError("its texture is no file")
    except FileNotFoundError:
        raise TakeError(f"The take {path} does not exist; check the path.") from None
    except IsADirectoryError:
        raise TakeError(f"{path} is a folder; give the take file inside it.") from None
    except OSError as error:
        raise TakeError(
            f"The take {path} cannot be read ({error.strerror or error}); choose another file."
        ) from error
    except ValueError as error:
        raise TakeError(f"{path} is not a Mien take or is damaged; capture it again.") from error
    return replace(_checked(arrays, info, path), refined=refined, texture=texture)


def journal_row(record: NDArray[np.void]) -> bytes:
    """A frame as it lies in a journal: its row of :data:`mien.core.take.take.RECORD`, then its CRC-32."""
    data = record.tobytes()
    return data + zlib.crc32(data).to_bytes(4, "little")


def _load_journal(path: Path) -> Take:
    """The frames of a journal that are whole; a last one cut off half-way is dropped, as are damaged ones."""
    with open_regular(path, MAX_FRAMES * STRIDE) as file:
        start = file.read(len(MAGIC) + 4)
        header = file.read(min(int.from_bytes(start[len(MAGIC) :], "little"), MAX_INFO))
        info = replace(_info_from_json(header, path), complete=False)
        rows, damaged = [], 0
        while len(row := file.read(STRIDE)) == STRIDE and damaged < MOST_DAMAGED:
            if zlib.crc32(row[:-4]) == int.from_bytes(row[-4:], "little"):
                rows.append(row[:-4])
            else:
                damaged += 1
    take = take_from_records(np.frombuffer(b"".join(rows), RECORD), info)
    return _checked(arrays_of(take), info, path)


def _info_from_json(text: bytes, path: Path) -> TakeInfo:
    """Parse and check the description inside a take or journal."""
    try:
        values = parse_json(text)
        if values["format"] != FORMAT:
            raise TakeError(
                f"{path} was written by another version of Mien (format {values['format']!r:.20}); "
                "update Mien."
            )
        info = TakeInfo(**{f.name: values[f.name] for f in fields(TakeInfo)})
    except (KeyError, TypeError, ValueError) as error:
        raise TakeError(f"{path} is not a Mien take or is damaged; capture it again.") from error
    texts = (info.source, info.model, info.head, info.created, info.mien)
    sane = (
        all(isinstance(text, str) and len(text) < MAX_TEXT for text in texts)
        and all(type(side) is int and 0 < side < 100_000 for side in (info.width, info.height))
        and type(info.fps) in (int, float)
        and 0 < info.fps < 100_000
        and type(info.complete) is bool
    )
    if not sane:
        raise TakeError(f"{path} is damaged: its description makes no sense; capture it again.")
    return replace(info, fps=float(info.fps))


def _checked(arrays: dict[str, NDArray[np.generic]], info: TakeInfo, path: Path) -> Take:
    """A take out of its arrays, once their shapes, types and times are seen to be right."""
    count = len(arrays["times"]) if arrays["times"].ndim else -1
    for name, (kind, tail) in ARRAYS.items():
        array = arrays[name]
        if array.dtype.kind != kind or array.shape != (count, *tail):
            raise TakeError(f"{path} is damaged: {name} has the wrong shape; capture it again.")
    if count == 0:
        raise TakeError(f"{path} holds no frames; capture it again.")
    values = {
        name: np.ascontiguousarray(arrays[name], _TYPES.get(name, np.float32)) for name in ARRAYS
    }
    times = values["times"]
    if not np.isfinite(times).all() or (np.diff(times) <= 0).any():
        raise TakeError(f"{path} is damaged: its times do not rise; capture it again.")
    found = np.isfinite(values["params"]).all(axis=1)
    lost = np.isnan(values["params"]).all(axis=1)
    numbers = ("boxes", "units", "confidence")
    if not (found | lost).all() or not all(np.isfinite(values[n][found]).all() for n in numbers):
        raise TakeError(f"{path} is damaged: some frames hold no finite numbers; capture it again.")
    if not _sane(
        {name: array if name in _TYPES else array[found] for name, array in values.items()}
    ):
        raise TakeError(f"{path} is damaged: some numbers make no sense; capture it again.")
    return Take(
        values["times"], values["frames"], values["boxes"], values["confidence"], values["params"],
        values["units"], info,
    )  # fmt: skip


def _sane(values: dict[str, NDArray[Any]]) -> bool:
    """Whether numbers of frames with a face are such as a capture can give.

    Far from them the solve has no answer: a head of no size, or of the size of the sun.
    """
    rows = values["params"][:, :12].reshape(-1, 3, 4)[:, :, :3].astype(np.float64)
    scale = np.linalg.norm(rows, axis=2)
    across = np.linalg.norm(np.cross(rows[:, 0], rows[:, 1]), axis=1)
    return bool(
        (np.abs(values["times"]) < MAX_TIME).all()
        and (values["frames"] >= 0).all()
        and (np.abs(values["params"]) < 1e5).all()
        and (scale > 1).all()
        and (across > 0.1 * scale[:, 0] * scale[:, 1]).all()
        and (np.abs(values["boxes"]) < 1e6).all()
        and (values["boxes"][:, 2] >= 1).all()
        and (np.abs(values["units"]) < 100).all()
        and ((values["confidence"] >= 0) & (values["confidence"] <= 1)).all()
    )
