# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the pictures of the documentation: ``uv run python docs/make_images.py``.

Every picture comes from the test clip of a talking man, by the same functions as the commands.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import bpy
import cv2
import numpy as np
from mien.batch.jobs_file import read_jobs
from mien.batch.runner import run_batch
from mien.cli.__main__ import main as mien
from mien.cli.commands import demo_clip
from mien.core.take.take_file import load_take
from mien.scene.lighting import light_scene
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
FOLDER = Path(__file__).resolve().parent / "images"
SIDE, SAMPLES = 560, 24
HEAD = np.s_[80:470, 40:430]
"""Where the head is in a render, with some room around it."""


def first_capture(work: Path) -> Path:
    """``first_capture.jpg``: the preview that a capture writes."""
    words = ["capture", str(demo_clip()), "--output", str(work / "face.blend")]
    _run([*words, "--preview", str(work / "face.png")])
    _shrink(work / "face.png", FOLDER / "first_capture.jpg")
    return work / "face.blend"


def frames(scene: Path, work: Path) -> None:
    """``frames.jpg``: the scene rendered where the mouth is widest, shut, and where the man blinks."""
    blendshapes = load_take(scene.with_suffix(".take.npz")).blendshapes
    jaw, blink = blendshapes[:, 17], blendshapes[:, 0] + blendshapes[:, 7]
    wanted = [int(np.argmin(jaw)), int(np.argmax(jaw)), int(np.argmax(blink))]
    bpy.ops.wm.open_mainfile(filepath=str(scene))
    _write_row("frames.jpg", [_render(work, frame + 1) for frame in wanted])


def round_trip(scene: Path, work: Path) -> None:
    """``round_trip.jpg``: a frame of the scene, and the same out of its glTF, FBX and USD files."""
    frame = 1 + int(np.argmax(load_take(scene.with_suffix(".take.npz")).blendshapes[:, 17]))
    bpy.ops.wm.open_mainfile(filepath=str(scene))
    render = bpy.context.scene.render
    rate = render.fps / render.fps_base
    matrix = bpy.context.scene.camera.matrix_world.copy()
    lens = bpy.context.scene.camera.data.lens
    pictures = [_render(work, frame)]
    for suffix in ("glb", "fbx", "usdc"):
        path = work / f"face.{suffix}"
        _run(["export", str(scene), "--output", str(path)])
        bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
        render = bpy.context.scene.render
        render.fps = round(rate)
        render.fps_base = render.fps / rate
        if suffix == "glb":
            bpy.ops.import_scene.gltf(filepath=str(path))
        elif suffix == "fbx":
            bpy.ops.wm.fbx_import(filepath=str(path))
        else:
            bpy.ops.wm.usd_import(filepath=str(path))
        for thing in bpy.context.scene.objects:
            for key in getattr(getattr(thing.data, "shape_keys", None), "key_blocks", ()):
                key.slider_min, key.slider_max = -10, 10
        camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
        bpy.context.scene.collection.objects.link(camera)
        camera.matrix_world, camera.data.lens = matrix, lens
        bpy.context.scene.camera = camera
        pictures.append(_render(work, frame))
    _write_row("round_trip.jpg", pictures)


def batch(work: Path) -> None:
    """``batch.jpg``: the previews of a batch of six parts of the clip, one below the other."""
    jobs = work / "jobs.csv"
    rows = [
        f"part_{i},{demo_clip()},{i * 0.6},{i * 0.6 + 0.2},shots/{i}.blend,shots/{i}.png"
        for i in range(6)
    ]
    jobs.write_text("\n".join(["name,footage,start,end,output,preview", *rows]) + "\n")
    outcomes = run_batch(read_jobs(jobs), 2)
    pictures = [cv2.imread(str(o.job.preview)) for o in outcomes]
    half = [cv2.resize(p, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA) for p in pictures]
    left, right = np.vstack(half[:3]), np.vstack(half[3:])
    cv2.imwrite(str(FOLDER / "batch.jpg"), np.hstack([left, right]), [cv2.IMWRITE_JPEG_QUALITY, 85])


def _run(words: list[str]) -> None:
    if mien(words):
        sys.exit(f"mien {' '.join(words)} failed")


def _render(work: Path, frame: int) -> Picture:
    """The open scene at a frame, before grey, lit from the front."""
    scene = bpy.context.scene
    scene.frame_set(frame)
    scene.render.engine = "CYCLES"
    scene.cycles.samples = SAMPLES
    scene.cycles.use_denoising = False
    scene.render.resolution_x = scene.render.resolution_y = SIDE
    light_scene(scene, scene.collection)  # what was read from other files has none
    path = work / "render.png"
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    return cv2.resize(cv2.imread(str(path))[HEAD], (300, 300), interpolation=cv2.INTER_AREA)


def _write_row(name: str, pictures: list[Picture]) -> None:
    cv2.imwrite(str(FOLDER / name), np.hstack(pictures), [cv2.IMWRITE_JPEG_QUALITY, 90])


def _shrink(source: Path, target: Path) -> None:
    cv2.imwrite(str(target), cv2.imread(str(source)), [cv2.IMWRITE_JPEG_QUALITY, 90])


def main() -> None:
    """Make them all."""
    argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0]).parse_args()
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        scene = first_capture(work)
        frames(scene, work)
        round_trip(scene, work)
        batch(work)
    print("\n".join(str(p) for p in sorted(FOLDER.glob("*.jpg"))))


if __name__ == "__main__":
    main()
