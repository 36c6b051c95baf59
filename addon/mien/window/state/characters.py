# SPDX-License-Identifier: GPL-3.0-or-later
"""The character that is to move: what is set for it, its tables, what moves it and what would."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import bpy
from bpy.props import BoolProperty, StringProperty
from bpy.types import Context, Object, PropertyGroup

from ...scene.typed import present, scene_of
from . import avatar_report
from .typed import PointerProperty, character_settings, head_settings

if TYPE_CHECKING:
    from ...core.performance.performance import Performance
    from ...core.retarget.match import Match
    from ...core.retarget.table import Table

MAPS = "mappings"
"""The folder of the user's own tables."""


def _can_be_moved(_: PropertyGroup, thing: Object) -> bool:
    return thing.type in {"MESH", "ARMATURE"} and not (
        thing.type == "ARMATURE" and bool(head_settings(thing).take)
    )


class CharacterSettings(PropertyGroup):
    """Which character is to be moved and how, kept with the scene."""

    target: PointerProperty(
        name="Character", type=Object, poll=_can_be_moved, update=avatar_report.forget_when_changed,
        description="The mesh of its face, or its armature",
    )  # fmt: skip
    map: StringProperty(
        name="Mapping", update=avatar_report.forget_when_changed,
        description="Table of what moves its keys and bones; left empty, the best one is found by names",
    )  # fmt: skip
    head_motion: BoolProperty(
        name="Head Motion", default=True,
        description="Turn its head and neck; otherwise only the face moves",
    )  # fmt: skip
    guesses: BoolProperty(
        name="Use Doubtful Names", update=avatar_report.forget_when_changed,
        description="Move also what has a name that is only like one of the table; look at these first",
    )  # fmt: skip


def maps_folder() -> Path:
    """Where the user's own tables are kept."""
    from ..state.preferences import PACKAGE

    if present(bpy.context.preferences).addons.get(PACKAGE) is None:
        return Path(bpy.app.tempdir) / MAPS
    return Path(bpy.utils.extension_path_user(PACKAGE, path=MAPS, create=True))


def performance_of_rig(rig: Object) -> "Performance":
    """The performance of a captured head with all its adjustments.

    Raises:
        MienError: its take is gone.
    """
    from ...core.performance.performance import to_performance
    from ...core.solve.adjust import adjust
    from ..state import heads

    _, motion = heads.take_of(rig)
    return to_performance(adjust(motion, heads.loaded_head(), head_settings(rig).adjustments()))


def chosen_table(context: Context) -> "Table | None":
    """The mapping table that the user chose, if any.

    Raises:
        MappingError: it is damaged.
    """
    from ...core.retarget.files import load_table

    path = character_settings(context).map
    return load_table(Path(bpy.path.abspath(path))) if path else None


def matched(context: Context) -> "Match":
    """What would move of the chosen character."""
    from ...avatar.retarget_file import match_target
    from ...avatar.target import find_target

    chosen = character_settings(context)
    target = find_target(scene_of(context), chosen.target.name)
    return match_target(target, chosen_table(context), maps_folder(), chosen.guesses)


def register() -> None:
    """Add the settings to scenes."""
    bpy.utils.register_class(CharacterSettings)
    cast(Any, bpy.types.Scene).mien_character = PointerProperty(type=CharacterSettings)


def unregister() -> None:
    """Take them away."""
    del cast(Any, bpy.types.Scene).mien_character
    bpy.utils.unregister_class(CharacterSettings)
