# SPDX-License-Identifier: GPL-3.0-or-later
"""The camera that sees the head where the footage shows it, with the footage behind."""

from math import pi
from pathlib import Path

import bpy
from bpy.types import Collection, Image, Object, Scene

from ..core.capture.sources.images import IMAGE_SUFFIXES
from ..core.model.params import FloatArray
from ..core.solve.placement import focal_length
from .axes import points_to_scene

SENSOR = 36.0
"""Width of the sensor in millimetres, on the picture's longer side."""


def build_camera(
    name: str, collection: Collection, position: FloatArray, width: int, height: int
) -> Object:
    """Make a camera for footage of this size and link it.

    Args:
        name: of the object.
        collection: to link it to.
        position: ``(3,)`` in camera axes (see :mod:`mien.core.solve.placement`).
        width, height: of the footage in pixels.
    """
    data = bpy.data.cameras.new(name)
    data.sensor_fit = "HORIZONTAL" if width >= height else "VERTICAL"
    data.sensor_width = data.sensor_height = SENSOR
    data.lens = SENSOR * focal_length(width, height) / max(width, height)
    data.clip_start, data.clip_end = 0.01, 1000.0
    camera = bpy.data.objects.new(name, data)
    camera.location = points_to_scene(position)
    camera.rotation_euler = (pi / 2, 0.0, 0.0)
    collection.objects.link(camera)
    return camera


def show_footage(camera: Object, footage: Path, frames: int, scene: Scene) -> Image | None:
    """Put the footage behind the scene, its first frame on the scene's first.

    Returns:
        The image data-block, or None where Blender cannot read the footage.
    """
    image = _load(footage)
    if image is None:
        return None
    background = camera.data.background_images.new()
    background.image = image
    background.display_depth = "BACK"
    background.frame_method = "FIT"
    background.alpha = 1.0
    if image.source in {"MOVIE", "SEQUENCE"}:
        user = background.image_user
        user.frame_start = scene.frame_start
        user.frame_duration = max(1, frames)
        user.frame_offset = 0
        user.use_auto_refresh = True
    camera.data.show_background_images = True
    return image


def _load(footage: Path) -> Image | None:
    files = [footage]
    if footage.is_dir():
        files = sorted(f for f in footage.iterdir() if f.suffix.lower() in IMAGE_SUFFIXES)
    try:
        image = bpy.data.images.load(str(files[0].resolve()))
    except (RuntimeError, IndexError):
        return None
    if footage.is_dir() and len(files) > 1:
        image.source = "SEQUENCE"
    return image
