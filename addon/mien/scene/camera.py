# SPDX-License-Identifier: GPL-3.0-or-later
"""The camera that sees the head where the footage shows it, with the footage behind."""

from math import pi
from pathlib import Path
from typing import Literal

import bpy
from bpy.types import Collection, Image, Object, Scene

from ..core.capture.sources.sequence import find_sequence
from ..core.errors import MienError
from ..core.model.params import FloatArray
from ..core.modes import Timing
from ..core.solve.motion import Motion
from ..core.solve.placement import focal_length
from .axes import points_to_scene
from .background_time import rate_in_blender, show_in_time
from .timing import PLAIN, Keying, rate_of
from .typed import as_floats, camera_data

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
    camera.location = as_floats(points_to_scene(position))
    camera.rotation_euler = (pi / 2, 0.0, 0.0)
    collection.objects.link(camera)
    return camera


def show_footage(
    camera: Object, footage: Path, motion: Motion, scene: Scene, keying: Keying = PLAIN
) -> Image | None:
    """Put the footage behind the scene, at every time the picture of that time.

    Args:
        camera: before which it is put.
        footage: file or folder.
        motion: that was captured from it: its size in square pixels, its rate and length.
        scene: whose time it follows.
        keying: where the motion's keys lie.

    Returns:
        The image data-block, or None where Blender cannot read the footage.
    """
    image, first = _load(footage)
    if image is None:
        return None
    rate = rate_in_blender(footage) if image.source == "MOVIE" else motion.fps
    if keying.timing == Timing.ONE_BY_ONE:
        rate = rate_of(scene)
    start = float(scene.frame_start if keying.start is None else keying.start)
    if min(image.size) > 0:  # pixels that are not square
        aspect = motion.width / motion.height * image.size[1] / image.size[0]
        image.display_aspect = (aspect, 1.0)
    layers: tuple[Literal["BACK", "FRONT"], ...] = ("BACK", "FRONT")
    for number, depth in enumerate(layers):  # the one in front fades the head, see fade_head
        background = camera_data(camera).background_images.new()
        background.image = image
        background.display_depth = depth
        background.frame_method = "FIT"
        if image.source in {"MOVIE", "SEQUENCE"}:
            user = background.image_user
            user.frame_duration = max(1, round(float(motion.times[-1]) * motion.fps) + 1)
            user.frame_offset = first - 1
            user.use_auto_refresh = True
            show_in_time(camera_data(camera), number, rate or motion.fps, start, scene)
    fade_head(camera, 0.0)
    camera_data(camera).show_background_images = True
    return image


def fade_head(camera: Object, amount: float) -> None:
    """Let the footage show through the head, in the viewport, through its camera.

    Args:
        camera: with the footage of :func:`show_footage`; without, nothing happens.
        amount: 0 shows the whole head, 1 the footage alone.
    """
    for background in camera_data(camera).background_images:
        shown = 1.0 if background.display_depth == "BACK" else amount
        background.alpha = shown
        background.show_background_image = shown > 0


def _load(footage: Path) -> tuple[Image | None, int]:
    """The image, and the number that the name of its first file carries."""
    first, file, sequence = 1, footage, False
    try:
        if footage.is_dir():
            found = find_sequence(footage)
            file, sequence = found.frames[0][1], len(found.frames) > 1
            first = 1 if found.first is None else found.first
        if not file.is_file():  # Blender would wait for a pipe for ever
            return None, first
        image = bpy.data.images.load(str(file.resolve()))
    except (OSError, RuntimeError, UnicodeError, MienError):
        return None, first
    if sequence:
        image.source = "SEQUENCE"
    return image, first
