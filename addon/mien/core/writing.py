# SPDX-License-Identifier: GPL-3.0-or-later
"""Every file is written through here: whole, or not at all."""

import errno
import hashlib
import os
import secrets
import stat
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import MienError

_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
"""Errors by which systems say that a disk, a file or a share of a disk is full."""
_TRIES = 100
"""Names of 64 random bits that are tried: one is taken by accident next to never, a hundred never."""


@contextmanager
def whole_file(
    path: Path,
    kind: type[MienError] = MienError,
    check: Callable[[Path], None] | None = None,
) -> Iterator[Path]:
    """A file to write into, which takes the place of ``path`` once it is whole.

    It lies in the same folder under a name that nobody can foresee, and was made anew: no file of
    the user's can be met. Leaving the block without an error flushes it to the disk, checks it, and
    renames it; whatever stood at ``path`` stays as it was until then. Leaving by an error removes it
    and lets that error through. A link at ``path`` is followed.

    Args:
        path: where the file goes.
        kind: of the error that is raised for what the system refuses.
        check: called with the flushed file; raises what is to be said of one that is not right.

    Raises:
        MienError: of that kind: the folder is missing or closed, the disk is full, or ``path`` is no
            ordinary file or write-protected.
    """
    if "\0" in str(path):
        raise kind(f"{str(path)!r} cannot be a file's path; choose another name.")
    part: Path | None = None
    try:
        try:
            target = _target(path)
            part = _made(target)
            yield part
            flush(part)
            if check is not None:
                check(part)
            with suppress(OSError):
                part.chmod(stat.S_IMODE(target.stat().st_mode))
            part.replace(target)
            flush_folder(target.parent)
        except OSError as error:
            raise not_written(path, error, kind) from error
    finally:
        if part is not None:
            with suppress(OSError):
                part.unlink()


def write_whole(path: Path, data: bytes, kind: type[MienError] = MienError) -> None:
    """Write bytes as a file, whole or not at all.

    Raises:
        MienError: see :func:`whole_file`.
    """
    with whole_file(path, kind) as part:
        part.write_bytes(data)


def save_arrays(
    path: Path,
    arrays: Mapping[str, NDArray[Any]],
    kind: type[MienError] = MienError,
    compressed: bool = False,
) -> None:
    """Write named arrays as an ``.npz`` file, whole or not at all.

    Args:
        path: where it goes.
        arrays: by name.
        kind: of the error.
        compressed: smaller, and slower to write and read.

    Raises:
        MienError: see :func:`whole_file`.
    """
    write: Any = np.lib.format.write_array
    packing = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    with whole_file(path, kind) as part, zipfile.ZipFile(part, "w", packing) as archive:
        for name, array in arrays.items():  # as np.savez does, which closes nothing when it fails
            with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                write(file, np.asanyarray(array), allow_pickle=False)


def not_written(path: Path, error: OSError, kind: type[MienError] = MienError) -> MienError:
    """The error that says why the system did not let a path be written."""
    said = error.strerror or str(error) or type(error).__name__
    if error.errno in _FULL:
        return kind(f"{path} cannot be written ({said}); free some space or choose another folder.")
    return kind(f"{path} cannot be written ({said}); choose another folder.")


def unfinished(path: Path) -> list[Path]:
    """Files and folders that a process which was killed has left behind while it wrote ``path``."""
    try:
        return sorted(path.parent.glob(f"{part_stem(path)}*"))
    except (OSError, ValueError):
        return []


def _target(path: Path) -> Path:
    target = path.absolute()
    if target.is_symlink():
        target = target.resolve()
    if not target.exists():
        return target
    mode = target.stat().st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "a folder of that name is there", str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "it is not an ordinary file", str(path))
    if not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, "it is write-protected", str(path))
    return target


def part_stem(path: Path) -> str:
    """How the names begin under which a path is written before it is whole."""
    return f".mien-{hashlib.sha256(os.fsencode(path.name)).hexdigest()[:8]}-"


def _made(target: Path) -> Path:
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0)
    for _ in range(_TRIES):
        part = target.with_name(f"{part_stem(target)}{secrets.token_hex(8)}{target.suffix}")
        with suppress(FileExistsError):
            os.close(os.open(part, flags, 0o666))
            return part
    raise FileExistsError(errno.EEXIST, "no name is free there", str(target.parent))


def flush(part: Path) -> None:
    """Wait until a file is on the disk."""
    with part.open("rb+") as file:
        os.fsync(file.fileno())


def flush_folder(folder: Path) -> None:
    """Let the renaming itself outlast a loss of power, where the system knows how."""
    with suppress(OSError, AttributeError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
