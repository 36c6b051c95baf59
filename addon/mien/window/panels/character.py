# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel "Avatar": a captured performance onto a character of the scene."""

from typing import Any

from bpy.types import Context, Panel, UILayout, UIList

from ..operators.characters import GenerateKeys, MatchCharacter, MoveCharacter, SaveMap
from ..operators.choose_file import ChooseMap
from ..state.avatar_report import DOUBTFUL, MATCHED, MISSING, report
from ..state.scene_lookup import active_rig
from ..state.translation import iface
from ..state.typed import (
    character_settings,
    layout_of,
    registration_of,
    switches,
    windows_of,
)
from .layout import Sidebar, aligned, message

ICONS: dict[str, Any] = {MATCHED: "CHECKMARK", DOUBTFUL: "QUESTION", MISSING: "X"}
ROWS = 6
"""Of the table that are seen at once; the rest is scrolled to."""


class ReportList(UIList):
    """A blendshape a row: whether it moves anything, and what."""

    bl_idname = "MIEN_UL_report"

    def draw_item(  # Blender counts the arguments
        self, _: Context, layout: UILayout, _data: Any, row: Any, _icon: int | None, _active: Any,
        _name: str | None, _index: int | None, _flags: int | None,
    ) -> None:  # fmt: skip
        """Draw the state, the blendshape's name, and what it moves."""
        split = layout.split(factor=0.5)
        split.label(text=row.name, icon=ICONS[row.state], translate=False)
        split.label(text=row.what or "\u2013", translate=False)


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
        row = layout.row(align=True)
        row.prop(chosen, "map")
        row.operator(ChooseMap.bl_idname, text="", icon="FILE_FOLDER")
        layout.prop(chosen, "head_motion")
        rig = active_rig(context)
        _line(layout, iface("Captured Head"), rig.name if rig else iface("none is selected"))
        row = layout.row()
        row.scale_y = 1.4
        row.operator(MoveCharacter.bl_idname, icon="ARMATURE_DATA")
        row = layout.row(align=True)
        row.operator(MatchCharacter.bl_idname, icon="VIEWZOOM")
        row.operator(SaveMap.bl_idname, icon="FILE_TICK")
        layout.operator(GenerateKeys.bl_idname, icon="SHAPEKEY_DATA")
        for line in report.lines:
            message(layout, context, line, "DOT")
        if report.match is not None:
            _draw_report(layout, context)


def _draw_report(layout: UILayout, context: Context) -> None:
    """The comparison of names: numbers first, then a row for each blendshape."""
    manager, match, keyed = windows_of(context), report.match, report.keyed
    assert match is not None
    states = [row.state for row in switches(manager).mien_report]
    table = layout.column(align=True)
    if keyed is not None:
        done = iface("{:d} keys, {:d} bones").format(len(keyed.keys), len(keyed.bones))
        _line(table, iface("Applied"), report.applied)
        _line(table, iface("Keyed"), done)
    _line(table, iface("Table"), match.source or iface("none fits"))
    matched = iface("{:d} of {:d} blendshapes").format(
        states.count(MATCHED), len(match.unreached) + states.count(MATCHED)
    )
    _line(table, iface("Matched"), matched)
    _line(table, iface("Missing"), str(states.count(MISSING)))
    _line(table, iface("Doubtful"), str(states.count(DOUBTFUL)))
    skeleton = match.table.skeleton
    turned = keyed.turned if keyed is not None else ""
    bones = ", ".join((skeleton.head, *skeleton.neck)) if skeleton.head else turned
    _line(table, iface("Head Turns"), bones or iface("no bone"))
    if keyed is not None and keyed.held:
        _line(table, iface("Held by Parents"), ", ".join(keyed.held))
    layout.template_list(
        ReportList.bl_idname, "", manager, "mien_report", manager, "mien_report_row", rows=ROWS
    )
    if DOUBTFUL in states or character_settings(context).guesses:
        layout.prop(character_settings(context), "guesses")


def _line(layout: UILayout, name: str, value: str) -> None:
    split = layout.split(factor=0.4)
    left = split.row()
    left.alignment = "RIGHT"
    left.label(text=name, translate=False)
    split.label(text=value, translate=False)


CLASSES = (ReportList, CharacterPanel)

register, unregister = registration_of(CLASSES)
