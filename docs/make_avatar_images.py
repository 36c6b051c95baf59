# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the pictures of ``avatars.md``: ``uv run python -m docs.make_avatar_images``.

The characters are those of the tests, built from the CC0 parts that the head is made from; the archive
of these parts has to be in ``cache/`` (``python -m training.head`` fetches it).
"""

import tempfile
from pathlib import Path
from typing import Any

import bpy
import cv2
import numpy as np
from mien.avatar.generating import generate_keys
from mien.avatar.retarget_file import retarget
from mien.cli.__main__ import main as mien
from mien.cli.commands import demo_clip
from mien.cli.retarget import read_performance
from mien.core.assets import head_path
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.head import Head, load_head
from mien.core.performance.performance import Performance
from numpy.typing import NDArray

from blender_tests import avatars
from blender_tests.rigify_avatar import rigify
from blender_tests.studio import light_and_camera, render
from training.head.archive import Archive

Picture = NDArray[np.uint8]
FOLDER = Path(__file__).resolve().parent / "images"
SIDE = 300
KINDS = {"MPFB": "man", "VRM": "woman", "Rigify": "old"}
POSES = ("neutral", "eyeBlink", "jawOpen", "mouthSmile", "mouthPucker")
SHOWN = ("neutral", "eyeBlinkLeft", "jawOpen", "mouthSmileLeft", "mouthFunnel", "browInnerUp")


def build(kind: str, parts: Archive, head: Head) -> Any:
    """One of the three characters in an empty scene, before a camera; its mesh."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    makers = {"MPFB": avatars.mpfb, "VRM": avatars.vrm}
    mesh, _ = makers[kind](parts) if kind in makers else rigify(parts, head)
    studio(avatars.person(parts, KINDS[kind]))
    return mesh


def studio(who: avatars.Person) -> None:
    """Lamps and a camera before someone's face."""
    eyes = (who.joints["l-eye"] + who.joints["r-eye"]) / 2
    light_and_camera(bpy.context.scene, eyes - np.array([0, 0.03, 0]))


def clip_on_characters(parts: Archive, head: Head, work: Path) -> None:
    """``avatars.jpg``: footage and characters, mouth shut, widest, and eyes shut if that was captured."""
    clip, take = demo_clip(), work / "face.take.npz"
    if mien(["capture", str(clip), "--output", str(work / "face.blend"), "--take", str(take)]):
        raise SystemExit("the clip could not be captured")
    performance = read_performance(take)
    jaw = performance.blendshapes[:, ARKIT_BLENDSHAPES.index("jawOpen")]
    shut = performance.blendshapes[
        :, [ARKIT_BLENDSHAPES.index(f"eyeBlink{s}") for s in ("Left", "Right")]
    ]
    wanted = [int(jaw.argmin()), int(jaw.argmax())]
    if shut.mean(axis=1).max() > 0.5:
        wanted.append(int(shut.sum(axis=1).argmax()))
    columns = [[footage(clip, frame) for frame in wanted]]
    for kind in KINDS:
        mesh = build(kind, parts, head)
        scene = bpy.context.scene
        scene.render.fps, scene.render.fps_base = 30, 30 / performance.fps
        retarget(scene, performance, mesh.name)
        columns.append([picture(scene, 1 + frame, work) for frame in wanted])
    write("avatars.jpg", [list(row) for row in zip(*columns, strict=True)])


def poses(parts: Archive, head: Head, work: Path) -> None:
    """``avatar_poses.jpg``: the three characters at single blendshapes, both sides at 1."""
    weights = np.zeros((len(POSES), len(ARKIT_BLENDSHAPES)), np.float32)
    for row, pose in enumerate(POSES):
        named = {pose, f"{pose}Left", f"{pose}Right"}
        weights[row, [i for i, u in enumerate(ARKIT_BLENDSHAPES) if u in named]] = 1
    count = len(POSES)
    still = Performance(
        times=np.arange(count) / 24.0, blendshapes=weights,
        rotation=np.tile(np.array([[1, 0, 0, 0]], np.float32), (count, 1)),
        translation=np.zeros((count, 3), np.float32), eyes=np.zeros((count, 2, 2), np.float32),
        confidence=np.ones(count, np.float32), seen=np.ones(len(ARKIT_BLENDSHAPES), np.float32), fps=24.0,
    )  # fmt: skip
    rows = []
    for kind in KINDS:
        mesh = build(kind, parts, head)
        bpy.context.scene.render.fps = 24
        retarget(bpy.context.scene, still, mesh.name)
        rows.append([picture(bpy.context.scene, 1 + frame, work) for frame in range(count)])
    write("avatar_poses.jpg", rows)


def generated(parts: Archive, head: Head, work: Path) -> None:
    """``generated.jpg``: keys that were generated for two heads that have none."""
    rows = []
    for kind in ("child", "old"):
        bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
        who = avatars.person(parts, kind)
        mesh = avatars.add_mesh("Face", who, {})
        studio(who)
        print(kind, generate_keys(mesh, head).report(), sep="\n")
        row = []
        for blendshape in SHOWN:
            for key in mesh.data.shape_keys.key_blocks[1:]:
                key.value = float(key.name == blendshape)
            row.append(picture(bpy.context.scene, 1, work))
        rows.append(row)
    write("generated.jpg", rows)


def footage(clip: Path, frame: int) -> Picture:
    """A frame of a video as a square."""
    video = cv2.VideoCapture(str(clip))
    for _ in range(frame + 1):
        image = video.read()[1]
    height = image.shape[0]
    return np.asarray(cv2.resize(image[:, :height], (SIDE, SIDE), interpolation=cv2.INTER_CUBIC))


def picture(scene: Any, frame: int, work: Path) -> Picture:
    """A rendered frame."""
    render(scene, frame, work / "frame.png", SIDE)
    return np.asarray(cv2.imread(str(work / "frame.png")))


def write(name: str, rows: list[list[Picture]]) -> None:
    """Pictures side by side and below each other."""
    sheet = np.vstack([np.hstack(row) for row in rows])
    cv2.imwrite(str(FOLDER / name), sheet, [cv2.IMWRITE_JPEG_QUALITY, 82])


def main() -> None:
    """Make all pictures."""
    parts, head = avatars.archive(), load_head(head_path())
    if parts is None:
        raise SystemExit("The archive of free parts is not in cache/; run: python -m training.head")
    with tempfile.TemporaryDirectory() as folder:
        for make in (clip_on_characters, poses, generated):
            make(parts, head, Path(folder))


if __name__ == "__main__":
    main()
