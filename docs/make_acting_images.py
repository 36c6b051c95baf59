# SPDX-License-Identifier: GPL-3.0-or-later
"""Six frames of an actor, and below each the head that plays them.

``uv run python docs/make_acting_images.py [FOOTAGE]`` captures the footage, the test clip by default, and renders
the frames of the take in which most happens: at rest, smile, open mouth, shut lips, raised brows, blink.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import bpy
import cv2
import numpy as np
from mien.cli.__main__ import main as mien
from mien.cli.commands import demo_clip
from mien.core.capture.sources import open_source
from mien.core.model.arkit import ARKIT_BLENDSHAPES, BLINKS
from mien.core.model.head import shipped_head
from mien.core.solve.adjust import clean_motion
from mien.core.solve.motion import Motion
from mien.core.take.take_file import load_take
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
OUTPUT = Path(__file__).resolve().parent / "images" / "acting.jpg"
SIDE, REACH, SAMPLES = 240, 0.34, 24
"""Pixels of a picture, metres that it shows, and samples of the render."""


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


def main() -> None:
    """Make the picture."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("footage", type=Path, nargs="?", help="the test clip by default")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    footage = arguments.footage or demo_clip()
    with tempfile.TemporaryDirectory() as folder:
        scene = Path(folder) / "face.blend"
        if mien(["capture", str(footage), "--output", str(scene)]):
            sys.exit("the capture failed")
        take = load_take(scene.with_suffix(".take.npz"))
        motion = clean_motion(take, shipped_head())
        rows = acting_frames(motion)
        wanted = {int(take.frames[row]): row for row in rows.values()}
        images = {wanted[f.number]: f.image for f in open_source(footage) if f.number in wanted}
        bpy.ops.wm.open_mainfile(filepath=str(scene))
        columns = [
            np.vstack([_named(_cut(images[row], motion, row), name), _render(motion, row, folder)])
            for name, row in rows.items()
        ]
    cv2.imwrite(str(arguments.output), np.hstack(columns), [cv2.IMWRITE_JPEG_QUALITY, 90])
    print(arguments.output)


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


def _render(motion: Motion, row: int, folder: str) -> Picture:
    """The open scene at a row of the motion, the same part of the picture as of the footage."""
    scene, zoom_middle = bpy.context.scene, _window(motion, row)
    zoom, middle = zoom_middle
    render, size = scene.render, np.array([motion.width, motion.height])
    render.engine, scene.cycles.samples, scene.cycles.use_denoising = "CYCLES", SAMPLES, True
    render.resolution_x, render.resolution_y = np.rint(size * zoom).astype(int).tolist()
    low, high = ((middle + sign * SIDE / 2 / zoom) / size for sign in (-1, 1))
    render.use_border = render.use_crop_to_border = True
    (render.border_min_x, top), (render.border_max_x, bottom) = low.clip(0, 1), high.clip(0, 1)
    render.border_min_y, render.border_max_y = 1 - bottom, 1 - top
    scene.frame_set(round(scene.frame_start + float(motion.times[row]) * motion.fps))
    render.filepath = str(Path(folder) / "render.png")
    bpy.ops.render.render(write_still=True)
    picture = cv2.imread(render.filepath)
    out = np.full((SIDE, SIDE, 3), picture[0, 0], np.uint8)
    x, y = np.rint(np.maximum(-low, 0) * size * zoom).astype(int)
    part = picture[: SIDE - y, : SIDE - x]
    out[y : y + len(part), x : x + part.shape[1]] = part
    return out


if __name__ == "__main__":
    main()
