# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel "Live": a camera that moves a head."""

import bpy
from bpy.types import Context, Panel

from ..state import capture_session
from ..state.typed import capture_settings, layout_of
from .layout import Sidebar, aligned


class LivePanel(Sidebar, Panel):
    """The camera, and the button that starts it."""

    bl_idname = "MIEN_PT_live"
    bl_label = "Live from Camera"
    bl_parent_id = "MIEN_PT_capture"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012
    bl_order = 1

    @classmethod
    def poll(cls, _: Context) -> bool:
        return not capture_session.busy()

    def draw(self, context: Context) -> None:
        """Draw the camera's number, the smoothing, the rest, and the button."""
        layout = aligned(layout_of(self))
        layout.prop(capture_settings(context), "camera")
        layout.prop(capture_settings(context), "live_smoothing")
        layout.operator("mien.live", text="Start Camera", icon="OUTLINER_OB_CAMERA")


def register() -> None:
    """Add the panel."""
    bpy.utils.register_class(LivePanel)


def unregister() -> None:
    """Take it away."""
    bpy.utils.unregister_class(LivePanel)
