# SPDX-License-Identifier: GPL-3.0-or-later
"""Stopping what runs, and taking away the message about how it ended."""

from bpy.types import Context, Operator

from ...core.modes import State
from ..state import capture_session
from ..state.typed import Result, registration_of


class StopCapture(Operator):
    """Stop the capture and keep what was captured so far"""

    bl_idname = "mien.stop"
    bl_label = "Cancel"

    @classmethod
    def poll(cls, context: Context) -> bool:
        if not capture_session.busy():
            cls.poll_message_set("No capture is running")
            return False
        return True

    def execute(self, context: Context) -> Result:
        capture_session.stop()
        return {"FINISHED"}


class Dismiss(Operator):
    """Take the message away"""

    bl_idname = "mien.dismiss"
    bl_label = "Dismiss"

    @classmethod
    def poll(cls, context: Context) -> bool:
        return capture_session.status().state == State.FAILED and not capture_session.busy()

    def execute(self, context: Context) -> Result:
        capture_session.forget()
        capture_session.redraw(context)
        return {"FINISHED"}


CLASSES = (StopCapture, Dismiss)

register, unregister = registration_of(CLASSES)
