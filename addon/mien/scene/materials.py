# SPDX-License-Identifier: GPL-3.0-or-later
"""Materials of the head: a colour each in the viewport, pictures and simple shaders in a render."""

from collections.abc import Iterator

import bpy
from bpy.types import Image, Material, Node, NodeTree

from ..core.model.looks import (
    LOOKS,
    PICTURE_TONED,
    Look,
    Tone,
    Tones,
    colour_of,
    picture_of,
    picture_tone,
)
from ..core.model.parts import REGIONS
from ..core.modes import Hair
from .textures import encoded, linear, picture, toned
from .typed import loose, tree_of

DULL = 0.1
"""Shine of hair, whose strands the mesh does not have: as smooth a surface would look like plastic."""
PORES, DEPTH = 900.0, (0.35, 0.0006)
"""Pores across the skin's texture, which is about a metre wide; their strength, and their depth in metres."""


def head_materials(tones: Tones | None = None, hair: Hair = Hair.SHORT) -> list[Material]:
    """The materials in the order of :data:`mien.core.model.parts.REGIONS`.

    What has no tone of its own is made once per file and shared by its heads.

    Args:
        tones: of the actor; those that lack are the head's own.
        hair: its style, one of :data:`mien.core.modes.Hair`.
    """
    images: dict[tuple[str, Tone | None], Image] = {}
    return [region_material(region, tones or {}, hair, images) for region in REGIONS]


def region_material(
    region: str, tones: Tones, hair: Hair, images: dict[tuple[str, Tone | None], Image]
) -> Material:
    """The material of a region, see :func:`head_materials`.

    Args:
        region: one of :data:`mien.core.model.parts.REGIONS`.
        tones, hair: see there.
        images: pictures that were made already, by name and tone; those that are made are added.
    """
    look, name = LOOKS[region], f"Mien {region.title()}"
    if region == "hair" and hair != Hair.SHORT:
        name += f" {hair.title()}"
    if PICTURE_TONED.get(region) not in tones and name in bpy.data.materials:
        return bpy.data.materials[name]
    key = (picture_of(region, hair), picture_tone(region, tones))
    if key[0] and key not in images:
        images[key] = picture(*key)
    return _material(name, look, colour_of(region, tones), images.get(key))


def toned_pictures(tones: Tones, hair: Hair = Hair.SHORT) -> Iterator[None]:
    """Tone the pictures that :func:`head_materials` will ask for, piece by piece, so that a window can draw."""
    for region in REGIONS:
        name, tone = picture_of(region, hair), picture_tone(region, tones)
        if name and tone is not None:
            toned(name, tone)
            yield
            encoded(name, tone)
            yield


def _add_pores(tree: NodeTree, shader: Node) -> None:
    """Roughen skin a little: so smooth as the mesh is it looks like wax close up."""
    at, pores, bump = (
        loose(tree.nodes.new(f"ShaderNode{kind}")) for kind in ("TexCoord", "TexNoise", "Bump")
    )
    for node, left in ((at, 800), (pores, 600), (bump, 200)):
        node.location = (-left, -300)
    pores.inputs["Scale"].default_value, pores.inputs["Detail"].default_value = PORES, 3.0
    bump.inputs["Strength"].default_value, bump.inputs["Distance"].default_value = DEPTH
    tree.links.new(at.outputs["UV"], pores.inputs["Vector"])
    tree.links.new(pores.outputs[0], bump.inputs["Height"])
    tree.links.new(bump.outputs["Normal"], shader.inputs["Normal"])


def _material(name: str, look: Look, colour: Tone, image: Image | None) -> Material:
    material = bpy.data.materials.new(name)
    material.diffuse_color = (*linear(colour), 1.0)
    material.roughness = look.roughness
    if bpy.app.version < (5, 0, 0):  # always on from there
        material.use_nodes = True
    tree = tree_of(material)
    shader = next(n for n in tree.nodes if n.type == "BSDF_PRINCIPLED")
    values = {
        "Base Color": (*linear(colour), 1.0),
        "Roughness": look.roughness,
        "Subsurface Weight": look.subsurface,
        "Subsurface Scale": 0.01,
        "Specular IOR Level": DULL if look.cut else 0.5,
    }
    for socket, value in values.items():
        if socket in shader.inputs:
            loose(shader.inputs[socket]).default_value = value
    if look.subsurface:
        _add_pores(tree, shader)
    if image is not None:
        drawn = loose(tree.nodes.new("ShaderNodeTexImage"))
        drawn.image, drawn.location = image, (-400, 200)
        tree.links.new(drawn.outputs["Color"], shader.inputs["Base Color"])
        if look.cut:
            tree.links.new(drawn.outputs["Alpha"], shader.inputs["Alpha"])
        tree.nodes.active = drawn  # what the viewport shows when it colours by texture
    return material
