# SPDX-License-Identifier: GPL-3.0-or-later
"""What the panels have in common."""

from typing import TYPE_CHECKING, Literal, TypeAlias

from bpy.types import Context, UILayout

from ...scene.typed import present
from ..state.typed import interface_scale

if TYPE_CHECKING:
    from bpy.types import Panel as _Panel
else:
    _Panel = object  # Blender would register it as a panel of its own

TAB = "Mien"
Icon: TypeAlias = Literal["ERROR", "FILE", "INFO", "DOT", "BLANK1"]
_LETTER = 6.3
"""Pixels of an average letter at the usual size of the interface."""


class Sidebar(_Panel):
    """A panel in the tab of the 3D viewport's sidebar."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = TAB


def aligned(layout: UILayout) -> UILayout:
    """Names on the left, values on the right, no dots to animate with."""
    layout.use_property_split = True
    layout.use_property_decorate = False
    return layout


def message(layout: UILayout, context: Context, text: str, icon: Icon = "ERROR") -> UILayout:
    """A sentence in as many lines as the sidebar's width asks for, in a box; the box."""
    scale = interface_scale()
    width = max(16, int((present(context.region).width / scale - 70) / _LETTER))
    box = layout.box()
    column = box.column(align=True)
    column.scale_y = 0.8
    for number, line in enumerate(_lines(text, width)):
        column.label(text=line, icon="BLANK1" if number else icon, translate=False)
    return box


def _lines(text: str, width: int) -> list[str]:
    """Lines of at most ``width`` letters; wide letters of other scripts count twice."""
    lines, length = [""], 0
    for word in text.replace("\uff0c", "\uff0c ").replace("\u3002", "\u3002 ").split(" "):
        wide = sum(2 if ord(c) > 0x2E80 else 1 for c in word)
        if lines[-1] and length + wide + 1 > width:
            lines.append("")
            length = 0
        while wide > width:  # a long path
            lines[-1], word = lines[-1] + word[:width], word[width:]
            lines.append("")
            wide = len(word)
        lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
        length += wide + 1
    return [line for line in lines if line.strip()]
