# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel "Avatar": a captured performance onto a character of the scene."""

from bpy.types import Context, Panel

from ..operators.characters import GenerateKeys, MatchCharacter, MoveCharacter, SaveMap, told
from ..state.typed import character_settings, layout_of, registration_of
from .layout import Sidebar, aligned, message


class CharacterPanel(Sidebar, Panel):
    """Character, mapping, and what moves of it."""

    bl_idname = "MIEN_PT_character"
    bl_label = "Avatar"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012
    bl_order = 3

    def draw(self, context: Context) -> None:
        """Draw the choice and the buttons, and the last report."""
        layout = aligned(layout_of(self))
        chosen = character_settings(context)
        layout.prop(chosen, "target")
        layout.prop(chosen, "map")
        layout.prop(chosen, "head_motion")
        row = layout.row()
        row.scale_y = 1.4
        row.operator(MoveCharacter.bl_idname, icon="ARMATURE_DATA")
        row = layout.row(align=True)
        row.operator(MatchCharacter.bl_idname, icon="VIEWZOOM")
        row.operator(SaveMap.bl_idname, icon="FILE_TICK")
        layout.operator(GenerateKeys.bl_idname, icon="SHAPEKEY_DATA")
        for line in told():
            message(layout, context, line, "DOT")


CLASSES = (CharacterPanel,)

register, unregister = registration_of(CLASSES)
