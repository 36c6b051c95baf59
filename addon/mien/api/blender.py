# SPDX-License-Identifier: GPL-3.0-or-later
"""Motions and performances into the present scene; only inside Blender."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from ..core.errors import MienError
from ..core.model.head import shipped_head
from ..core.modes import Hair
from ..core.performance.performance import Performance
from ..core.solve.motion import Motion
from ..core.texture.sequence_folder import SkinSequence
from ..scene.timing import PLAIN, Keying
from .files import FilePath

if TYPE_CHECKING:
    from ..avatar.retarget_file import RetargetResult
    from ..scene.build import Built


def build_scene(
    motion: Motion,
    footage: FilePath | None = None,
    *,
    match: bool = True,
    keying: Keying = PLAIN,
    texture: NDArray[np.uint8] | None = None,
    hair: Literal["none", "short", "combed"] = "short",
    texture_sequence: SkinSequence | None = None,
) -> "Built":
    """Inside Blender: put the head with its motion into the present scene.

    Args:
        motion: of :func:`solve`.
        footage: shown behind the head.
        match: take size, frame rate and range of the scene from the footage, and look through its camera.
        keying: at which frames keys lie, how many, and which set acts.
        texture: of the head, as ``take.texture`` keeps it.
        hair: style of the head's hair.
        texture_sequence: of :func:`write_texture_sequence`, shown in the texture's place.

    Raises:
        MienError: the texture is damaged, or pictures of its sequence are missing.
    """
    import bpy

    from ..scene.build import build_scene as build
    from ..scene.typed import scene_of

    shown = None if footage is None else Path(footage).resolve()
    return build(
        scene_of(bpy.context), motion, shipped_head(), shown, match, keying,
        texture=texture, hair=Hair(hair), sequence=texture_sequence,
    )  # fmt: skip


def change_hair(head: str, hair: Literal["none", "short", "combed"]) -> None:
    """Inside Blender: give a head of the present file other hair; all else of it stays.

    Args:
        head: name of its mesh object, such as ``build_scene(...).mesh.name``.
        hair: the new style.

    Raises:
        MienError: there is no such head, or it may not be changed.
    """
    import bpy

    from ..scene.hair import change_hair as change

    thing = bpy.data.objects.get(head)
    if thing is None or thing.type != "MESH":
        raise MienError(f"This file has no mesh {head}; give the name of a head's mesh.")
    change(thing, shipped_head(), Hair(hair))


def retarget(
    performance: Performance,
    target: str,
    *,
    table: FilePath | None = None,
    keying: Keying = PLAIN,
    head: bool = True,
    guesses: bool = False,
) -> "RetargetResult":
    """Inside Blender: key a performance onto a character of the present scene.

    Args:
        performance: of :func:`performance` or :func:`read_live_link`.
        target: name of the character's object.
        table: a mapping table (``.toml``); otherwise the one that moves the most of it.
        keying: at which frames keys lie.
        head: whether the head turns.
        guesses: whether names that are only much like those of the table move too.

    Raises:
        MienError: there is no such character, nothing of it matches, or the table is damaged.
    """
    import bpy

    from ..avatar.retarget_file import retarget as key
    from ..core.retarget.files import load_table
    from ..scene.typed import scene_of

    chosen = None if table is None else load_table(Path(table))
    return key(
        scene_of(bpy.context), performance, target, chosen,
        keying=keying, head=head, guesses=guesses,
    )  # fmt: skip
