# SPDX-License-Identifier: GPL-3.0-or-later
"""``python docs/make_skin_images.py PICTURE VIDEO ...``: heads that wear their actors' skin, all the way round.

Captures some seconds of each video and renders its head from the front, from 45 degrees and from behind;
each video gets a row, its own first frame before it.
"""

import math
import sys
from pathlib import Path

import bpy
import cv2
import mien
import numpy as np
from mathutils import Vector
from mien.core.capture.sources import open_source
from numpy.typing import NDArray

SECONDS = 12.0
SIDE = 360
AWAY, LENS = 0.8, 85.0
"""Where the camera stands, metres, and its lens, millimetres."""
VIEWS = (0, 45, 180)
"""Degrees round the head from its front."""

Picture = NDArray[np.uint8]


def row(video: Path, scratch: Path) -> Picture:
    """A frame of the video, and its head from all sides."""
    take = mien.capture(video, end=SECONDS)
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    built = mien.build_scene(mien.solve(take), texture=take.texture)
    scene = bpy.context.scene
    scene.render.engine, scene.cycles.samples = "CYCLES", 24
    scene.render.resolution_x = scene.render.resolution_y = SIDE
    camera = bpy.data.objects.new("View", bpy.data.cameras.new("View"))
    scene.collection.objects.link(camera)
    scene.camera, camera.data.lens = camera, LENS
    built.rig.animation_data_clear()
    for bone in built.rig.pose.bones:
        bone.matrix_basis.identity()
    bpy.context.view_layer.update()
    corners = [built.mesh.matrix_world @ Vector(c) for c in built.mesh.bound_box]
    middle = sum(corners, Vector()) / len(corners)
    pictures = [_frame(video)]
    for degrees in VIEWS:
        angle = math.radians(degrees)
        way = Vector((math.sin(angle), -math.cos(angle), 0))
        camera.location = middle + AWAY * way
        camera.rotation_euler = (-way).to_track_quat("-Z", "Y").to_euler()
        scene.render.filepath = str(scratch)
        bpy.ops.render.render(write_still=True)
        pictures.append(cv2.imread(str(scratch)))
    return np.hstack(pictures)


def _frame(video: Path) -> Picture:
    image = next(iter(open_source(video))).image
    height, width = image.shape[:2]
    left = max(0, (width - height) // 2)
    return cv2.resize(image[:, left : left + height], (SIDE, SIDE)).astype(np.uint8)


def main() -> None:
    """Render all videos into one picture."""
    out = Path(sys.argv[1])
    scratch = out.with_name("view.png")
    cv2.imwrite(str(out), np.vstack([row(Path(v), scratch) for v in sys.argv[2:]]))
    scratch.unlink()


if __name__ == "__main__":
    main()
