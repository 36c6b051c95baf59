# SPDX-License-Identifier: GPL-3.0-or-later
"""Adjusting a captured head: sliders key it anew at once; neutral face, baking."""

import bpy
from bpy.types import Context, Object, Operator

from ..core.errors import MienError
from .rigs import active_rig

_quiet = False
_problem = ""


def problem() -> str:
    """Why the last adjustment could not be done; empty if it could."""
    return _problem


def apply(rig: Object, context: Context) -> None:
    """Key a head anew after one of its settings was changed."""
    global _problem
    if _quiet or not rig.mien.take:
        return
    from . import heads

    try:
        heads.key_again(rig, context.scene)
        _problem = ""
    except MienError as error:
        _problem = str(error)


class NeutralHere(Operator):  # type: ignore[misc]
    """Take the face in the current frame for the face at rest"""

    bl_idname = "mien.neutral_here"
    bl_label = "Neutral from This Frame"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: Context) -> bool:
        return _poll_head(cls, context)

    def execute(self, context: Context) -> set[str]:
        global _quiet
        rig, scene = active_rig(context), context.scene
        assert rig is not None
        now = (scene.frame_current_final - scene.frame_start) * (
            scene.render.fps_base / scene.render.fps
        )
        _quiet = True  # two settings, one keying
        try:
            rig.mien.neutral = (max(0.0, now), max(0.0, now))
        finally:
            _quiet = False
        rig.mien.use_neutral = True
        if problem():
            self.report({"ERROR"}, problem())
            return {"CANCELLED"}
        return {"FINISHED"}


class Bake(Operator):  # type: ignore[misc]
    """Leave plain keyframes behind: the file then plays without Mien and without the take"""

    bl_idname = "mien.bake"
    bl_label = "Bake to Keyframes"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: Context) -> bool:
        return _poll_head(cls, context)

    def execute(self, context: Context) -> set[str]:
        rig = active_rig(context)
        assert rig is not None
        rig.mien.take = ""
        self.report({"INFO"}, f"{rig.name} holds plain keyframes now")
        return {"FINISHED"}


def _poll_head(operator: type[Operator], context: Context) -> bool:
    if active_rig(context) is None:
        operator.poll_message_set("Select a captured head first")
        return False
    return True


CLASSES = (NeutralHere, Bake)


def register() -> None:
    """Add the operators."""
    for one in CLASSES:
        bpy.utils.register_class(one)


def unregister() -> None:
    """Take them away."""
    for one in reversed(CLASSES):
        bpy.utils.unregister_class(one)
