# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes on disk: written whole, read with distrust, finished ones and cut-off ones alike."""

import json
import zipfile
from dataclasses import asdict, fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import TakeError
from ..writing import save_arrays
from .take import ARRAYS, FORMAT, MAX_FRAMES, RECORD, Take, TakeInfo, take_from_records

MAGIC = b"MIEN TAKE JOURNAL\n"
"""What a journal begins with (see :mod:`mien.core.take.journal`)."""
_TYPES = {"times": np.float64, "frames": np.int32}


def save_take(take: Take, path: Path) -> None:
    """Write a take; an older file of that name stays until the new one is whole.

    Raises:
        TakeError: the folder cannot be written or the disk is full.
    """
    info = np.frombuffer(json.dumps(asdict(take.info)).encode(), np.uint8)
    save_arrays(path, {"info": info, **{n: getattr(take, n) for n in ARRAYS}}, TakeError)


def load_take(path: Path) -> Take:
    """Read a take, or the journal of a capture that was cut off.

    Raises:
        TakeError: the file is missing, damaged, not a take, or of another version.
    """
    try:
        with path.open("rb") as file:
            start = file.read(len(MAGIC))
        if start == MAGIC:
            return _load_journal(path)
        return _load_npz(path)
    except FileNotFoundError:
        raise TakeError(f"The take {path} does not exist; check the path.") from None
    except IsADirectoryError:
        raise TakeError(f"{path} is a folder; give the take file inside it.") from None
    except OSError as error:
        raise TakeError(f"The take {path} cannot be read ({error.strerror or error}).") from error


def _load_npz(path: Path) -> Take:
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > MAX_FRAMES * RECORD.itemsize:
            raise TakeError(f"{path} is too large to be a take; choose another file.")
        with np.load(path, allow_pickle=False) as file:
            info = _info_from_json(bytes(file["info"]), path)
            arrays = {name: file[name] for name in ARRAYS}
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile, NotImplementedError) as error:
        raise TakeError(f"{path} is not a Mien take or is damaged; capture it again.") from error
    return _checked(arrays, info, path)


def _load_journal(path: Path) -> Take:
    """The whole frames of a journal; a last one cut off half-way is dropped."""
    if path.stat().st_size > MAX_FRAMES * RECORD.itemsize:
        raise TakeError(f"{path} is too large to be a take; choose another file.")
    data = path.read_bytes()[len(MAGIC) :]
    size = int.from_bytes(data[:4], "little")
    info = replace(_info_from_json(data[4 : 4 + size], path), complete=False)
    body = data[4 + size :]
    whole = len(body) // RECORD.itemsize
    take = take_from_records(np.frombuffer(body, RECORD, whole), info)
    return _checked({name: getattr(take, name) for name in ARRAYS}, info, path)


def _info_from_json(text: bytes, path: Path) -> TakeInfo:
    """Parse and check the description inside a take or journal."""
    try:
        values = json.loads(text.decode("utf-8"))
        if values["format"] != FORMAT:
            raise TakeError(
                f"{path} was written by another version of Mien (format {values['format']}); update Mien."
            )
        known = {f.name: f.type for f in fields(TakeInfo)}
        info = TakeInfo(**{name: values[name] for name in known})
        sane = (
            all(
                isinstance(getattr(info, n), str)
                for n in ("source", "model", "head", "created", "mien")
            )
            and 0 < int(info.width) < 100_000
            and 0 < int(info.height) < 100_000
            and 0 < float(info.fps) < 100_000
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise TakeError(f"{path} is not a Mien take or is damaged; capture it again.") from error
    if not sane:
        raise TakeError(f"{path} is damaged: its description makes no sense; capture it again.")
    return info


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
        name: np.ascontiguousarray(a, _TYPES.get(name, np.float32)) for name, a in arrays.items()
    }
    times = values["times"]
    if not np.isfinite(times).all() or (np.diff(times) <= 0).any():
        raise TakeError(f"{path} is damaged: its times do not rise; capture it again.")
    found = np.isfinite(values["params"]).all(axis=1)
    lost = np.isnan(values["params"]).all(axis=1)
    numbers = ("boxes", "units", "confidence")
    if not (found | lost).all() or not all(np.isfinite(values[n][found]).all() for n in numbers):
        raise TakeError(f"{path} is damaged: some frames hold no finite numbers; capture it again.")
    return Take(**values, info=info)
