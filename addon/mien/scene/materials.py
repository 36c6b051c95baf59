# SPDX-License-Identifier: GPL-3.0-or-later
"""Materials of the head: plain colours in the viewport, simple shaders in a render."""

from typing import NamedTuple

import bpy
from bpy.types import Material

from ..core.head import MATERIALS


class Look(NamedTuple):
    """How a region looks: linear colour, roughness, and light that goes under the skin."""

    colour: tuple[float, float, float]
    roughness: float
    subsurface: float = 0.0


LOOKS: dict[str, Look] = {
    "skin": Look((0.58, 0.34, 0.25), 0.5, 0.05),
    "lips": Look((0.45, 0.16, 0.14), 0.4, 0.05),
    "eyeball_left": Look((0.85, 0.85, 0.85), 0.1),
    "eyeball_right": Look((0.85, 0.85, 0.85), 0.1),
    "teeth": Look((0.80, 0.76, 0.66), 0.25),
    "tongue": Look((0.42, 0.12, 0.12), 0.4),
}
# Middle of each iris on the base mesh's texture, and radii of iris and pupil there.
EYE_CENTRES = {"eyeball_left": (0.7656, 0.9508), "eyeball_right": (0.8078, 0.9508)}
IRIS_RADIUS, PUPIL_RADIUS = 0.0016, 0.0007
IRIS, PUPIL = (0.05, 0.09, 0.13, 1.0), (0.0, 0.0, 0.0, 1.0)


def head_materials() -> list[Material]:
    """The materials in the order of :data:`mien.core.head.MATERIALS`, made once per file."""
    return [_material(name) for name in MATERIALS]


def _material(region: str) -> Material:
    name = f"Mien {region.replace('_', ' ').title()}"
    if name in bpy.data.materials:
        return bpy.data.materials[name]
    look = LOOKS[region]
    material = bpy.data.materials.new(name)
    material.diffuse_color = (*look.colour, 1.0)
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
    scaled.inputs[1].default_value = 2 * IRIS_RADIUS
    ramp = tree.nodes.new("ShaderNodeValToRGB")
    ramp.color_ramp.interpolation = "CONSTANT"
    first, last = ramp.color_ramp.elements
    first.position, first.color = 0.0, PUPIL
    last.position, last.color = 0.5, shader.inputs["Base Color"].default_value
    iris = ramp.color_ramp.elements.new(PUPIL_RADIUS / (2 * IRIS_RADIUS))
    iris.color = IRIS
    for number, node in enumerate((place, away, scaled, ramp)):
        node.location = (-900 + 220 * number, 200)
    tree.links.new(place.outputs["UV"], away.inputs[0])
    tree.links.new(away.outputs["Value"], scaled.inputs[0])
    tree.links.new(scaled.outputs[0], ramp.inputs["Fac" if "Fac" in ramp.inputs else 0])
    tree.links.new(ramp.outputs["Color"], shader.inputs["Base Color"])
