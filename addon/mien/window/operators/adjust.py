# SPDX-License-Identifier: GPL-3.0-or-later
"""Adjusting a captured head: sliders key it anew at once; neutral face, baking."""

import bpy
from bpy.props import EnumProperty
from bpy.types import Context, Event, Object, Operator

from ...core.errors import MienError
from ...core.modes import Hair, NeutralFace
from ...scene.typed import scene_of
from ..state.scene_lookup import OnHead, active_rig, chosen_rig, mesh_of, refusal
from ..state.settings import suspend_updates, when_changed, when_restyled
from ..state.translation import report, translate
from ..state.typed import Result, head_settings, windows_of

_of = ""
_problem = ""
_changed: tuple[str, ...] = ()
BAKED = "Review and Adjust go away for this head, because they need its take; the take's file stays"


def problem(rig: Object | None = None) -> str:
    """Why the last adjustment could not be done; empty if it could, or if it was another head's."""
    return _problem if rig is None or rig.name == _of else ""


def changed(rig: Object) -> tuple[str, ...]:
    """What was in the way of a head's last adjustment and was changed, a line for each kind."""
    return _changed if rig.name == _of else ()


def apply(rig: Object, context: Context) -> None:
    """Key a head anew after one of its settings was changed."""
    global _of, _problem, _changed
    if not head_settings(rig).take:
        return
    from ..state import heads

    _of, _problem, _changed = rig.name, "", ()
    try:
        _changed = tuple(heads.key_again(rig, scene_of(context)))
    except MienError as error:
        _problem = str(error)


def restyle(rig: Object, context: Context) -> None:
    """Give a head the hair that was chosen for it."""
    global _of, _problem, _changed
    if not head_settings(rig).take:
        return
    from ...scene.hair import change_hair
    from ..state import heads

    _of, _problem, _changed = rig.name, refusal(rig), ()
    mesh = mesh_of(rig)
    if _problem or mesh is None:
        return
    try:
        change_hair(mesh, heads.loaded_head(), Hair(head_settings(rig).hair))
    except MienError as error:
        _problem = str(error)


class Neutral(OnHead, Operator):
    """Take the face in a part of the footage for the face at rest"""

    bl_idname = "mien.neutral"
    bl_label = "Neutral Face"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    part: EnumProperty(
        name="Part",
        items=(
            ("FRAME", "This Frame", "The face in the current frame"),
            ("RANGE", "Playback Range", "The median of the faces in the preview range, or in all"),
        ),
    )

    def execute(self, context: Context) -> Result:
        from ..state import heads

        rig, scene = active_rig(context), scene_of(context)
        assert rig is not None
        first = last = scene.frame_current_final
        if self.part == "RANGE":
            ranged = scene.use_preview_range
            first = scene.frame_preview_start if ranged else scene.frame_start
            last = scene.frame_preview_end if ranged else scene.frame_end
        try:
            span = heads.times_between(rig, scene, first, last)
        except MienError as error:
            self.report({"ERROR"}, translate(str(error)))
            return {"CANCELLED"}
        with suspend_updates():  # two settings, one keying
            head_settings(rig).neutral = span
            head_settings(rig).neutral_face = NeutralFace.RANGE
        apply(rig, context)
        if problem():
            self.report({"ERROR"}, translate(problem()))
            return {"CANCELLED"}
        return {"FINISHED"}


class ResetAdjustments(OnHead, Operator):
    """Go back to the face as it was captured, with the usual smoothing"""

    bl_idname = "mien.reset"
    bl_label = "Reset"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    def execute(self, context: Context) -> Result:
        rig = chosen_rig(context)
        with suspend_updates():
            for name in head_settings(rig).adjustable():
                head_settings(rig).property_unset(name)
        apply(rig, context)
        return {"FINISHED"}


class Bake(OnHead, Operator):
    """Leave plain keyframes behind: the file then plays without Mien and without the take"""

    bl_idname = "mien.bake"
    bl_label = "Bake to Keyframes"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    def invoke(self, context: Context, event: Event) -> Result:
        """Ask first: what the take is needed for goes away."""
        return windows_of(context).invoke_confirm(
            self, event, title="Bake to Keyframes", message=BAKED, confirm_text="Bake"
        )

    def execute(self, context: Context) -> Result:
        rig = chosen_rig(context)
        head_settings(rig).take = ""
        report(self, "INFO", "{} holds plain keyframes now; it no longer needs its take", rig.name)
        return {"FINISHED"}


CLASSES = (Neutral, ResetAdjustments, Bake)


def register() -> None:
    """Add the operators, and let a head follow whenever one of its settings is changed."""
    for one in CLASSES:
        bpy.utils.register_class(one)
    when_changed.append(apply)
    when_restyled.append(restyle)


def unregister() -> None:
    """Take them away."""
    when_changed.clear()
    when_restyled.clear()
    for one in reversed(CLASSES):
        bpy.utils.unregister_class(one)
