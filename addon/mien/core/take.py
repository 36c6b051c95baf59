# SPDX-License-Identifier: GPL-3.0-or-later
"""The take: all that was captured, frame by frame, before any smoothing. The hinge of Mien."""

import contextlib
import json
import zipfile
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .arkit import N_UNITS
from .errors import TakeError
from .params import N_PARAMS, FloatArray

FORMAT = 1
MAX_FRAMES = 2_000_000
"""More than eighteen hours at thirty frames a second; a file that claims more is not a take."""

RECORD = np.dtype(
    [
        ("time", "<f8"),
        ("frame", "<i4"),
        ("confidence", "<f4"),
        ("box", "<f4", 3),
        ("params", "<f4", N_PARAMS),
        ("units", "<f4", N_UNITS),
    ]
)
"""One frame, as it lies in memory and in the journal: 484 bytes."""


@dataclass(frozen=True)
class TakeInfo:
    """What a take says of itself.

    Attributes:
        source: path of the footage as given.
        width, height: of its frames in pixels, as seen after its rotation metadata.
        fps: its nominal frame rate.
        model: id of the regressor; head: id of the head it belongs to.
        created: time of the capture, ISO 8601, UTC.
        mien: version of Mien.
        complete: whether the capture ran to its end.
        format: version of this layout.
    """

    source: str
    width: int
    height: int
    fps: float
    model: str
    head: str
    created: str
    mien: str
    complete: bool = False
    format: int = FORMAT


@dataclass(frozen=True)
class Take:
    """A captured face, F frames; lost frames are kept as rows without numbers.

    Attributes:
        times: ``(F,)`` seconds from the start of the footage, strictly rising.
        frames: ``(F,)`` number of each frame in the footage, from 0.
        boxes: ``(F, 3)`` the crop as x, y, size in image pixels.
        confidence: ``(F,)`` 0 to 1; 0 where the face was lost.
        params: ``(F, 62)`` raw (see :mod:`mien.core.params`), NaN where the face was lost.
        units: ``(F, 52)`` ARKit weights, NaN where the face was lost.
        info: about the footage and the model.
    """

    times: NDArray[np.float64]
    frames: NDArray[np.int32]
    boxes: FloatArray
    confidence: FloatArray
    params: FloatArray
    units: FloatArray
    info: TakeInfo

    def __len__(self) -> int:
        return len(self.times)

    @property
    def found(self) -> NDArray[np.bool_]:
        """``(F,)`` true where there is a face."""
        return np.isfinite(self.params[:, 0])


def take_from_records(records: NDArray[np.void], info: TakeInfo) -> Take:
    """A take out of rows of :data:`RECORD`."""
    return Take(
        np.ascontiguousarray(records["time"]),
        np.ascontiguousarray(records["frame"]),
        np.ascontiguousarray(records["box"]),
        np.ascontiguousarray(records["confidence"]),
        np.ascontiguousarray(records["params"]),
        np.ascontiguousarray(records["units"]),
        info,
    )


def save_take(take: Take, path: Path) -> None:
    """Write a take; an older file of that name stays until the new one is whole.

    Raises:
        TakeError: the folder cannot be written or the disk is full.
    """
    part = path.with_name(path.name + ".new")
    try:
        with part.open("wb") as file:
            np.savez(
                file,
                info=np.frombuffer(json.dumps(asdict(take.info)).encode(), np.uint8),
                **{name: getattr(take, name) for name in ARRAYS},
            )
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise TakeError(
            f"The take {path} cannot be written ({error.strerror}); choose another folder or free some space."
        ) from error


ARRAYS: dict[str, tuple[str, tuple[int, ...]]] = {
    "times": ("f", ()),
    "frames": ("i", ()),
    "boxes": ("f", (3,)),
    "confidence": ("f", ()),
    "params": ("f", (N_PARAMS,)),
    "units": ("f", (N_UNITS,)),
}
"""Kind of number, and shape after the frames, of each array of a take."""
_TYPES = {"times": np.float64, "frames": np.int32}


def load_take(path: Path) -> Take:
    """Read a take, or the journal of a capture that was cut off.

    Raises:
        TakeError: the file is missing, damaged, not a take, or of another version.
    """
    from .journal import MAGIC, read_journal

    try:
        with path.open("rb") as file:
            start = file.read(len(MAGIC))
        if start == MAGIC:
            return read_journal(path)
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
            info = info_from_json(bytes(file["info"]), path)
            arrays = {name: file[name] for name in ARRAYS}
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile, NotImplementedError) as error:
        raise TakeError(f"{path} is not a Mien take or is damaged; capture it again.") from error
    return check_take(arrays, info, path)


def info_from_json(text: bytes, path: Path) -> TakeInfo:
    """Parse and check the description inside a take or journal.

    Raises:
        TakeError: it is not one, or of a version that this Mien does not know.
    """
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


def check_take(arrays: dict[str, NDArray[np.generic]], info: TakeInfo, path: Path) -> Take:
    """Check shapes, types and times of a take's arrays.

    Raises:
        TakeError: something does not fit.
    """
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
    if not (found | lost).all() or not np.isfinite(values["boxes"][found]).all():
        raise TakeError(f"{path} is damaged: some frames hold no finite numbers; capture it again.")
    return Take(**values, info=info)
