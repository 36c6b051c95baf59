# SPDX-License-Identifier: GPL-3.0-or-later
"""A performance onto a character of a file: what the command, the batch and the panel do alike."""

from pathlib import Path
from typing import NamedTuple, NoReturn

import bpy
import numpy as np
from bpy.types import Scene

from ..core.errors import AvatarError, MienError
from ..core.performance.performance import Performance
from ..core.retarget.files import library, load_table
from ..core.retarget.match import Match, match, of_table
from ..core.retarget.table import Table
from ..scene.changes import listed
from ..scene.keying import placed_keys
from ..scene.saving import save_file
from ..scene.timing import PLAIN, Keying
from ..scene.typed import scene_of
from .keying import Keyed, key_performance
from .target import Target, find_target


class RetargetResult(NamedTuple):
    """What was found and what was keyed."""

    match: Match
    keyed: Keyed

    def report(self) -> str:
        """A few lines for a person to read."""
        lines = [self.match.report()]
        lines.append(f"keyed       {len(self.keyed.keys)} keys, {len(self.keyed.bones)} bones")
        if self.keyed.turned:
            lines.append(f"turned      {self.keyed.turned} as an object")
        if self.keyed.held:
            lines.append(f"held        {', '.join(self.keyed.held)} (connected to their parents)")
        lines += [f"changed     {line}" for line in self.keyed.changed]
        return "\n".join(lines)


def match_target(
    target: Target, table: Table | None = None, own: Path | None = None, guesses: bool = False
) -> Match:
    """What moves a character.

    Args:
        target: the character.
        table: to use; otherwise the one that moves the most of it is chosen.
        own: folder of the user's tables.
        guesses: whether names that are only much like those of the table move too.

    Raises:
        MappingError: a table is damaged.
    """
    tables = library(own)
    best = match(target.keys, target.bones, tables, guesses)
    if table is None:
        return best
    return of_table(table, target.keys, target.bones, best.table.skeleton, guesses)


def retarget(
    scene: Scene, performance: Performance, name: str, table: Table | None = None,
    own: Path | None = None, keying: Keying = PLAIN, head: bool = True, guesses: bool = False,
) -> RetargetResult:  # fmt: skip
    """Key a performance onto the character that an object belongs to.

    Args:
        scene: that holds it.
        performance: what to key.
        name: of the object.
        table: to use; otherwise the one that moves the most of it.
        own: folder of the user's tables.
        keying: at which frames.
        head: whether the head turns.
        guesses: see :func:`match_target`.

    Raises:
        AvatarError: there is no such character, or nothing of it matches.
        MappingError: a table is damaged.
    """
    target = find_target(scene, name)
    found = match_target(target, table, own, guesses)
    if not found.table.keys and not found.table.bones:
        _refuse(target)
    return RetargetResult(
        found, key_performance(scene, performance, target, found.table, keying, head)
    )


def _refuse(target: Target) -> NoReturn:
    """Say of a character that no key and no bone of its face is known."""
    if target.driven and not target.keys:
        raise AvatarError(
            f"All shape keys of {target.name} are under drivers ({listed(list(target.driven))}), and no name of "
            "a number that moves them is known; write a mapping table."
        )
    names = listed(list(target.keys)) or "none"
    raise AvatarError(
        f"No name of {target.name}'s keys ({names}) and bones of the face is known; generate keys, or write a "
        "mapping table."
    )


def retarget_file(
    performance: Performance, name: str, output: Path, avatar: Path | None = None,
    map_: Path | None = None, own: Path | None = None, head: bool = True,
    keying: Keying = PLAIN, guesses: bool = False,
) -> RetargetResult:  # fmt: skip
    """Key a performance onto a character of a file and save that as another file.

    The scene keeps its frame rate, and its range unless the performance lasts longer. An older file at ``output``
    stays until the new one is whole.

    Args:
        performance: what to key.
        name: of the character's object.
        output: the file to write.
        avatar: the file with the character; the one that is open by default.
        map_: a mapping table to use.
        own: folder of the user's tables.
        head: whether the head turns.
        keying: at which frames.
        guesses: see :func:`match_target`.

    Raises:
        MienError: the file cannot be read or written, or the character takes nothing.
    """
    table = load_table(map_) if map_ is not None else None
    if avatar is not None:
        _open(avatar)
    scene = scene_of(bpy.context)
    result = retarget(scene, performance, name, table, own, keying, head, guesses)
    last = float(placed_keys(scene, performance.times, keying)[0][-1])
    scene.frame_end = max(scene.frame_end, int(np.ceil(last - 1e-3)))
    scene.frame_set(scene.frame_start)
    save_file(output)
    return result


def _open(path: Path) -> None:
    if not path.is_file():
        raise MienError(f"The avatar {path} does not exist; check the path.")
    try:
        bpy.ops.wm.open_mainfile(filepath=str(path.absolute()), load_ui=False)
    except RuntimeError as error:
        raise MienError(f"{path} is not a Blender file or is damaged ({error}).") from error
