# SPDX-License-Identifier: GPL-3.0-or-later
"""Every folder of files is written through here: whole, or not at all, and never in the place of a user's own."""

import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import MienError
from .writing import flush, flush_folder, not_written, part_stem

_begun: set[Path] = set()
"""Folders that this process has begun to write and not finished."""


@contextmanager
def whole_folder(path: Path, mark: str, files: re.Pattern[str]) -> Iterator[Path]:
    """A folder to write files into, which takes the place of ``path`` once it is whole.

    It lies beside it under a name that nobody can foresee. Leaving the block without an error puts it
    there, and removes an older folder of the same kind only then; leaving by an error removes it and
    lets that error through.

    Args:
        path: where the folder goes; its parent exists.
        mark: name of the file in it that says that it is Mien's; to be written in the block.
        files: that all other names in it match.

    Raises:
        MienError: something else is at ``path``, or the system refuses.
    """
    check_folder(path, mark, files)
    target = path.resolve() if path.is_symlink() else path.absolute()
    part = target.with_name(f"{part_stem(target)}{secrets.token_hex(8)}")
    try:
        try:
            part.mkdir()
            _begun.add(part)
            yield part
            for file in part.iterdir():
                flush(file)
            check_folder(path, mark, files)  # it may have been filled meanwhile
            _replace(part, target)
            flush_folder(target.parent)
        except OSError as error:
            raise not_written(path, error) from error
    finally:
        _begun.discard(part)
        shutil.rmtree(part, ignore_errors=True)


def check_folder(path: Path, mark: str, files: re.Pattern[str]) -> None:
    """Make sure that a folder may be written: nothing is there, an empty folder, or one of the same kind.

    Args:
        path, mark, files: see :func:`whole_folder`.

    Raises:
        MienError: something else is there, or the folder that it is to lie in is missing.
    """
    if "\0" in str(path):
        raise MienError(f"{str(path)!r} cannot be a folder's path; choose another name.")
    try:
        if not path.absolute().parent.is_dir():
            raise MienError(f"The folder {path.absolute().parent} does not exist; make it first.")
        if not path.is_dir():
            if path.exists() or path.is_symlink():
                raise MienError(f"{path} is a file and would be written over; move it away.")
            return
        names = set(os.listdir(path))  # noqa: PTH208 - names, and not paths
        if names and not is_own(names, mark, files):
            raise MienError(
                f"The folder {path} holds other files than Mien writes there; move it away, or choose "
                "another name."
            )
    except OSError as error:
        raise not_written(path, error) from error


def is_own(names: set[str], mark: str, files: re.Pattern[str]) -> bool:
    """Whether a folder's names are those that Mien gives."""
    return mark in names and all(name == mark or files.fullmatch(name) for name in names)


def abandon() -> None:
    """Remove what this process has begun to write, because it ends at once."""
    for part in list(_begun):
        shutil.rmtree(part, ignore_errors=True)


def _replace(part: Path, target: Path) -> None:
    if not target.exists():
        part.rename(target)
        return
    old = part.with_name(f"{part.name}-old")
    target.rename(old)
    try:
        part.rename(target)
    except OSError:
        with suppress(OSError):
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)
