# SPDX-License-Identifier: GPL-3.0-or-later
"""``python docs/make_moving_skin_images.py PICTURE VIDEO ...``: heads whose skin moves, beside their still texture.

Captures half a minute of each video and renders its head where most of a smile, of an open mouth and of shut eyes
is in it: the frame, then the head from the front and from 45 degrees, each with the still texture and with the
frame's own.
"""

import math
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import bpy
import cv2
import mien
import numpy as np
from mathutils import Vector
from mien.core.capture.sources import open_source
from mien.scene.build import Built
from mien.scene.changes import Changes
from mien.scene.skin_sequence import still_skin
from numpy.typing import NDArray

SECONDS = 30.0
SIDE = 240
AWAY, LENS = 0.8, 145.0
"""Where the camera stands, metres, and its lens, millimetres: the face fills the picture."""
VIEWS = (0, 45)
"""Degrees round the head from its front."""
SHOWN = (("mouthSmileLeft", "mouthSmileRight"), ("jawOpen",), ("eyeBlinkLeft", "eyeBlinkRight"))
"""Weights whose sum says which frames are shown."""
SAMPLES = 24

Picture = NDArray[np.uint8]


def rows(video: Path, folder: Path) -> list[Picture]:
    """A row for each of the frames."""
    take = mien.capture(video, end=SECONDS)
    skin = mien.write_texture_sequence(take, video, folder / f"{video.stem}.skin")
    motion = mien.solve(take)
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    built = mien.build_scene(motion, texture=take.texture, texture_sequence=skin)
    names = mien.performance(motion).names
    weights = mien.performance(motion).blendshapes
    chosen = [int(sum(weights[:, names.index(n)] for n in some).argmax()) for some in SHOWN]
    numbers = {int(take.frames[row]) for row in chosen}
    images = {f.number: f.image for f in open_source(video) if f.number in numbers}
    scene = bpy.context.scene
    scene.render.engine, scene.cycles.samples = "CYCLES", SAMPLES
    scene.render.resolution_x = scene.render.resolution_y = SIDE
    camera = bpy.data.objects.new("View", bpy.data.cameras.new("View"))
    scene.collection.objects.link(camera)
    scene.camera, camera.data.lens = camera, LENS
    out = []
    for row in chosen:
        scene.frame_set(scene.frame_start + row)
        pictures = [_face(images[int(take.frames[row])], take.boxes[row])]
        for degrees in VIEWS:
            _look(built, camera, degrees)
            with still_skin([built.mesh], Changes()):
                pictures.append(_render(scene, folder))
            pictures.append(_render(scene, folder))
        out.append(np.hstack(pictures))
    return out


def _look(built: Built, camera: bpy.types.Object, degrees: float) -> None:
    """Put the camera before the head as it is turned now."""
    bone = built.rig.pose.bones[0]
    place = built.rig.matrix_world @ bone.matrix
    rest = place @ bone.bone.matrix_local.inverted()
    angle = math.radians(degrees)
    way = (rest.to_3x3() @ Vector((math.sin(angle), -math.cos(angle), 0))).normalized()
    up = rest.to_3x3() @ Vector((0, 0, 1))
    middle = rest @ Vector((0, 0, 0))
    camera.location = middle + AWAY * way
    side = up.cross(way).normalized()
    turn = camera.matrix_world.to_3x3()
    turn.col[0], turn.col[1], turn.col[2] = side, way.cross(side), way
    camera.rotation_euler = turn.to_euler()


def _render(scene: bpy.types.Scene, folder: Path) -> Picture:
    scene.render.filepath = str(folder / "view.png")
    bpy.ops.render.render(write_still=True)
    return cv2.imread(scene.render.filepath).astype(np.uint8)


def _face(image: Picture, box: NDArray[np.float32]) -> Picture:
    """A frame about its face."""
    x, y, size = (float(v) for v in box)
    zoom = SIDE / size
    shift = np.array([[zoom, 0, SIDE / 2 - x * zoom], [0, zoom, SIDE / 2 - y * zoom]])
    return cv2.warpAffine(image, shift, (SIDE, SIDE), flags=cv2.INTER_CUBIC).astype(np.uint8)


def main() -> None:
    """Render all videos into one picture."""
    with TemporaryDirectory() as folder:
        found = [row for v in sys.argv[2:] for row in rows(Path(v), Path(folder))]
    cv2.imwrite(sys.argv[1], np.vstack(found), [cv2.IMWRITE_JPEG_QUALITY, 80])


if __name__ == "__main__":
    main()
