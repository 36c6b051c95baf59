# SPDX-License-Identifier: GPL-3.0-or-later
"""Materials of the head: a colour each in the viewport, pictures and simple shaders in a render."""

from typing import NamedTuple

import bpy
from bpy.types import Image, Material

from ..core.model.parts import REGIONS
from ..core.tones import Tone
from .textures import linear, picture


class Look(NamedTuple):
    """How a region looks.

    Attributes:
        colour: in the viewport and where it has no picture, sRGB 0 to 1.
        roughness: of its surface.
        subsurface: light that goes under it.
        picture: file name of its texture; empty for none.
        cut: whether the picture's alpha cuts it out.
    """

    colour: Tone
    roughness: float
    subsurface: float = 0.0
    picture: str = ""
    cut: bool = False


SKIN_TONE: Tone = (0.80, 0.62, 0.52)
HAIR_TONE: Tone = (0.19, 0.14, 0.11)
LOOKS: dict[str, Look] = {
    "skin": Look(SKIN_TONE, 0.52, 0.06, "skin.jpg"),
    "lips": Look((0.70, 0.43, 0.40), 0.38, 0.06, "skin.jpg"),
    "mouth": Look((0.28, 0.10, 0.10), 0.6),
    "teeth": Look((0.86, 0.83, 0.77), 0.25, 0.0, "teeth.png"),
    "tongue": Look((0.62, 0.32, 0.32), 0.45),
    "eye": Look((0.88, 0.87, 0.85), 0.08, 0.0, "eye.jpg"),
    "iris": Look((0.36, 0.24, 0.13), 0.05, 0.0, "eye.jpg"),
    "pupil": Look((0.02, 0.02, 0.02), 0.05, 0.0, "eye.jpg"),
    "brows": Look((0.34, 0.26, 0.21), 0.8, 0.0, "brows.png", True),
    "lashes": Look((0.07, 0.06, 0.05), 0.6),
    "hair": Look(HAIR_TONE, 0.6, 0.0, "hair.png", True),
}
"""Tones chosen by eye."""
TONED = {"skin": "skin", "lips": "skin", "brows": "hair", "hair": "hair"}
"""Regions that take the actor's tone, and which."""
LIPS_REDDER: Tone = (0.92, 0.74, 0.80)
"""Tone of lips over that of the skin around them, by channel."""


def head_materials(tones: dict[str, Tone] | None = None) -> list[Material]:
    """The materials in the order of :data:`mien.core.model.parts.REGIONS`.

    What has no tone of its own is made once per file and shared by its heads.

    Args:
        tones: sRGB colours of the actor's ``skin`` and ``hair``; those that lack are the head's own.
    """
    tones = tones or {}
    images: dict[tuple[str, Tone | None], Image] = {}
    made = []
    for region in REGIONS:
        look, tone = LOOKS[region], tones.get(TONED.get(region, ""))
        name = f"Mien {region.title()}"
        if tone is None and name in bpy.data.materials:
            made.append(bpy.data.materials[name])
            continue
        colour = look.colour
        if tone is not None:
            shade = LIPS_REDDER if region == "lips" else (1.0, 1.0, 1.0)
            colour = (tone[0] * shade[0], tone[1] * shade[1], tone[2] * shade[2])
        key = (look.picture, tone or (HAIR_TONE if look.cut else None))
        if look.picture and key not in images:
            images[key] = picture(look.picture, key[1])
        made.append(_material(name, look, colour, images.get(key)))
    return made


def _material(name: str, look: Look, colour: Tone, image: Image | None) -> Material:
    material = bpy.data.materials.new(name)
    material.diffuse_color = (*linear(colour), 1.0)
    material.roughness = look.roughness
    if bpy.app.version < (5, 0, 0):  # always on from there
        material.use_nodes = True
    tree = material.node_tree
    shader = next(n for n in tree.nodes if n.type == "BSDF_PRINCIPLED")
    values = {
        "Base Color": (*linear(colour), 1.0),
        "Roughness": look.roughness,
        "Subsurface Weight": look.subsurface,
        "Subsurface Scale": 0.01,
    }
    for socket, value in values.items():
        if socket in shader.inputs:
            shader.inputs[socket].default_value = value
    if image is not None:
        drawn = tree.nodes.new("ShaderNodeTexImage")
        drawn.image, drawn.location = image, (-400, 200)
        tree.links.new(drawn.outputs["Color"], shader.inputs["Base Color"])
        if look.cut:
            tree.links.new(drawn.outputs["Alpha"], shader.inputs["Alpha"])
        tree.nodes.active = drawn  # what the viewport shows when it colours by texture
    return material
