# SPDX-License-Identifier: GPL-3.0-or-later
"""A captured performance onto a character of the scene: matching, keying, generating keys, own maps."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import StringProperty
from bpy.types import Context, Operator

from ...core.errors import MienError
from ...scene.typed import scene_of
from ..state import avatar_report
from ..state.characters import chosen_table, maps_folder, matched, performance_of_rig
from ..state.scene_lookup import active_rig
from ..state.translation import report, translate
from ..state.typed import (
    ExportHelper,
    Result,
    answer,
    character_settings,
    head_settings,
    registration_of,
    windows_of,
)

if TYPE_CHECKING:
    pass


def _needs_character(operator: Any, context: Context) -> bool:
    if character_settings(context).target is None:
        operator.poll_message_set("Choose a character first")
        return False
    return True


class _OnCharacter:
    """What all operators on the chosen character do: say how it went, or why it did not.

    Attributes:
        broken_off: the answer where it did not; only what is finished can be undone.
    """

    broken_off: Result = {"CANCELLED"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: Context) -> bool:
        return _needs_character(cls, context)

    def execute(self, context: Context) -> Result:
        try:
            self.work(context)
        except MienError as error:
            answer(self).report({"ERROR"}, translate(str(error)))
            return self.broken_off
        return {"FINISHED"}

    def work(self, context: Context) -> None:
        """Do it, and keep what came of it for the panel."""
        raise NotImplementedError


class MatchCharacter(_OnCharacter, Operator):
    """Find out which keys and bones of the character would move, without moving them"""

    bl_idname = "mien.match_character"
    bl_label = "Match"
    bl_options = {"REGISTER"}  # noqa: RUF012

    def work(self, context: Context) -> None:
        avatar_report.show(matched(context))


class MoveCharacter(_OnCharacter, Operator):
    """Key the captured performance onto the character"""

    bl_idname = "mien.retarget"
    bl_label = "Apply to Character"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012
    broken_off: Result = {"FINISHED"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: Context) -> bool:
        if active_rig(context) is None:
            cls.poll_message_set("Select a captured head first")
            return False
        return _needs_character(cls, context)

    def work(self, context: Context) -> None:
        from ...avatar.retarget_file import retarget

        rig, chosen = active_rig(context), character_settings(context)
        assert rig is not None
        shot = retarget(
            scene_of(context), performance_of_rig(rig), chosen.target.name, chosen_table(context),
            maps_folder(), head_settings(rig).keying(), chosen.head_motion, chosen.guesses,
        )  # fmt: skip
        avatar_report.show(shot.match, shot.keyed, rig.name)
        report(
            self, "INFO", "{} keys and {} bones keyed", len(shot.keyed.keys), len(shot.keyed.bones)
        )


class GenerateKeys(_OnCharacter, Operator):
    """Give the character's face the 52 ARKit shape keys; takes half a minute"""

    bl_idname = "mien.generate_keys"
    bl_label = "Generate ARKit Keys"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: Context) -> bool:
        target = character_settings(context).target
        if target is not None and target.type != "MESH":
            cls.poll_message_set("Choose the mesh of the character's face first")
            return False
        return _needs_character(cls, context)

    def work(self, context: Context) -> None:
        from ...avatar.generating import generate_keys
        from ..state import heads

        windows = windows_of(context)
        windows.progress_begin(0, 100)
        try:
            quality = generate_keys(
                character_settings(context).target, heads.loaded_head(),
                lambda share: windows.progress_update(round(100 * share)),
            )  # fmt: skip
        finally:
            windows.progress_end()
        if quality.doubtful:
            report(self, "WARNING", "Look at these keys: {}", ", ".join(quality.doubtful))
        avatar_report.show_lines(tuple(quality.report().splitlines()))


class SaveMap(_OnCharacter, Operator, ExportHelper):
    """Write down what moves the character, to be edited and used again"""

    bl_idname = "mien.save_map"
    bl_label = "Save Mapping"
    bl_options = {"REGISTER"}  # noqa: RUF012
    filename_ext = ".toml"

    filter_glob: StringProperty(default="*.toml", options={"HIDDEN"})

    def invoke(self, context: Context, event: bpy.types.Event) -> Result:
        name = bpy.path.clean_name(character_settings(context).target.name)
        self.filepath = str(maps_folder() / f"{name}.toml")
        return ExportHelper.invoke(self, context, event)

    def work(self, context: Context) -> None:
        from dataclasses import replace

        from ...core.retarget.files import save_table

        chosen, found = character_settings(context), matched(context)
        save_table(replace(found.table, name=chosen.target.name), Path(self.filepath))
        chosen.map = self.filepath
        avatar_report.show(found)


CLASSES = (MatchCharacter, MoveCharacter, GenerateKeys, SaveMap)

register, unregister = registration_of(CLASSES)
