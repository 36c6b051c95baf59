# SPDX-License-Identifier: GPL-3.0-or-later
"""The armature: a bone ``head`` that carries the head, and in it one for each eye."""

import bpy
import numpy as np
from bpy.types import Collection, Object

from ..core.model.eyeballs import eye_centres, eye_turns
from ..core.model.head import Head
from ..core.model.params import FloatArray
from ..core.model.parts import shown_head
from ..core.model.rotation import to_quaternions, unroll
from .axes import points_to_scene, rotations_to_scene
from .typed import armature_data, as_floats, layer_of, loose, mesh_data, pose_of
from .widgets import draw_as_eye_ring, draw_as_halo

BONE = "head"
EYES = ("eye_left", "eye_right")
"""Bones of the eyes, left and right being the subject's."""
PIVOT = np.array([0.0, -0.055, -0.015], np.float32)
"""Where the skull sits on the neck, in model space: the head turns about it."""
LENGTH, EYE_LENGTH = 0.16, 0.03
"""Metres of the head's bone and of an eye's, so that they are seen through the skin (chosen by eye)."""


def build_rig(name: str, collection: Collection, head: Head, identity: FloatArray) -> Object:
    """Make the armature object and link it.

    At rest the bone of the head stands upright in it, and those of the eyes look ahead.

    Args:
        name: of the object.
        collection: to link it to.
        head, identity: whose eyes the bones are put into, ``(40,)``.
    """
    armature = bpy.data.armatures.new(name)
    rig = bpy.data.objects.new(name, armature)
    collection.objects.link(rig)
    with _editing(rig):
        bone = armature.edit_bones.new(BONE)
        pivot = points_to_scene(PIVOT)
        bone.head = as_floats(pivot)
        bone.tail = as_floats(pivot + np.array([0, 0, LENGTH], np.float32))
        for eye, centre in zip(EYES, points_to_scene(eye_centres(head, identity)), strict=True):
            inner = armature.edit_bones.new(eye)
            inner.head = centre
            inner.tail = centre + np.array([0, -EYE_LENGTH, 0], np.float32)
            inner.parent = bone
    for posed in pose_of(rig).bones:
        posed.rotation_mode = "QUATERNION"
    draw_as_halo(pose_of(rig).bones[BONE], head, identity)
    for eye in EYES:
        pose_of(rig).bones[eye].lock_location = (True, True, True)
        draw_as_eye_ring(pose_of(rig).bones[eye])
    armature.display_type = "STICK"
    return rig


def bind(mesh: Object, rig: Object, head: Head) -> None:
    """Let the bones of the eyes move the eyes, and that of the head every other vertex."""
    rest = np.ones(len(mesh_data(mesh).vertices), bool)
    for name, vertices in zip(EYES, shown_head(head).eyes, strict=True):
        rest[vertices] = False
        mesh.vertex_groups.new(name=name).add(vertices.tolist(), 1.0, "REPLACE")
    group = mesh.vertex_groups.new(name=BONE)
    group.add(np.flatnonzero(rest).tolist(), 1.0, "REPLACE")
    modifier = mesh.modifiers.new("Armature", "ARMATURE")
    loose(modifier).object = rig
    mesh.parent = rig


def bone_channels(rig: Object, position: FloatArray, rotation: FloatArray) -> FloatArray:
    """Location and quaternion channels ``(F, 7)`` of the bone for a moving head.

    Args:
        rig: the armature object.
        position: ``(F, 3)`` of the model's origin in the scene, metres.
        rotation: ``(F, 3, 3)`` of the head in the scene.
    """
    rest = np.array(armature_data(rig).bones[BONE].matrix_local.to_3x3(), np.float32)
    pivot = points_to_scene(PIVOT)
    moved = position + rotation @ pivot - pivot
    local = moved @ rest  # rest is orthonormal: this multiplies by its inverse
    turned = rest.T @ rotation @ rest
    return np.column_stack([local, unroll(to_quaternions(turned))]).astype(np.float32)


def eye_channels(rig: Object, eyes: FloatArray) -> FloatArray:
    """Quaternion channels ``(2, F, 4)`` of the bones of the eyes.

    Args:
        rig: the armature object.
        eyes: ``(F, 2, 2)`` yaw and pitch of each, see :func:`mien.core.model.gaze.gaze_from_blendshapes`.
    """
    out = []
    for index, name in enumerate(EYES):
        rest = np.array(armature_data(rig).bones[name].matrix_local.to_3x3(), np.float32)
        turned = rest.T @ rotations_to_scene(eye_turns(eyes[:, index])) @ rest
        out.append(unroll(to_quaternions(turned)))
    return np.stack(out)


class _editing:  # noqa: N801
    """Edit mode on an object, whatever was active before."""

    def __init__(self, thing: Object) -> None:
        self.thing = thing

    def __enter__(self) -> None:
        layer = layer_of(bpy.context)
        self.before = layer.objects.active
        if self.before is not None and self.before.mode != "OBJECT":
            bpy.ops.object.mode_set(mode="OBJECT")
        layer.objects.active = self.thing
        bpy.ops.object.mode_set(mode="EDIT")

    def __exit__(self, *_: object) -> None:
        bpy.ops.object.mode_set(mode="OBJECT")
        layer_of(bpy.context).objects.active = self.before
