# SPDX-License-Identifier: GPL-3.0-or-later
"""A lock between processes; it goes with the process that holds it, however that ends."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import MienError

_TAKEN = {errno.EACCES, errno.EAGAIN, errno.EDEADLK}
"""Errors by which systems say that another process holds the lock."""


@contextmanager
def only_one(path: Path, message: str) -> Iterator[None]:
    """Hold a lock by means of a file, which stays.

    Where files cannot be locked (some network drives) there is no lock.

    Args:
        path: of the file; made if need be.
        message: what to say if another process holds it.

    Raises:
        MienError: another process holds it.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError:
        yield
        return
    try:
        try:
            _lock(descriptor)
        except OSError as error:
            if error.errno in _TAKEN:
                raise MienError(message) from None
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
