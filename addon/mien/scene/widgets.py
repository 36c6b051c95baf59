# SPDX-License-Identifier: GPL-3.0-or-later
"""What the bones are drawn as: a halo over the head, a ring before each eye, so that nothing hides the face."""

import bpy
import numpy as np
from bpy.types import Object, PoseBone

from ..core.model.head import Head
from ..core.model.params import N_EXPRESSION, FloatArray
from .axes import points_to_scene

RING = "Mien Ring"
"""The object that all rings share. It is in no scene, as other rigs' widgets are not."""
SEGMENTS = 32
"""Corners of a ring: round at the size at which bones are drawn."""
HALO, ABOVE = 0.06, 0.015
"""Radius of the head's ring, and how far over the crown it hangs, metres."""
EYE_RING = 0.018
"""Radius of an eye's ring, metres: about the lids' opening."""


def ring() -> Object:
    """A circle of radius 1 about the second axis, made the first time."""
    found = bpy.data.objects.get(RING)
    if found is not None and found.type == "MESH" and not found.users_collection:
        return found
    angles = np.linspace(0, 2 * np.pi, SEGMENTS, endpoint=False)
    points = np.stack([np.cos(angles), np.zeros(SEGMENTS), np.sin(angles)], axis=1)
    mesh = bpy.data.meshes.new(RING)
    edges = [(i, (i + 1) % SEGMENTS) for i in range(SEGMENTS)]
    mesh.from_pydata(points.tolist(), edges, [])
    return bpy.data.objects.new(RING, mesh)


def remove_unused_ring() -> None:
    """Take the ring away if no bone is drawn as it any more."""
    found = bpy.data.objects.get(RING)
    if found is not None and found.users == 0:
        bpy.data.batch_remove([found, found.data])


def draw_as_halo(bone: PoseBone, head: Head, identity: FloatArray) -> None:
    """Draw the head's bone as a ring over the crown of a person ``(40,)``."""
    shape = points_to_scene(head.shape(identity, np.zeros(N_EXPRESSION, np.float32)))
    crown = shape[shape[:, 2].argmax()] * [0, 1, 1] + [0, 0, ABOVE]
    _draw(bone, HALO, np.asarray(crown, np.float32))


def draw_as_eye_ring(bone: PoseBone) -> None:
    """Draw an eye's bone as a ring at its end."""
    _draw(bone, EYE_RING, np.array(bone.bone.tail_local, np.float32))


def _draw(bone: PoseBone, radius: float, centre: FloatArray) -> None:
    """Use the ring for a bone, with its centre at a place of the armature at rest."""
    rest = bone.bone
    bone.custom_shape = ring()
    bone.use_custom_shape_bone_size = False
    bone.custom_shape_scale_xyz = (radius, radius, radius)
    away = centre - np.array(rest.head_local, np.float32)
    bone.custom_shape_translation = (away @ np.array(rest.matrix_local.to_3x3())).tolist()
    rest.show_wire = True
