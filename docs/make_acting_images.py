# SPDX-License-Identifier: GPL-3.0-or-later
"""Six frames of an actor, below each Mien's head that plays them, and below that a character that is not ours.

``uv run python docs/make_acting_images.py FOLDER CHARACTER FOOTAGE ...`` captures each footage and writes
``acting_NAME.jpg`` into the folder: the frames of the take in which most happens (at rest, smile, open mouth, shut
lips, raised brows, blink). CHARACTER is the file ``ict_light.npz`` of :mod:`docs.ict_character`.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import bpy
import cv2
import mien
import numpy as np
from ict_character import NAME, build_character
from mien.cli.__main__ import main as command
from mien.core.capture.sources import open_source
from mien.core.model.arkit import ARKIT_BLENDSHAPES, BLINKS
from mien.core.solve.motion import Motion
from mien.scene.lighting import light_scene
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
SIDE, REACH, SAMPLES, QUALITY = 240, 0.30, 16, 88
"""Pixels of a picture, metres that it shows, samples of the render, and of the JPEG."""
AWAY, HIGH, FOREIGN_REACH = 1.2, 0.01, 0.34
"""Where the camera of the foreign character stands, metres before and above its origin; metres that it shows."""


def acting_frames(motion: Motion) -> dict[str, int]:
    """Rows of a motion that show most of something."""
    weights = motion.blendshapes

    def of(*starts: str) -> NDArray[np.float32]:
        found = [i for i, name in enumerate(ARKIT_BLENDSHAPES) if name.startswith(starts)]
        return weights[:, found].sum(axis=1)

    awake = weights[:, BLINKS].max(axis=1) < 0.3
    amounts = {
        "at rest": -of("mouth", "jaw", "brow", "cheek", "nose"),
        "smile": of("mouthSmile"),
        "open": of("jawOpen"),
        "shut": motion.lips_closed
        * (0.01 + of("mouthPress", "mouthPucker", "mouthRoll", "mouthClose")),
        "brows": of("browInnerUp", "browOuterUp"),
    }
    rows = {
        name: int(np.where(awake, amount, -np.inf).argmax()) for name, amount in amounts.items()
    }
    return rows | {"blink": int(weights[:, BLINKS].sum(axis=1).argmax())}


def sheet(footage: Path, character: Path, folder: Path) -> Picture:
    """Actor, head and character at six frames of the footage."""
    scene = folder / "face.blend"
    if command(["capture", str(footage), "--output", str(scene)]):
        sys.exit(f"{footage} could not be captured")
    take = mien.load_take(scene.with_suffix(".take.npz"))
    motion = mien.solve(take)
    rows = acting_frames(motion)
    wanted = {int(take.frames[row]): row for row in rows.values()}
    images = {wanted[f.number]: f.image for f in open_source(footage) if f.number in wanted}
    actor = [_named(_cut(images[row], motion, row), name) for name, row in rows.items()]
    bpy.ops.wm.open_mainfile(filepath=str(scene))
    own = [_own(motion, row, folder) for row in rows.values()]
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    head = build_character(character)
    bpy.context.scene.render.fps, bpy.context.scene.render.fps_base = 24, 24 / motion.fps
    mien.retarget(mien.performance(motion), NAME)
    _studio(head)
    other = [_still(float(motion.times[row]) * motion.fps, folder) for row in rows.values()]
    return np.vstack([np.hstack(line) for line in (actor, own, other)])


def _window(motion: Motion, row: int) -> tuple[float, NDArray[np.float64]]:
    """Zoom of the footage, and its pixel in the middle of a picture of the face."""
    return float(SIDE / (REACH * motion.scale[row])), motion.position[row].astype(np.float64)


def _cut(image: Picture, motion: Motion, row: int) -> Picture:
    zoom, middle = _window(motion, row)
    shift = SIDE / 2 - zoom * middle
    place = np.array([[zoom, 0, shift[0]], [0, zoom, shift[1]]])
    out = cv2.warpAffine(image, place, (SIDE, SIDE), flags=cv2.INTER_CUBIC)
    return np.asarray(out, np.uint8)


def _named(picture: Picture, name: str) -> Picture:
    cv2.putText(picture, name, (6, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (255, 255, 255), 1)
    return picture


def _own(motion: Motion, row: int, folder: Path) -> Picture:
    """The captured scene at a row of the motion, the same part of the picture as of the footage."""
    render, size = bpy.context.scene.render, np.array([motion.width, motion.height])
    zoom, middle = _window(motion, row)
    render.resolution_x, render.resolution_y = np.rint(size * zoom).astype(int).tolist()
    low, high = ((middle + sign * SIDE / 2 / zoom) / size for sign in (-1, 1))
    render.use_border = render.use_crop_to_border = True
    (render.border_min_x, top), (render.border_max_x, bottom) = low.clip(0, 1), high.clip(0, 1)
    render.border_min_y, render.border_max_y = 1 - bottom, 1 - top
    picture = _still(float(motion.times[row]) * motion.fps, folder)
    out = np.full((SIDE, SIDE, 3), picture[0, 0], np.uint8)
    x, y = np.rint(np.maximum(-low, 0) * size * zoom).astype(int)
    part = picture[: SIDE - y, : SIDE - x]
    out[y : y + len(part), x : x + part.shape[1]] = part
    return out


def _still(frame: float, folder: Path) -> Picture:
    """The open scene so many frames after its start."""
    scene = bpy.context.scene
    scene.render.engine, scene.cycles.samples, scene.cycles.use_denoising = "CYCLES", SAMPLES, True
    scene.frame_set(round(scene.frame_start + frame))
    scene.render.filepath = str(folder / "render.png")
    bpy.ops.render.render(write_still=True)
    return np.asarray(cv2.imread(scene.render.filepath), np.uint8)


def _studio(head: bpy.types.Object) -> None:
    """The lights of a captured scene and a camera before a head."""
    scene = bpy.context.scene
    light_scene(scene, scene.collection)
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(camera)
    camera.location = (head.location.x, -AWAY, head.location.z + HIGH)
    camera.rotation_euler = (np.pi / 2, 0, 0)
    camera.data.lens = camera.data.sensor_width * AWAY / FOREIGN_REACH
    scene.camera = camera
    scene.render.resolution_x = scene.render.resolution_y = SIDE


def main() -> None:
    """Make the pictures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("character", type=Path)
    parser.add_argument("footage", type=Path, nargs="+")
    arguments = parser.parse_args()
    for footage in arguments.footage:
        with tempfile.TemporaryDirectory() as folder:
            picture = sheet(footage, arguments.character, Path(folder))
        path = arguments.folder / f"acting_{footage.stem}.jpg"
        cv2.imwrite(str(path), picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        print(path)


if __name__ == "__main__":
    main()
