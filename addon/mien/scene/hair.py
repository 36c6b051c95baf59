# SPDX-License-Identifier: GPL-3.0-or-later
"""Gives a head that stands in a scene other hair; its keys, curves, materials and all else stay."""

import bmesh
import bpy
import numpy as np
from bpy.types import Material, Mesh, Object
from numpy.typing import NDArray

from ..core.errors import MienError
from ..core.model.arkit import ARKIT_BLENDSHAPES
from ..core.model.head import Head
from ..core.model.looks import Tones
from ..core.model.parts import REGIONS, ShownHead, shown_head
from ..core.modes import Hair
from .axes import points_to_scene
from .materials import region_material
from .mesh import expression_key, identity_key
from .rig import BONE
from .textures import srgb
from .typed import keys_of, mesh_data, present

HAIR = REGIONS.index("hair")


def change_hair(thing: Object, head: Head, hair: Hair) -> None:
    """Take the hair off a head and put on another.

    Args:
        thing: the mesh of a head, as it was built.
        head: that it was built from.
        hair: the new style, one of :data:`mien.core.modes.Hair`.

    Raises:
        MienError: it is no such mesh, or one that may not be changed.
    """
    mesh = mesh_data(thing)
    if thing.library or mesh.library:
        raise MienError(f"{thing.name} is linked from another file; make it local first.")
    if thing.mode != "OBJECT":
        raise MienError(f"{thing.name} is in edit mode; leave it with Tab first.")
    if mesh.shape_keys is None or len(mesh.materials) <= HAIR or BONE not in thing.vertex_groups:
        raise MienError(f"{thing.name} is no head of Mien's any more; build one from its take.")
    shown = shown_head(head, hair)
    faces = np.flatnonzero(shown.regions == HAIR)
    first = int(shown.faces[faces].min()) if len(faces) else len(shown.vertices)
    kept = _replace(thing, mesh, shown, faces, first)
    _shape(thing, head, shown, first, kept)
    worn = mesh.materials[HAIR]
    mesh.materials[HAIR] = region_material("hair", _tones(worn), hair, {})
    if worn is not None and not worn.users:
        bpy.data.materials.remove(worn)


def _replace(
    thing: Object, mesh: Mesh, shown: ShownHead, faces: NDArray[np.int64], first: int
) -> int:
    """Replace the strands; the number of vertices that stay, which come first."""
    made = bmesh.new()
    try:
        made.from_mesh(mesh)
        worn = {v for f in made.faces if f.material_index == HAIR for v in f.verts}
        bmesh.ops.delete(made, geom=list(worn), context="VERTS")
        made.verts.index_update()
        kept = len(made.verts)
        groups = made.verts.layers.deform.verify()
        crease = made.edges.layers.float.get("crease_edge")
        uvs = present(made.loops.layers.uv.active)
        bone = thing.vertex_groups[BONE].index
        vertices = []
        for place in points_to_scene(shown.vertices[first:]).tolist():
            vertex = made.verts.new(place)
            vertex[groups][bone] = 1.0
            vertices.append(vertex)
        for number in faces:
            corners = shown.faces[number][shown.faces[number] >= 0] - first
            face = made.faces.new([vertices[k] for k in corners])
            face.material_index, face.smooth = HAIR, True
            for loop, uv in zip(face.loops, shown.uvs[number].tolist(), strict=False):
                loop[uvs].uv = uv
            for edge in face.edges if crease is not None else ():
                edge[crease] = 1.0
        for number, vertex in enumerate(vertices, kept):
            vertex.index = number
        made.verts.sort()  # new ones lie where deleted ones lay
        made.to_mesh(mesh)
    finally:
        made.free()
    return kept


def _shape(thing: Object, head: Head, shown: ShownHead, first: int, kept: int) -> None:
    """Let the new strands follow every shape key of the head."""
    blocks = keys_of(thing).key_blocks
    moves = {identity_key(k): move for k, move in enumerate(head.identity)}
    moves |= {expression_key(k): move for k, move in enumerate(head.expression)}
    moves |= dict(zip(ARKIT_BLENDSHAPES, head.blendshapes, strict=True))
    count = len(mesh_data(thing).vertices)
    for block in blocks:
        places = np.empty((count, 3), np.float32)
        block.points.foreach_get("co", places.ravel())
        moved = shown.vertices[first:]
        if block.name in moves:
            moved = moved + shown.carry(moves[block.name])[first:]
        places[kept:] = points_to_scene(moved)
        block.points.foreach_set("co", places.ravel())
    mesh_data(thing).update()


def _tones(worn: Material | None) -> Tones:
    """The colour of the hair that the head has: that of its material in the viewport."""
    if worn is None:
        return {}
    red, green, blue = worn.diffuse_color[:3]
    return {"hair": srgb((red, green, blue))}
