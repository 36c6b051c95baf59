# SPDX-License-Identifier: GPL-3.0-or-later
"""Light and a world for a captured scene that has none, so that a render shows the face."""

import bpy
from bpy.types import Collection, Scene
from mathutils import Vector

from .typed import loose, tree_of

LIGHTS: tuple[tuple[str, tuple[float, float, float], float, float], ...] = (
    ("Mien Key", (0.55, -1.0, 0.75), 2.6, 0.3),
    ("Mien Fill", (-0.9, -1.0, 0.15), 0.9, 1.2),
    ("Mien Rim", (-0.5, 1.0, 0.8), 1.6, 0.3),
)
"""Suns: name, where each comes from (the camera looks along +y), strength in W/m2, and its width in
radians, which softens shadows; chosen by eye."""
WORLD = (0.16, 0.17, 0.19)
"""Linear colour of the world's light."""
VIEW = "Standard"
"""How a lit scene is developed: with it, and these lights, skin comes out as bright as its picture is."""


def light_scene(scene: Scene, collection: Collection) -> None:
    """Give a scene light and a world; one that has a light, or a world, of its own keeps it as it is.

    A scene that had neither shows colours as the footage has them, and not as film would.

    Args:
        scene: to be rendered.
        collection: to link the lights to.
    """
    dark = not any(thing.type == "LIGHT" for thing in scene.objects)
    if dark and scene.world is None:
        loose(scene.view_settings).view_transform = VIEW
    if dark:
        for name, place, strength, width in LIGHTS:
            lamp = bpy.data.lights.new(name, "SUN")
            loose(lamp).energy, loose(lamp).angle = strength, width
            thing = bpy.data.objects.new(name, lamp)
            thing.rotation_euler = Vector(place).to_track_quat("Z", "Y").to_euler()
            thing.location = Vector(place)
            collection.objects.link(thing)
    if scene.world is None:
        world = bpy.data.worlds.new("Mien World")
        world.color = WORLD
        if bpy.app.version < (5, 0, 0):  # always on from there
            world.use_nodes = True
        sky = next(n for n in tree_of(world).nodes if n.type == "BACKGROUND")
        loose(sky.inputs["Color"]).default_value = (*WORLD, 1.0)
        scene.world = world
