# SPDX-License-Identifier: GPL-3.0-or-later
"""Captured heads in the scene: which rig, which mesh, which camera. Light, because panels ask often."""

from typing import cast

from bpy.types import Context, Object, Operator

from ...scene.typed import armature_data, has_keys, keys_of, loose, present, scene_of
from .typed import head_settings

OWN_KEY = "identity_00"
"""A shape key that Mien's head has and nothing else is likely to."""


def rig_of(thing: Object | None) -> Object | None:
    """The rig of a captured head that an object is or belongs to."""
    while thing is not None:
        if thing.type == "ARMATURE" and head_settings(thing).take:
            return thing
        thing = thing.parent
    return None


def mesh_of(rig: Object) -> Object | None:
    """The head that a rig moves: not a hat or lashes with shape keys of their own, nor a copy of the head."""
    built = head_settings(rig).mesh
    if built is not None and built.users_scene and _is_head(built) and _moves(rig, built):
        return built
    found = [c for c in rig.children if _is_head(c)]
    return next((c for c in found if _moves(rig, c)), found[0] if found else None)


def _is_head(thing: Object) -> bool:
    return has_keys(thing) and OWN_KEY in keys_of(thing).key_blocks


def _moves(rig: Object, mesh: Object) -> bool:
    return any(m.type == "ARMATURE" and loose(m).object == rig for m in mesh.modifiers)


def refusal(rig: Object) -> str:
    """Why a head cannot be keyed anew; empty if it can. Asks for names only, because panels ask often."""
    from ...core.model.arkit import ARKIT_BLENDSHAPES
    from ...core.model.params import N_EXPRESSION
    from ...scene.mesh import expression_key
    from ...scene.rig import BONE, EYES

    if rig.library is not None or rig.override_library is not None:
        return (
            f"{rig.name} comes from another file; adjust it there, or make it this file's own (Object > Relations "
            "> Make Local)."
        )
    mesh = mesh_of(rig)
    if mesh is None:
        return f"{rig.name} has no head mesh any more; capture again."
    bones, keys = armature_data(rig).bones, keys_of(mesh).key_blocks
    lost = [name for name in (BONE, *EYES) if name not in bones]
    lost += [
        name
        for name in (*ARKIT_BLENDSHAPES, *map(expression_key, range(N_EXPRESSION)))
        if name not in keys
    ]
    if lost:
        return f"{rig.name} lacks {lost[0]}, which its take moves; put back what was renamed or removed."
    return ""


def active_rig(context: Context) -> Object | None:
    """The rig of the active object's head, or the only one in the scene."""
    rig = rig_of(context.active_object)
    if rig is None:
        rigs = [o for o in scene_of(context).objects if o.type == "ARMATURE" and rig_of(o) == o]
        rig = rigs[0] if len(rigs) == 1 else None
    return rig


def camera_of(rig: Object) -> Object | None:
    """The camera that sees a head where the footage shows the face, if it is still there."""
    camera = head_settings(rig).camera
    return camera if camera is not None and camera.users_scene else None


def chosen_rig(context: Context) -> Object:
    """The rig of the head that an operator whose poll has found one works on."""
    return present(active_rig(context))


class OnHead:
    """Part of an operator: it works on a captured head."""

    @classmethod
    def poll(cls, context: Context) -> bool:
        if active_rig(context) is None:
            cast(type[Operator], cls).poll_message_set("Select a captured head first")
            return False
        return True


class OnCamera:
    """Part of an operator: it works with the camera of a captured head."""

    @classmethod
    def poll(cls, context: Context) -> bool:
        rig = active_rig(context)
        if rig is None or camera_of(rig) is None:
            cast(type[Operator], cls).poll_message_set(
                "Select a captured head that still has its camera first"
            )
            return False
        return True
