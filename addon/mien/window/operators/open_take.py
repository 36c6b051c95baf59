# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening the take that a .blend file names; no path in a file is followed before that."""

from bpy.types import Context, Operator

from ...core.errors import MienError
from ..state.scene_lookup import OnHead, chosen_rig
from ..state.translation import translate
from ..state.typed import Result, registration_of


class OpenTake(OnHead, Operator):
    """Read the take that this file names, to review and adjust the head"""

    bl_idname = "mien.open_take"
    bl_label = "Open Take"

    def execute(self, context: Context) -> Result:
        from ..state import heads

        rig = chosen_rig(context)
        try:
            heads.open_take(rig)
        except MienError as error:
            self.report({"ERROR"}, translate(str(error)))
            return {"CANCELLED"}
        return {"FINISHED"}


register, unregister = registration_of((OpenTake,))
