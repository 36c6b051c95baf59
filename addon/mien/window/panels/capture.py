# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel "Capture from Video": footage, range, face, and how the capture stands."""

from bpy.types import Context, Panel, UILayout

from ...core.modes import State
from ..operators.choose_file import ChooseFootage
from ..operators.open_footage import UseOpenFootage
from ..operators.pick_face import PickFace
from ..state import capture_session, preload
from ..state.translation import translate
from ..state.typed import capture_settings, layout_of, registration_of
from . import progress
from .layout import Sidebar, aligned, message


class CapturePanel(Sidebar, Panel):
    """Footage, face and range, or the capture that runs."""

    bl_idname = "MIEN_PT_capture"
    bl_label = "Capture from Video"
    bl_order = 0

    def draw(self, context: Context) -> None:
        """Draw the settings, or the running capture."""
        preload.schedule()
        layout = aligned(layout_of(self))
        if capture_session.busy():
            progress.draw(layout)
            return
        settings = capture_settings(context)
        row = layout.row(align=True)
        row.prop(settings, "footage")
        row.operator(ChooseFootage.bl_idname, text="", icon="FILE_FOLDER")
        row.operator_menu_enum(UseOpenFootage.bl_idname, "which", text="", icon="DOWNARROW_HLT")
        row = layout.row(align=True)
        row.prop(settings, "faces")
        row.operator(PickFace.bl_idname, text="", icon="EYEDROPPER")
        layout.prop(settings, "match")
        layout.prop(settings, "refine")
        layout.prop(settings, "texture")
        row = layout.row()
        row.active = settings.texture
        row.prop(settings, "sequence")
        layout.prop(settings, "hair")
        row = layout.row()
        row.scale_y = 1.4
        row.operator("mien.capture", icon="PLAY")
        _draw_failure(layout, context)


class RangePanel(Sidebar, Panel):
    """Which part of the footage, and where it lies in the scene."""

    bl_idname = "MIEN_PT_range"
    bl_label = "Range"
    bl_parent_id = "MIEN_PT_capture"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012
    bl_order = 0

    @classmethod
    def poll(cls, _: Context) -> bool:
        return not capture_session.busy()

    def draw(self, context: Context) -> None:
        """Draw the settings."""
        layout = aligned(layout_of(self))
        settings = capture_settings(context)
        column = layout.column(heading="Part")
        column.prop(settings, "use_range", text="")
        part = column.column(align=True)
        part.active = settings.use_range
        part.prop(settings, "start")
        part.prop(settings, "end")
        row = layout.row(heading="Start Frame")
        row.prop(settings, "use_first", text="")
        value = row.row()
        value.active = settings.use_first
        value.prop(settings, "first", text="")


def _draw_failure(layout: UILayout, context: Context) -> None:
    """Why the last capture failed, until it is dismissed or another one begins."""
    status = capture_session.status()
    if status.state != State.FAILED or not status.message:
        return
    box = message(layout, context, translate(status.message))
    column = box.column(align=True)
    left = capture_session.recoverable_journal()
    if left is not None:
        column.operator("mien.use_left", icon="RECOVER_LAST")
    column.operator("mien.dismiss", icon="X")


CLASSES = (CapturePanel, RangePanel)

register, unregister = registration_of(CLASSES)
