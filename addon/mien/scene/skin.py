# SPDX-License-Identifier: GPL-3.0-or-later
"""The actor's own skin on a head: a baked texture, packed into the file."""

import bpy
import numpy as np
from bpy.types import Material, Object
from numpy.typing import NDArray

from ..core.model.parts import REGIONS
from .textures import packed_image
from .typed import links_of, loose, mesh_data, present, tree_of

WORN = ("skin", "lips")
PAINTED = ("brows",)
"""Parts that the texture shows already; they are made clear."""


def wear_texture(thing: Object, texture: NDArray[np.uint8], brows: bool = False) -> None:
    """Give a head materials of its own that show a texture.

    Args:
        thing: a head, its materials as :func:`mien.scene.materials.head_materials` made them.
        texture: bytes of a JPEG file ``(n,)``, already checked.
        brows: keep the head's own, because the texture is too coarse for the actor's.
    """
    image = packed_image(f"{thing.name} Texture", "jpg", texture.tobytes())
    slots = mesh_data(thing).materials
    for region in (*WORN, *(() if brows else PAINTED)):
        index = REGIONS.index(region)
        material = present(slots[index]).copy()
        material.name = f"{thing.name} {region.title()}"
        slots[index] = material
        if region in WORN:
            _paint(material, image)
        else:
            _clear(material)


def _paint(material: Material, image: bpy.types.Image) -> None:
    tree = tree_of(material)
    shader = next(n for n in tree.nodes if n.type == "BSDF_PRINCIPLED")
    drawn = next((n for n in tree.nodes if n.type == "TEX_IMAGE"), None)
    if drawn is None:
        drawn = tree.nodes.new("ShaderNodeTexImage")
    loose(drawn).image = image
    tree.links.new(drawn.outputs["Color"], shader.inputs["Base Color"])
    tree.nodes.active = drawn


def _clear(material: Material) -> None:
    tree = tree_of(material)
    alpha = next(n for n in tree.nodes if n.type == "BSDF_PRINCIPLED").inputs["Alpha"]
    for link in links_of(alpha):
        tree.links.remove(link)
    loose(alpha).default_value = 0.0
    material.diffuse_color[3] = 0.0
