# SPDX-License-Identifier: GPL-3.0-or-later
"""Captured heads in the scene: which rig, which mesh, which camera. Light, because panels ask often."""

from bpy.types import Context, Object, Operator

from ...scene.typed import has_keys, keys_of, scene_of
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
    """The head that a rig moves: not a hat or lashes with shape keys of their own."""
    meshes = [c for c in rig.children if has_keys(c)]
    return next((c for c in meshes if OWN_KEY in keys_of(c).key_blocks), None)


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


def needs_head(operator: type[Operator], context: Context) -> bool:
    """Poll of what works on a captured head."""
    if active_rig(context) is None:
        operator.poll_message_set("Select a captured head first")
        return False
    return True


def needs_camera(operator: type[Operator], context: Context) -> bool:
    """Poll of what works with the camera of a captured head."""
    rig = active_rig(context)
    if rig is None or camera_of(rig) is None:
        operator.poll_message_set("Select a captured head that still has its camera first")
        return False
    return True
