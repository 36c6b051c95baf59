# SPDX-License-Identifier: GPL-3.0-or-later
"""Materials of the head: plain colours in the viewport, simple shaders in a render."""

from typing import NamedTuple

import bpy
from bpy.types import Material

from ..core.model.head import MATERIALS


class Look(NamedTuple):
    """How a region looks: linear colour, roughness, and light that goes under the skin."""

    colour: tuple[float, float, float]
    roughness: float
    subsurface: float = 0.0


LOOKS: dict[str, Look] = {
    "skin": Look((0.58, 0.34, 0.25), 0.5, 0.05),
    "lips": Look((0.45, 0.16, 0.14), 0.4, 0.05),
    "eyeball_left": Look((0.74, 0.71, 0.68), 0.1),
    "eyeball_right": Look((0.74, 0.71, 0.68), 0.1),
    "teeth": Look((0.60, 0.53, 0.42), 0.25),
    "tongue": Look((0.42, 0.12, 0.12), 0.4),
}
# Middle of each iris on the base mesh's texture.
EYE_CENTRES = {"eyeball_left": (0.7656, 0.9508), "eyeball_right": (0.8078, 0.9508)}
WHITE_FROM = 0.0016
"""Distance from there at which the white of the eye begins."""
RINGS = ((0.0, (0.0, 0.0, 0.0)), (0.42, (0.11, 0.17, 0.21)), (0.80, (0.03, 0.05, 0.07)))
"""Colours of pupil, iris and its dark rim, and where each begins, in shares of that distance."""
IRIS_SLOT = len(MATERIALS) - min(MATERIALS.index(name) for name in EYE_CENTRES)
"""What to add to the slot of an eyeball to get that of its iris."""


def head_materials() -> list[Material]:
    """The materials in the order of :data:`mien.core.model.head.MATERIALS`, then those of the two irises.

    They are made once per file. An iris differs from its eyeball in the viewport's plain colour only.
    """
    looks = [_material(name, name, LOOKS[name].colour) for name in MATERIALS]
    irises = [_material(n.replace("eyeball", "iris"), n, RINGS[1][1]) for n in EYE_CENTRES]
    return looks + irises


def _material(called: str, region: str, plain: tuple[float, float, float]) -> Material:
    name = f"Mien {called.replace('_', ' ').title()}"
    if name in bpy.data.materials:
        return bpy.data.materials[name]
    look = LOOKS[region]
    material = bpy.data.materials.new(name)
    material.diffuse_color = (*plain, 1.0)
    material.roughness = look.roughness
    if bpy.app.version < (5, 0, 0):  # always on from there
        material.use_nodes = True
    shader = next(n for n in material.node_tree.nodes if n.type == "BSDF_PRINCIPLED")
    values = {
        "Base Color": (*look.colour, 1.0),
        "Roughness": look.roughness,
        "Subsurface Weight": look.subsurface,
        "Subsurface Scale": 0.01,
    }
    for socket, value in values.items():
        if socket in shader.inputs:
            shader.inputs[socket].default_value = value
    if region in EYE_CENTRES:
        _paint_iris(material, shader, EYE_CENTRES[region])
    return material


def _paint_iris(material: Material, shader: bpy.types.Node, centre: tuple[float, float]) -> None:
    """Colour the eyeball by the distance on its texture from the iris's middle."""
    tree = material.node_tree
    place = tree.nodes.new("ShaderNodeUVMap")
    away = tree.nodes.new("ShaderNodeVectorMath")
    away.operation = "DISTANCE"
    away.inputs[1].default_value = (*centre, 0.0)
    scaled = tree.nodes.new("ShaderNodeMath")
    scaled.operation = "DIVIDE"
    scaled.inputs[1].default_value = 2 * WHITE_FROM
    ramp = tree.nodes.new("ShaderNodeValToRGB")
    ramp.color_ramp.interpolation = "CONSTANT"
    stops = ramp.color_ramp.elements
    stops[1].position, stops[1].color = 0.5, shader.inputs["Base Color"].default_value
    stops[0].color = (*RINGS[0][1], 1.0)
    for begins, colour in RINGS[1:]:
        stops.new(begins / 2).color = (*colour, 1.0)
    for number, node in enumerate((place, away, scaled, ramp)):
        node.location = (-900 + 220 * number, 200)
    tree.links.new(place.outputs["UV"], away.inputs[0])
    tree.links.new(away.outputs["Value"], scaled.inputs[0])
    tree.links.new(scaled.outputs[0], ramp.inputs["Fac" if "Fac" in ramp.inputs else 0])
    tree.links.new(ramp.outputs["Color"], shader.inputs["Base Color"])
