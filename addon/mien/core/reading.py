# SPDX-License-Identifier: GPL-3.0-or-later
"""Every file that comes from outside is read through here: ordinary files only, and never too much."""

import errno
import json
import math
import os
import re
import stat
import tomllib
import zipfile
from collections.abc import Iterable
from io import FileIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MOST_HEADER = 4096
"""Bytes of the description of an array; those of NumPy's own have some hundred."""
_KINDS = "biufUS"
"""NumPy's letters for truth values, integers, floats, bytes and text; objects would have to be unpickled."""
_MOST_DEPTH = 16
"""Levels of brackets or of dotted names in a settings file; those that are meant have three."""
_MOST_LINE = 10_000
"""Characters of a line of a settings file: more than anybody writes, and few enough for the expressions
below."""
_STRINGS = re.compile(
    r'"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|(#[^\n]*)', re.DOTALL
)
"""Strings and comments of TOML; what is left without them is its structure."""
_DOTTED = re.compile(rf"(?:[\w\"-]+[ \t]*\.[ \t]*){{{_MOST_DEPTH},}}")
"""A dotted name deeper than the above, which the parser would walk through by recursion."""


def open_regular(path: Path, most: int) -> FileIO:
    """Open an ordinary file to read; pipes, devices and what is larger than ``most`` bytes are not.

    Raises:
        OSError: it is not there, is no ordinary file, is too large, or cannot be read; ``strerror``
            says so in words.
    """
    if "\0" in str(path):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
    # Opening a pipe without O_NONBLOCK would wait for a writer for ever.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if not _regular(path.stat()):
        return _refused(path)
    file = FileIO(os.open(path, flags), "rb")
    found = os.fstat(file.fileno())
    if not _regular(found):
        file.close()
        return _refused(path)
    if found.st_size > most:
        file.close()
        raise OSError(errno.EFBIG, "it is too large", str(path))
    return file


def read_bytes(path: Path, most: int) -> bytes:
    """All of an ordinary file of at most so many bytes.

    Raises:
        OSError: see :func:`open_regular`.
    """
    with open_regular(path, most) as file:
        parts = []
        left = most + 1  # it may grow while it is read
        while left > 0 and (part := file.read(min(left, 2**20))):
            parts.append(part)
            left -= len(part)
    if left <= 0:
        raise OSError(errno.EFBIG, "it is too large", str(path))
    return b"".join(parts)


def read_arrays(
    path: Path, names: Iterable[str], most: int, optional: Iterable[str] = ()
) -> dict[str, NDArray[Any]]:
    """Named arrays of an ``.npz`` file, each looked at before it is unpacked.

    Args:
        path: of the file.
        names: that are wanted; others are left alone.
        most: bytes of all of them together.
        optional: names that may be missing.

    Raises:
        OSError: see :func:`open_regular`.
        ValueError: it is no such file, is damaged, lacks an array, or unpacks to too much.
    """
    with open_regular(path, most + 2**20) as file:
        try:
            with zipfile.ZipFile(file) as archive:
                there = set(archive.namelist())
                wanted = [*names, *(name for name in optional if f"{name}.npy" in there)]
                entries = {name: archive.getinfo(f"{name}.npy") for name in wanted}
                if sum(entry.file_size for entry in entries.values()) > most:
                    raise ValueError("it unpacks to too much")
                return {name: _array(archive, entry) for name, entry in entries.items()}
        except Exception as error:  # there is no end to the ways in which a zip can be damaged
            raise ValueError(f"{type(error).__name__}: {error}") from error


def parse_json(data: bytes) -> Any:
    """What a JSON text holds.

    Raises:
        ValueError: it is not one, or brackets are heaped up in it.
    """
    try:
        return json.loads(data.decode("utf-8"))
    except RecursionError as error:
        raise ValueError("brackets are heaped up in it") from error


def parse_toml(text: str) -> dict[str, Any]:
    """What a TOML text holds.

    The parser of Python needs memory with the square of a dotted name's length: 200 kB of ``a.a.a``
    would take 23 GB. Such names are refused before.

    Raises:
        ValueError: it is not one, or brackets or dotted names are heaped up in it.
    """
    bare = _STRINGS.sub(lambda m: "" if m[1] else '"', text)
    if any(len(line) > _MOST_LINE for line in bare.splitlines()):
        raise ValueError(f"a line has more than {_MOST_LINE} characters")
    opened = np.cumsum([(c in "[{") - (c in "]}") for c in bare if c in "[]{}"] or [0])
    if _DOTTED.search(bare) or opened.max() > _MOST_DEPTH:
        raise ValueError("brackets or dots are heaped up in it")
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("brackets are heaped up in it") from error


def _regular(found: os.stat_result) -> bool:
    return stat.S_ISREG(found.st_mode)


def _refused(path: Path) -> FileIO:
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "it is a folder", str(path))
    raise OSError(errno.EINVAL, "it is not an ordinary file", str(path))


def _array(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> NDArray[Any]:
    """One array; its description is compared with its size before anything of that size is made."""
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"{entry.filename} is packed in an unknown way")
    layout: Any = np.lib.format
    with archive.open(entry) as file:
        version = layout.read_magic(file)
        if version == (1, 0):
            shape, fortran, dtype = layout.read_array_header_1_0(file, max_header_size=_MOST_HEADER)
        else:
            raise ValueError(f"{entry.filename} is of an unknown layout")
        if dtype.kind not in _KINDS or any(length < 0 for length in shape):
            raise ValueError(f"{entry.filename} holds no plain numbers")
        size = math.prod(shape) * dtype.itemsize
        if size != entry.file_size - file.tell():
            raise ValueError(f"{entry.filename} is not as long as it says")
        data = file.read(size)
        if len(data) != size or file.read(1):  # reading to the end compares the checksum
            raise ValueError(f"{entry.filename} is cut off")
    return np.frombuffer(data, dtype).reshape(shape, order="F" if fortran else "C").copy()
