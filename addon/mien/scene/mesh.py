# SPDX-License-Identifier: GPL-3.0-or-later
"""The head as a mesh object with its shape keys: 40 of identity, 10 of expression, 52 ARKit blendshapes."""

from collections.abc import Generator, Iterator

import bpy
import numpy as np
from bpy.types import Mesh, Object

from ..core.model.arkit import ARKIT_BLENDSHAPES
from ..core.model.head import Head
from ..core.model.looks import Tones
from ..core.model.params import N_EXPRESSION, FloatArray
from ..core.model.parts import REGIONS, ShownHead, shown_head, without_gaze
from ..core.modes import Hair, KeySet
from .axes import points_to_scene
from .materials import head_materials
from .typed import keys_of, loose, mesh_data

COMPONENT_LIMITS = (-10.0, 10.0)
"""Keys of components are in standard deviations; their sliders reach as far as Blender lets any. Brows that are
raised as far as they go are at 8."""

AT_ONCE = 13
"""Shape keys that are added without a pause: some milliseconds' work."""
FLAT = ("teeth", "brows", "lashes", "hair")
"""Regions that keep their outlines in a render: rounded, thin cards and rows of teeth shrink."""


def identity_key(index: int) -> str:
    """Name of the shape key of an identity component."""
    return f"identity_{index:02d}"


def expression_key(index: int) -> str:
    """Name of the shape key of an expression component."""
    return f"expression_{index:02d}"


def build_mesh(
    head: Head, name: str, tones: Tones | None = None, hair: Hair = Hair.SHORT
) -> Object:
    """Make the mesh object of a head at once; takes and gives what :func:`building_mesh` does."""
    pieces = building_mesh(head, name, tones, hair)
    while True:
        try:
            next(pieces)
        except StopIteration as end:
            made: Object = end.value
            return made


def building_mesh(
    head: Head, name: str, tones: Tones | None = None, hair: Hair = Hair.SHORT
) -> Generator[None, None, Object]:
    """Make the mesh object of a head and its parts, with materials and shape keys, not yet in a scene.

    It is made in pieces, so that a window can draw between them. Every vertex of the head's own surface has
    the number that it has in the head.

    Args:
        head: with the parts that come with it, see :mod:`mien.core.model.parts`.
        name: of the object.
        tones: of the actor's skin and hair, see :func:`mien.scene.materials.head_materials`.
        hair: its style, one of :data:`mien.core.modes.Hair`.
    """
    shown = shown_head(head, hair)
    mesh = bpy.data.meshes.new(name)
    mesh.vertices.add(len(shown.vertices))
    mesh.vertices.foreach_set("co", points_to_scene(shown.vertices).ravel())
    _add_faces(mesh, shown)
    yield
    for material in head_materials(tones, hair):
        mesh.materials.append(material)
    mesh.polygons.foreach_set("material_index", np.ascontiguousarray(shown.regions, np.int32))
    mesh.polygons.foreach_set("use_smooth", np.ones(len(shown.faces), bool))
    mesh.update(calc_edges=True)
    mesh.validate()
    thing = bpy.data.objects.new(name, mesh)
    yield
    yield from _adding_keys(thing, head, shown)
    return thing


def smooth_in_render(thing: Object) -> None:
    """Let a render, but not the viewport, show rounder outlines than the mesh's."""
    mesh = mesh_data(thing)
    sides, edges = np.empty(len(mesh.polygons), np.int32), np.empty(len(mesh.loops), np.int32)
    materials = np.empty(len(mesh.polygons), np.int32)
    mesh.polygons.foreach_get("loop_total", sides)
    mesh.polygons.foreach_get("material_index", materials)
    mesh.loops.foreach_get("edge_index", edges)
    flat = np.isin(materials, [REGIONS.index(name) for name in FLAT])
    values = np.zeros(len(mesh.edges), np.float32)
    values[edges[np.repeat(flat, sides)]] = 1
    sharp = loose(mesh.attributes).new("crease_edge", "FLOAT", "EDGE")
    sharp.data.foreach_set("value", values)
    modifier = loose(thing.modifiers.new("Smooth", "SUBSURF"))
    modifier.show_viewport = False
    modifier.levels = modifier.render_levels = 1


def set_identity(thing: Object, identity: FloatArray) -> None:
    """Set the 40 identity keys of a head object to coefficients ``(40,)``."""
    blocks = keys_of(thing).key_blocks
    for index, value in enumerate(identity):
        blocks[identity_key(index)].value = float(value)


def let_act(thing: Object, keys: KeySet) -> None:
    """Let one set of a head's keys act and mute the other; both keep their values and curves.

    Args:
        thing: the head.
        keys: that set.
    """
    blocks = keys_of(thing).key_blocks
    for name in ARKIT_BLENDSHAPES:
        blocks[name].mute = keys != KeySet.BLENDSHAPES
    for index in range(N_EXPRESSION):
        blocks[expression_key(index)].mute = keys != KeySet.COMPONENTS


def _add_faces(mesh: Mesh, shown: ShownHead) -> None:
    """Add quads and triangles with their texture coordinates."""
    used = shown.faces >= 0
    sides = used.sum(axis=1)
    mesh.loops.add(int(sides.sum()))
    mesh.loops.foreach_set("vertex_index", shown.faces[used])
    mesh.polygons.add(len(sides))
    starts = np.concatenate([[0], np.cumsum(sides)[:-1]]).astype(np.int32)
    mesh.polygons.foreach_set("loop_start", starts)
    layer = mesh.uv_layers.new(name="UVMap")
    layer.uv.foreach_set("vector", np.ascontiguousarray(shown.uvs[used], np.float32).ravel())


def _adding_keys(thing: Object, head: Head, shown: ShownHead) -> Iterator[None]:
    """Add the shape keys, some at a time."""
    thing.shape_key_add(name="Basis", from_mix=False)
    # Bones turn the eyes; the lids' part is left.
    blendshapes = without_gaze(head.blendshapes, head)
    yield
    for names, moves, limits in (
        ([identity_key(i) for i in range(len(head.identity))], head.identity, COMPONENT_LIMITS),
        ([expression_key(i) for i in range(N_EXPRESSION)], head.expression, COMPONENT_LIMITS),
        (ARKIT_BLENDSHAPES, blendshapes, (0.0, 1.0)),
    ):
        for first in range(0, len(names), AT_ONCE):
            some = slice(first, first + AT_ONCE)
            places = points_to_scene(shown.vertices + shown.carry(moves[some]))
            for name, place in zip(names[some], places, strict=True):
                key = thing.shape_key_add(name=name, from_mix=False)
                key.value = 0.0  # Blender 5.0 makes keys with value 1
                key.slider_min, key.slider_max = limits
                key.relative_key = keys_of(thing).reference_key
                key.points.foreach_set("co", place.ravel())
            yield
    keys_of(thing).name = thing.name
    let_act(thing, KeySet.BLENDSHAPES)
