# SPDX-License-Identifier: GPL-3.0-or-later
"""Refuses, before any work is done, to write over what is read."""

import os
import sys
import unicodedata
from collections.abc import Collection, Hashable, Iterable
from pathlib import Path

from .capture.sources.sequence import IMAGE_SUFFIXES
from .errors import MienError


def check_outputs(outputs: Iterable[Path | None], inputs: Iterable[Path | None] = ()) -> None:
    """Make sure that outputs can be written and touch nothing that is read.

    Files are told apart by what they are on the disk, not by how their paths are spelt: links, hard
    links and roundabout paths are seen through.

    Args:
        outputs: files to be written; None for those that are not wanted.
        inputs: files that are read, and folders of images.

    Raises:
        MienError: an output is an input, would lie among the images of a folder that is read, or is
            wanted twice; its folder does not exist, or something else bears its name.
    """
    read = {identity(path) for path in inputs if path is not None}
    written: set[Hashable] = set()
    for path in outputs:
        if path is None:
            continue
        _check_place(path)
        own = identity(path)
        if own in read:
            raise MienError(f"{path} is read and would be written over; choose another output.")
        if among_images(path, read):
            raise MienError(
                f"{path} would lie among the images that are read; choose another folder for it."
            )
        if own in written:
            raise MienError(f"{path} is to be written twice; give each output a file of its own.")
        written.add(own)


def identity(path: Path) -> Hashable:
    """What two paths have in common that lead to one file, be it there already or not."""
    try:
        try:
            found = path.stat()
            return found.st_dev, found.st_ino
        except FileNotFoundError:
            target = path.resolve()
            folder = identity(target.parent) if target.parent.exists() else str(target.parent)
            return folder, _plain(target.name)
    except (OSError, ValueError, RuntimeError):
        return _plain(str(path.absolute()))


def among_images(path: Path, read: Collection[Hashable]) -> bool:
    """Whether a file would be taken for an image of a folder that is read.

    Args:
        path: of the file.
        read: :func:`identity` of what is read.
    """
    if path.suffix.lower() not in IMAGE_SUFFIXES:
        return False
    link = os.path.islink(path)  # noqa: PTH114 - which says no of names that are too long
    target = path.resolve() if link else path.absolute()
    return identity(target.parent) in read


def _check_place(path: Path) -> None:
    if "\0" in str(path):
        raise MienError(f"{str(path)!r} cannot be a file's path; choose another name.")
    try:
        folder = path.absolute().parent
        if not folder.is_dir():
            raise MienError(f"The folder {folder} does not exist; make it first.")
        if path.is_dir():
            raise MienError(f"{path} is a folder; give the file a name of its own.")
        if path.exists() and not path.is_file():
            raise MienError(f"{path} is not an ordinary file; choose another output.")
    except OSError as error:
        raise MienError(
            f"{path} cannot be written ({error.strerror}); choose another folder."
        ) from error


def _plain(name: str) -> str:
    """A name as file systems compare it that take no notice of case."""
    if sys.platform in ("win32", "darwin"):
        return unicodedata.normalize("NFC", name).casefold()
    return name
