# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel "Review": overlays, cameras, and the stretches in which the face was lost."""

import bpy
from bpy.types import Context, Object, Panel, UILayout

from ...core.errors import MienError
from ...core.take.take import Take
from ...scene.typed import scene_of
from ..operators import cameras
from ..state.scene_lookup import active_rig
from ..state.translation import iface, translate
from ..state.typed import head_settings, layout_of
from .layout import Sidebar, message

LOST_SHOWN = 12
"""Stretches that are listed; more would push the rest of the panel away."""


class ReviewPanel(Sidebar, Panel):
    """What was captured and where it was lost."""

    bl_idname = "MIEN_PT_review"
    bl_label = "Review"
    bl_order = 1

    @classmethod
    def poll(cls, context: Context) -> bool:
        return active_rig(context) is not None

    def draw(self, context: Context) -> None:
        """Draw the switches and the lost stretches."""
        from ..state import heads

        layout, manager = layout_of(self), context.window_manager
        rig = active_rig(context)
        assert rig is not None
        row = layout.row(align=True)
        row.prop(manager, "mien_strip", toggle=True, icon="SEQ_HISTOGRAM")
        row.prop(manager, "mien_landmarks", toggle=True, icon="STICKY_UVS_DISABLE")
        row = layout.row(align=True)
        through, split = cameras.looks_through(context), cameras.is_split(context)
        row.operator("mien.match_camera", icon="CAMERA_DATA", depress=through)
        row.operator("mien.side_by_side", icon="SPLIT_VERTICAL", depress=split)
        row = layout.row()
        row.active = through
        row.prop(head_settings(rig), "fade", slider=True)
        if not heads.opened(rig):
            text = iface(
                "This file names the take {}; open it if you know where the file comes from."
            )
            message(layout, context, text.format(heads.named(rig)), icon="FILE")
            layout.operator("mien.open_take", icon="FILE_FOLDER")
            return
        try:
            take, _ = heads.take_of(rig)
        except MienError as error:
            message(layout, context, translate(str(error)))
            return
        lost = int((~take.found).sum())
        row = layout.row()
        text = iface("{:d} frames, {:d} without a face").format(len(take), lost)
        row.label(text=text, translate=False)
        jumps = row.row(align=True)
        jumps.alignment = "RIGHT"
        jumps.operator("mien.go_to_doubt", text="", icon="TRIA_LEFT").direction = "BACK"
        jumps.operator("mien.go_to_doubt", text="", icon="TRIA_RIGHT").direction = "ON"
        if lost:
            _draw_lost(layout, context, rig, take)


def _draw_lost(layout: UILayout, context: Context, rig: Object, take: Take) -> None:
    from ..overlay.strip import kinds_of, runs_of
    from ..state import heads

    frames = heads.frames_of_take(rig, scene_of(context), take)
    starts, ends = runs_of(kinds_of(take), 2)
    column = layout.column(align=True)
    for start, end in list(zip(starts, ends, strict=True))[:LOST_SHOWN]:
        first, last = float(frames[start]), float(frames[end - 1])
        text = iface("Lost from {:.0f} to {:.0f}").format(first, last)
        column.operator("mien.go_to", text=text, icon="ERROR", translate=False).frame = first
    if len(starts) > LOST_SHOWN:
        text = iface("and {:d} more").format(len(starts) - LOST_SHOWN)
        layout.label(text=text, translate=False)


def register() -> None:
    """Add the panel."""
    bpy.utils.register_class(ReviewPanel)


def unregister() -> None:
    """Take it away."""
    bpy.utils.unregister_class(ReviewPanel)
