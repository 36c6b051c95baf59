# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the take of a head lies, though it was moved or renamed, and whether its file is another one now."""

from functools import lru_cache
from pathlib import Path

import bpy
from bpy.types import Object

from ...core.errors import MienError
from ...core.take.take_file import load_take
from .preferences import TAKES
from .typed import head_settings

TAKES_SEARCHED = 100
"""Files that are opened in search of a take that was renamed: about a second's worth."""


def take_file(rig: Object) -> Path:
    """Where the take of a head lies; beside the .blend file, under whatever name, if it was moved there."""
    path = Path(bpy.path.abspath(head_settings(rig).take))
    if path.exists() or not bpy.data.filepath:
        return path
    home = Path(bpy.data.filepath).parent
    folders = (home / TAKES, home)
    beside = [folder / path.name for folder in folders if (folder / path.name).exists()]
    wanted = head_settings(rig).take_id
    found = (_with_id(f, stamp_of(f), wanted) for f in folders if wanted and not beside)
    return next((p for p in (*beside, *found) if p is not None), path)


@lru_cache(maxsize=64)
def _with_id(folder: Path, _: tuple[int, ...], wanted: str) -> Path | None:
    """The take with an id in a folder, which is looked through anew when it has changed; None without one."""
    for path in sorted(folder.glob("*.npz"))[:TAKES_SEARCHED]:
        try:
            if load_take(path).id == wanted:
                return path
        except MienError:
            continue  # it is none, or another's
    return None


def stamp_of(path: Path) -> tuple[int, ...]:
    """What tells a file from another in its place, be that as old to the second."""
    try:
        found = path.stat()
    except OSError:
        return ()  # loading it says what is wrong
    return found.st_mtime_ns, found.st_size, found.st_ino
