# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal: a take written frame by frame while it is captured, so that a crash loses nothing."""

import contextlib
import errno
import json
import os
import re
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import TakeError
from .take import Take, TakeInfo
from .take_file import MAGIC, journal_row, save_take

MAX_FACES = 8
"""Faces that are followed at once, each with a take of its own."""


def numbered(take: Path, person: int) -> Path:
    """Where the take of a further person of the same footage goes: beside the first one's."""
    return take.with_name(f"{take.stem}_{person}{take.suffix}")


def journal_path(take: Path) -> Path:
    """Where the journal of a take lies while it is captured: beside it, with ``.part`` added."""
    return take.with_name(f"{take.name}.part")


def free_journal(take: Path) -> Path:
    """Where the journal of a new capture goes: one that was cut off before keeps its name."""
    number, path = 1, journal_path(take)
    while os.path.lexists(path):
        number += 1
        path = take.with_name(f"{take.name}.{number}.part")
    return path


def journals_of(take: Path) -> list[Path]:
    """All journals that lie beside a take."""
    try:
        names = re.compile(re.escape(take.name) + r"(\.\d+)?\.part")
        return sorted(p for p in take.parent.iterdir() if names.fullmatch(p.name))
    except OSError:
        return []


class TakeWriter:
    """Writes a journal as frames come, and turns it into a take at the end.

    Use it as a context manager: leaving it by an exception closes the journal and leaves it where
    it is, to be read with :func:`mien.core.take.take.take_file.load_take`. One without frames is removed.
    """

    def __init__(self, path: Path, info: TakeInfo) -> None:
        """Open the journal of the take at ``path``.

        Raises:
            TakeError: the folder does not exist or cannot be written.
        """
        self.path = path
        self._rows = 0
        try:
            self._open()
            header = json.dumps(asdict(info)).encode()
            self._write(MAGIC + len(header).to_bytes(4, "little") + header)
        except OSError as error:
            if hasattr(self, "_file"):
                self.discard()
            raise TakeError(
                f"The take {path} cannot be written ({error.strerror}); choose another folder."
            ) from error

    def _open(self) -> None:
        """A journal that was not there before: nobody else's is written on."""
        while True:
            self.journal = free_journal(self.path)
            try:
                self._file = self.journal.open("xb", buffering=0)
            except FileExistsError:  # another capture was quicker
                continue
            return

    def _write(self, data: bytes) -> None:
        if self._file.write(data) != len(data):  # the last bytes of a disk take a part of it
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def append(self, record: NDArray[np.void]) -> None:
        """Add one row of :data:`mien.core.take.take.take.RECORD`.

        Raises:
            TakeError: the disk is full.
        """
        try:
            self._write(b"".join(map(journal_row, np.atleast_1d(record))))
            self._rows += record.size
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

    def __exit__(self, *_: object) -> None:
        self._file.close()
        if not self._rows:
            self.discard()
