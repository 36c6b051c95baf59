# SPDX-License-Identifier: GPL-3.0-or-later
"""The head as a mesh object with its 50 shape keys."""

import bpy
import numpy as np
from bpy.types import Mesh, Object

from ..core.eyes import irises
from ..core.head import Head
from ..core.params import FloatArray
from .axes import points_to_scene
from .materials import IRIS_SLOT, head_materials

SLIDER_LIMIT = 5.0
"""Keys are in standard deviations; sliders reach this far either way."""


def identity_key(index: int) -> str:
    """Name of the shape key of an identity component."""
    return f"identity_{index:02d}"


def expression_key(index: int) -> str:
    """Name of the shape key of an expression component."""
    return f"expression_{index:02d}"


def build_mesh(head: Head, name: str) -> Object:
    """Make the mesh object of a head, with materials, UVs and shape keys, not yet in a scene."""
    mesh = bpy.data.meshes.new(name)
    mesh.vertices.add(len(head.vertices))
    mesh.vertices.foreach_set("co", points_to_scene(head.vertices).ravel())
    _add_faces(mesh, head)
    _add_uvs(mesh, head)
    for material in head_materials():
        mesh.materials.append(material)
    # A slot of their own lets the irises be seen where the viewport shows no textures.
    slots = np.where(irises(head), head.materials + IRIS_SLOT, head.materials)
    mesh.polygons.foreach_set("material_index", np.ascontiguousarray(slots, np.int32))
    mesh.polygons.foreach_set("use_smooth", np.ones(len(head.quads), bool))
    mesh.update(calc_edges=True)
    mesh.validate()
    thing = bpy.data.objects.new(name, mesh)
    _add_keys(thing, head)
    return thing


def set_identity(thing: Object, identity: FloatArray) -> None:
    """Set the 40 identity keys of a head object to coefficients ``(40,)``."""
    blocks = thing.data.shape_keys.key_blocks
    for index, value in enumerate(identity):
        blocks[identity_key(index)].value = float(value)


def _add_faces(mesh: Mesh, head: Head) -> None:
    count = len(head.quads)
    mesh.loops.add(count * 4)
    mesh.loops.foreach_set("vertex_index", head.quads.ravel())
    mesh.polygons.add(count)
    mesh.polygons.foreach_set("loop_start", np.arange(0, count * 4, 4, dtype=np.int32))


def _add_uvs(mesh: Mesh, head: Head) -> None:
    layer = mesh.uv_layers.new(name="UVMap")
    layer.data.foreach_set("uv", np.ascontiguousarray(head.uvs, np.float32).ravel())


def _add_keys(thing: Object, head: Head) -> None:
    basis = thing.shape_key_add(name="Basis", from_mix=False)
    rest = points_to_scene(head.vertices)
    names = [identity_key(i) for i in range(len(head.identity))]
    names += [expression_key(i) for i in range(len(head.expression))]
    for name, moved in zip(names, [*head.identity, *head.expression], strict=True):
        key = thing.shape_key_add(name=name, from_mix=False)
        key.value = 0.0  # Blender 5.0 makes keys with value 1
        key.slider_min, key.slider_max = -SLIDER_LIMIT, SLIDER_LIMIT
        key.relative_key = basis
        key.data.foreach_set("co", (rest + points_to_scene(moved)).ravel())
    thing.data.shape_keys.name = thing.name
