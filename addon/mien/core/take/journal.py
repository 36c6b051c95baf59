# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal: a take written frame by frame while it is captured, so that a crash loses nothing."""

import contextlib
import json
from dataclasses import asdict
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from ..errors import TakeError
from .take import Take, TakeInfo
from .take_file import MAGIC, save_take


def journal_path(take: Path) -> Path:
    """Where the journal of a take lies while it is captured: beside it, with ``.part`` added."""
    return take.with_name(take.name + ".part")


class TakeWriter:
    """Writes a journal as frames come, and turns it into a take at the end.

    Use it as a context manager: leaving it by an exception closes the journal and leaves it where
    it is, to be read with :func:`mien.core.take.take_file.load_take`. One without frames is removed.
    """

    def __init__(self, path: Path, info: TakeInfo) -> None:
        """Open the journal of the take at ``path``.

        Raises:
            TakeError: the folder does not exist or cannot be written.
        """
        self.path = path
        self.journal = journal_path(path)
        self._rows = 0
        try:
            self._file = self.journal.open("wb", buffering=0)
            header = json.dumps(asdict(info)).encode()
            self._file.write(MAGIC + len(header).to_bytes(4, "little") + header)
        except OSError as error:
            raise TakeError(
                f"The take {path} cannot be written ({error.strerror}); choose another folder."
            ) from error

    def append(self, record: NDArray[np.void]) -> None:
        """Add one row of :data:`mien.core.take.take.RECORD`.

        Raises:
            TakeError: the disk is full.
        """
        try:
            self._file.write(record.tobytes())
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

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        if not self._rows:
            self.discard()
