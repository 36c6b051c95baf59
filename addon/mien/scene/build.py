# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the whole capture into a scene: collection, head, rig, action, camera, footage."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np
from bpy.types import Collection, Object, Scene
from numpy.typing import NDArray

from ..core.head import Head
from ..core.motion import Motion
from ..core.params import FloatArray
from .action import Keyer
from .axes import points_to_scene, rotations_to_scene
from .camera import build_camera, show_footage
from .mesh import build_mesh, expression_key, set_identity
from .placement import place_head
from .rig import BONE, bind, bone_channels, build_rig

COLLECTION, HEAD, RIG, CAMERA = "Mien Capture", "Mien Head", "Mien Rig", "Mien Camera"


@dataclass(frozen=True)
class Built:
    """What was put into the scene.

    Attributes:
        collection: holds the objects.
        mesh: the head; rig: its armature; camera: that matches the footage.
    """

    collection: Collection
    mesh: Object
    rig: Object
    camera: Object


def build_scene(
    scene: Scene, motion: Motion, head: Head, footage: Path | None = None, match: bool = True
) -> Built:
    """Put a captured head into a scene. On an error the file is left as it was.

    Args:
        scene: to build into.
        motion: what to key.
        head: that the motion was captured with.
        footage: shown behind the head, if Blender can read it.
        match: take size, frame rate and range from the footage and look through its camera;
            otherwise the scene keeps its own, and the keys lie at the same times.
    """
    with _all_or_nothing():
        if match:
            _match_scene(scene, motion)
        collection = bpy.data.collections.new(COLLECTION)
        scene.collection.children.link(collection)
        rig = build_rig(RIG, collection)
        mesh = build_mesh(head, HEAD)
        collection.objects.link(mesh)
        bind(mesh, rig)
        set_identity(mesh, motion.identity)
        placed = place_head(motion)
        camera = build_camera(CAMERA, collection, placed.camera, motion.width, motion.height)
        _key(
            scene,
            motion,
            mesh,
            rig,
            points_to_scene(placed.position),
            rotations_to_scene(placed.rotation),
        )
        if footage is not None:
            length = round(float(motion.times[-1]) * motion.fps) + 1
            show_footage(camera, footage, length, scene)
        if match:
            scene.camera = camera
        scene.frame_set(scene.frame_start)
    return Built(collection, mesh, rig, camera)


def frames_of(scene: Scene, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scene frames ``(F,)`` at which footage times ``(F,)`` in seconds lie; fractions are kept."""
    rate = scene.render.fps / scene.render.fps_base
    return scene.frame_start + times * rate


def _key(
    scene: Scene,
    motion: Motion,
    mesh: Object,
    rig: Object,
    position: FloatArray,
    rotation: FloatArray,
) -> None:
    frames = frames_of(scene, motion.times)
    keyer = Keyer(COLLECTION)
    channels = bone_channels(rig, position, rotation)
    bone = f'pose.bones["{BONE}"]'
    for index in range(3):
        keyer.key(rig, f"{bone}.location", index, frames, channels[:, index])
    for index in range(4):
        keyer.key(rig, f"{bone}.rotation_quaternion", index, frames, channels[:, 3 + index])
    keys = mesh.data.shape_keys
    for index, values in enumerate(motion.expression.T):
        keyer.key(keys, f'key_blocks["{expression_key(index)}"].value', 0, frames, values)


def _match_scene(scene: Scene, motion: Motion) -> None:
    render = scene.render
    render.resolution_x, render.resolution_y = motion.width, motion.height
    render.resolution_percentage = 100
    render.pixel_aspect_x = render.pixel_aspect_y = 1.0
    render.fps = max(1, round(motion.fps))
    render.fps_base = render.fps / motion.fps
    scene.frame_end = max(scene.frame_start, int(np.ceil(frames_of(scene, motion.times)[-1])))


@contextmanager
def _all_or_nothing() -> Iterator[None]:
    """Remove every data-block that was made inside, if something fails."""
    kinds = (
        "objects",
        "meshes",
        "armatures",
        "cameras",
        "actions",
        "materials",
        "images",
        "collections",
    )
    before = {kind: set(getattr(bpy.data, kind)) for kind in kinds}
    try:
        yield
    except BaseException:
        for kind in kinds:
            blocks = getattr(bpy.data, kind)
            for block in set(blocks) - before[kind]:
                blocks.remove(block)
        raise
