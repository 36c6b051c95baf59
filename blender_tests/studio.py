# SPDX-License-Identifier: GPL-3.0-or-later
"""A plain studio: camera, lamps, and pictures that need no display."""

from pathlib import Path

import bpy
import numpy as np

from .avatars import Points, to_blender


def light_and_camera(scene: bpy.types.Scene, centre: Points, reach: float = 0.75) -> None:
    """A plain studio around a face at a place in model axes."""
    middle = to_blender(np.asarray(centre))
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    camera.data.lens = 85
    camera.location = middle + np.array([0.0, -reach, 0.0])
    camera.rotation_euler = (np.pi / 2, 0, 0)
    scene.collection.objects.link(camera)
    scene.camera = camera
    scene.world = bpy.data.worlds.new("Studio")
    scene.world.color = (0.25, 0.27, 0.3)
    for place, energy in (((0.5, -0.8, 0.5), 12.0), ((-0.7, -0.5, 0.2), 5.0), ((0, 0.6, 0.6), 6.0)):
        lamp = bpy.data.objects.new("Light", bpy.data.lights.new("Light", "AREA"))
        lamp.data.energy, lamp.data.size = energy, 0.5
        lamp.location = middle + np.array(place)
        lamp.rotation_euler = _look(-np.array(place))
        scene.collection.objects.link(lamp)


def _look(direction: Points) -> tuple[float, float, float]:
    x, y, z = direction / np.linalg.norm(direction)
    return (float(np.arccos(-z)), 0.0, float(np.arctan2(-x, y)))


def render(scene: bpy.types.Scene, frame: int, path: Path, size: int = 320) -> None:
    """Render a frame with Cycles, few samples: it needs no display."""
    scene.frame_set(frame)
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 12
    scene.cycles.use_denoising = False
    scene.cycles.device = "CPU"
    scene.render.threads_mode, scene.render.threads = "FIXED", 1
    scene.render.resolution_x = scene.render.resolution_y = size
    scene.render.resolution_percentage = 100
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
