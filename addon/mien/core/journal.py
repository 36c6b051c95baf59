# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal: a take written frame by frame while it is captured, so that a crash loses nothing."""

import contextlib
import json
from dataclasses import asdict, replace
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from .errors import TakeError
from .take import (
    ARRAYS,
    MAX_FRAMES,
    RECORD,
    Take,
    TakeInfo,
    check_take,
    info_from_json,
    save_take,
    take_from_records,
)

MAGIC = b"MIEN TAKE JOURNAL\n"


def journal_path(take: Path) -> Path:
    """Where the journal of a take lies while it is captured: beside it, with ``.part`` added."""
    return take.with_name(take.name + ".part")


class TakeWriter:
    """Writes a journal as frames come, and turns it into a take at the end.

    Use it as a context manager: leaving it by an exception closes the journal and leaves it where
    it is, to be read with :func:`mien.core.take.load_take`.
    """

    def __init__(self, path: Path, info: TakeInfo) -> None:
        """Open the journal of the take at ``path``.

        Raises:
            TakeError: the folder does not exist or cannot be written.
        """
        self.path = path
        self.journal = journal_path(path)
        try:
            self._file = self.journal.open("wb", buffering=0)
            header = json.dumps(asdict(info)).encode()
            self._file.write(MAGIC + len(header).to_bytes(4, "little") + header)
        except OSError as error:
            raise TakeError(
                f"The take {path} cannot be written ({error.strerror}); choose another folder."
            ) from error

    def append(self, record: NDArray[np.void]) -> None:
        """Add one row of :data:`mien.core.take.RECORD`.

        Raises:
            TakeError: the disk is full.
        """
        try:
            self._file.write(record.tobytes())
        except OSError as error:
            raise TakeError(
                f"The take {self.path} cannot be written on ({error.strerror}); what was captured so "
                f"far is in {self.journal}."
            ) from error

    def finish(self, take: Take) -> None:
        """Write the finished take in place and remove the journal."""
        self._file.close()
        save_take(take, self.path)
        self.discard()

    def discard(self) -> None:
        """Remove the journal: there was nothing worth keeping in it."""
        self._file.close()
        with contextlib.suppress(OSError):
            self.journal.unlink()

    def __enter__(self) -> "TakeWriter":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()


def read_journal(path: Path) -> Take:
    """Read the whole frames of a journal; a last frame cut off half-way is dropped.

    Raises:
        TakeError: it is damaged or holds no whole frame.
    """
    if path.stat().st_size > MAX_FRAMES * RECORD.itemsize:
        raise TakeError(f"{path} is too large to be a take; choose another file.")
    data = path.read_bytes()[len(MAGIC) :]
    size = int.from_bytes(data[:4], "little")
    info = replace(info_from_json(data[4 : 4 + size], path), complete=False)
    body = data[4 + size :]
    whole = len(body) // RECORD.itemsize
    take = take_from_records(np.frombuffer(body, RECORD, whole), info)
    return check_take({name: getattr(take, name) for name in ARRAYS}, info, path)
