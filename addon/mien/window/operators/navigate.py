# SPDX-License-Identifier: GPL-3.0-or-later
"""Going to the stretches of a take in which the face was lost or is unsure."""

import numpy as np
from bpy.props import EnumProperty, FloatProperty
from bpy.types import Context, Operator

from ...core.errors import MienError
from ...scene.typed import scene_of
from ..state.scene_lookup import OnHead, active_rig
from ..state.translation import report, translate
from ..state.typed import Result, registration_of

LAST_FRAME = 1_048_574
"""Blender's scenes have no frame beyond this."""


class GoToFrame(Operator):
    """Go to this frame"""

    bl_idname = "mien.go_to"
    bl_label = "Go To"

    frame: FloatProperty(name="Frame", min=-LAST_FRAME, max=LAST_FRAME)

    def execute(self, context: Context) -> Result:
        scene_of(context).frame_set(int(self.frame // 1), subframe=self.frame % 1)
        return {"FINISHED"}


class JumpToLowConfidence(OnHead, Operator):
    """Go to the nearest stretch in which the face was lost or is unsure"""

    bl_idname = "mien.go_to_doubt"
    bl_label = "Go to Doubtful Stretch"

    direction: EnumProperty(
        name="Direction",
        items=(("BACK", "Previous", "Before this frame"), ("ON", "Next", "After this frame")),
    )

    def execute(self, context: Context) -> Result:
        from ..overlay.strip import kinds_of, runs_of
        from ..state import heads

        rig, scene = active_rig(context), scene_of(context)
        assert rig is not None
        try:
            take, _ = heads.take_of(rig)
        except MienError as error:
            self.report({"ERROR"}, translate(str(error)))
            return {"CANCELLED"}
        starts = runs_of(np.minimum(kinds_of(take), 1), 1)[0]
        frames = heads.frames_of_take(rig, scene, take)[starts]
        ahead = (frames - scene.frame_current_final) * (1 if self.direction == "ON" else -1)
        if not (ahead > 1e-3).any():
            report(self, "INFO", "There is no doubtful stretch on that side")
            return {"CANCELLED"}
        frame = float(frames[np.where(ahead > 1e-3, ahead, np.inf).argmin()])
        scene.frame_set(int(frame // 1), subframe=frame % 1)
        return {"FINISHED"}


CLASSES = (GoToFrame, JumpToLowConfidence)

register, unregister = registration_of(CLASSES)
