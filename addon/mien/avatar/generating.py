# SPDX-License-Identifier: GPL-3.0-or-later
"""Gives a character's meshes the 52 ARKit blendshapes as shape keys."""

from collections.abc import Callable

import bpy
import numpy as np
from bpy.types import Mesh, Object

from ..core.errors import AvatarError
from ..core.model.arkit import ARKIT_BLENDSHAPES
from ..core.model.head import Head
from ..core.retarget.bones import Array
from ..core.retarget.files import library
from ..core.retarget.generate import generate
from ..core.retarget.match import match
from ..core.retarget.quality import Quality
from ..core.retarget.surface import Indices, triangulate
from ..scene.typed import armature_data, keys_of, mesh_data, scene_of
from .rest import rest_pose
from .target import armature_of


def generate_keys(
    mesh: Object, head: Head, progress: Callable[[float], None] = lambda _: None
) -> Quality:
    """Add the blendshapes to a face, and to the meshes beside it that move along, as shape keys at 0.

    Keys that are there already stay as they are. The character must stand upright; without paired
    bones it must look along the world's -Y.

    Args:
        mesh: the face, or a body with it.
        head: Mien's.
        progress: is told the share that is done.

    Raises:
        AvatarError: it is no mesh, or has no face that Mien's could be fitted to.
    """
    if mesh.type != "MESH":
        raise AvatarError(f"{mesh.name} is not a mesh; choose the mesh with the face.")
    rig = armature_of(mesh)
    axes = _axes(rig)
    things = [mesh, *_beside(mesh, rig)]
    shapes = [_shape(thing, axes) for thing in things]
    made = generate(head, *shapes[0], _eyes(rig, axes), shapes[1:], progress)
    for thing, blendshapes in zip(things, made.blendshapes, strict=True):
        _add_keys(thing, blendshapes, axes)
    return made.quality


def _axes(rig: Object | None) -> Array:
    """The character's left, up and forward as columns, in the world."""
    if rig is None:
        return np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
    world = np.array(rig.matrix_world.to_3x3(), np.float64) @ rest_pose(rig).axes
    return world / np.linalg.norm(world, axis=0)


def _beside(mesh: Object, rig: Object | None) -> list[Object]:
    """Other meshes of the same character."""
    if rig is None:
        return []
    return [
        o
        for o in scene_of(bpy.context).objects
        if o != mesh and o.type == "MESH" and armature_of(o) == rig and len(mesh_data(o).polygons)
    ]


def _shape(thing: Object, axes: Array) -> tuple[Array, Indices]:
    """Vertices in the character's axes, metres, and triangles of a mesh at rest."""
    world = np.array(thing.matrix_world, np.float64)
    points = _rest(mesh_data(thing)) @ world[:3, :3].T + world[:3, 3]
    mesh = mesh_data(thing)
    sizes = np.empty(len(mesh.polygons), np.int32)
    mesh.polygons.foreach_get("loop_total", sizes)
    corners = np.empty(len(mesh.loops), np.int32)
    mesh.loops.foreach_get("vertex_index", corners)
    return points @ axes, triangulate(sizes, corners)


def _rest(mesh: Mesh) -> Array:
    keys = mesh.shape_keys
    source = keys.reference_key.data if keys is not None else mesh.vertices
    out = np.empty(len(source) * 3, np.float32)
    source.foreach_get("co", out)
    return out.reshape(-1, 3).astype(np.float64)


def _eyes(rig: Object | None, axes: Array) -> Array | None:
    if rig is None:
        return None
    skeleton = match((), [b.name for b in armature_data(rig).bones], library()).table.skeleton
    left = skeleton.pivot_left or skeleton.eye_left
    right = skeleton.pivot_right or skeleton.eye_right
    if not left or not right:
        return None
    places = [rig.matrix_world @ armature_data(rig).bones[b].head_local for b in (left, right)]
    return np.array(places, np.float64) @ axes


def _add_keys(thing: Object, blendshapes: Array, axes: Array) -> None:
    linear = np.array(thing.matrix_world, np.float64)[:3, :3]
    local = blendshapes @ axes.T @ np.linalg.inv(linear).T
    if not np.abs(blendshapes).max() > 0:
        return
    if mesh_data(thing).shape_keys is None:
        thing.shape_key_add(name="Basis", from_mix=False)
    rest = _rest(mesh_data(thing))
    for blendshape, moved, seen in zip(ARKIT_BLENDSHAPES, local, blendshapes, strict=True):
        if blendshape in keys_of(thing).key_blocks or not np.abs(seen).max() > 0:
            continue
        key = thing.shape_key_add(name=blendshape, from_mix=False)
        key.value = 0.0  # Blender 5.0 makes keys with value 1
        key.data.foreach_set("co", np.ascontiguousarray(rest + moved, np.float32).ravel())
