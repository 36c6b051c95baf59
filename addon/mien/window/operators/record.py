# SPDX-License-Identifier: GPL-3.0-or-later
"""Recording what the camera sees, from the press of a button to the next."""

import bpy
from bpy.types import Context, Operator

from ..state import capture_session
from ..state.typed import Result
from .live import state


class Record(Operator):
    """Record from now on; press again to stop and build the recording"""

    bl_idname = "mien.record"
    bl_label = "Record"

    @classmethod
    def poll(cls, context: Context) -> bool:
        if not capture_session.busy() or state.head is None:
            cls.poll_message_set("Start the camera first, and wait until it shows a face")
            return False
        return True

    def execute(self, context: Context) -> Result:
        if state.recording is None:
            state.recording = state.now()
        else:
            capture_session.stop()
        capture_session.redraw(context)
        return {"FINISHED"}


def register() -> None:
    """Add the operator."""
    bpy.utils.register_class(Record)


def unregister() -> None:
    """Take it away."""
    bpy.utils.unregister_class(Record)
