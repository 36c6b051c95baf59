# SPDX-License-Identifier: GPL-3.0-or-later
"""The armature with its one bone, ``head``, that carries the head's rotation and translation."""

import bpy
import numpy as np
from bpy.types import Collection, Object

from ..core.params import FloatArray
from .axes import points_to_scene

BONE = "head"
PIVOT = np.array([0.0, -0.055, -0.015], np.float32)
"""Where the skull sits on the neck, in model space: the head turns about it."""
LENGTH = 0.16


def build_rig(name: str, collection: Collection) -> Object:
    """Make the armature object and link it; its bone stands upright in the head at rest."""
    armature = bpy.data.armatures.new(name)
    rig = bpy.data.objects.new(name, armature)
    collection.objects.link(rig)
    with _editing(rig):
        bone = armature.edit_bones.new(BONE)
        pivot = points_to_scene(PIVOT)
        bone.head = pivot
        bone.tail = pivot + np.array([0, 0, LENGTH], np.float32)
    rig.pose.bones[BONE].rotation_mode = "QUATERNION"
    rig.show_in_front = True
    armature.display_type = "STICK"
    return rig


def bind(mesh: Object, rig: Object) -> None:
    """Let the bone move every vertex of the mesh."""
    group = mesh.vertex_groups.new(name=BONE)
    group.add(range(len(mesh.data.vertices)), 1.0, "REPLACE")
    modifier = mesh.modifiers.new("Armature", "ARMATURE")
    modifier.object = rig
    mesh.parent = rig


def bone_channels(rig: Object, position: FloatArray, rotation: FloatArray) -> FloatArray:
    """Location and quaternion channels ``(F, 7)`` of the bone for a moving head.

    Args:
        rig: the armature object.
        position: ``(F, 3)`` of the model's origin in the scene, metres.
        rotation: ``(F, 3, 3)`` of the head in the scene.
    """
    from ..core.rotation import to_quaternions, unroll

    rest = np.array(rig.data.bones[BONE].matrix_local.to_3x3(), np.float32)
    pivot = points_to_scene(PIVOT)
    moved = position + rotation @ pivot - pivot
    local = moved @ rest  # rest is orthonormal: this multiplies by its inverse
    turned = rest.T @ rotation @ rest
    return np.column_stack([local, unroll(to_quaternions(turned))]).astype(np.float32)


class _editing:  # noqa: N801
    """Edit mode on an object, whatever was active before."""

    def __init__(self, thing: Object) -> None:
        self.thing = thing

    def __enter__(self) -> None:
        layer = bpy.context.view_layer
        self.before = layer.objects.active
        if self.before is not None and self.before.mode != "OBJECT":
            bpy.ops.object.mode_set(mode="OBJECT")
        layer.objects.active = self.thing
        bpy.ops.object.mode_set(mode="EDIT")

    def __exit__(self, *_: object) -> None:
        bpy.ops.object.mode_set(mode="OBJECT")
        bpy.context.view_layer.objects.active = self.before
