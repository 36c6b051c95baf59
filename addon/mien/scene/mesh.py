# SPDX-License-Identifier: GPL-3.0-or-later
"""The head as a mesh object with its shape keys: 40 of identity, 10 of expression, 52 ARKit units."""

import bpy
import numpy as np
from bpy.types import Mesh, Object

from ..core.model.arkit import ARKIT_UNITS
from ..core.model.eyeballs import eyeballs, irises
from ..core.model.head import Head
from ..core.model.params import N_EXPRESSION, FloatArray
from .axes import points_to_scene
from .key_sets import BLENDSHAPES, COMPONENTS
from .materials import IRIS_SLOT, head_materials

SLIDER_LIMIT = 5.0
"""Keys of components are in standard deviations; their sliders reach this far either way."""


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


def let_act(thing: Object, keys: str) -> None:
    """Let one set of a head's keys act and mute the other; both keep their values and curves.

    Args:
        thing: the head.
        keys: one of :data:`mien.scene.key_sets.KEY_SETS`.
    """
    blocks = thing.data.shape_keys.key_blocks
    for name in ARKIT_UNITS:
        blocks[name].mute = keys != BLENDSHAPES
    for index in range(N_EXPRESSION):
        blocks[expression_key(index)].mute = keys != COMPONENTS


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
    thing.shape_key_add(name="Basis", from_mix=False)
    for index, moved in enumerate(head.identity):
        _add_key(thing, head, identity_key(index), moved, -SLIDER_LIMIT, SLIDER_LIMIT)
    for index, moved in enumerate(head.expression):
        _add_key(thing, head, expression_key(index), moved, -SLIDER_LIMIT, SLIDER_LIMIT)
    units = head.units.copy()
    for ball in eyeballs(head):  # bones turn them; of the gaze's units the lids' part is left
        units[:, ball] = 0
    for name, moved in zip(ARKIT_UNITS, units, strict=True):
        _add_key(thing, head, name, moved, 0.0, 1.0)
    thing.data.shape_keys.name = thing.name
    let_act(thing, BLENDSHAPES)


def _add_key(
    thing: Object, head: Head, name: str, moved: FloatArray, least: float, most: float
) -> None:
    key = thing.shape_key_add(name=name, from_mix=False)
    key.value = 0.0  # Blender 5.0 makes keys with value 1
    key.slider_min, key.slider_max = least, most
    key.relative_key = thing.data.shape_keys.reference_key
    key.data.foreach_set("co", points_to_scene(head.vertices + moved).ravel())
