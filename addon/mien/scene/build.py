# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the whole capture into a scene: collection, head, rig, action, camera, footage."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import bpy
import cv2
import numpy as np
from bpy.types import Collection, Object, Scene
from numpy.typing import NDArray

from ..core.capture.sources import open_source
from ..core.errors import SourceError
from ..core.model.head import Head
from ..core.model.params import FloatArray
from ..core.modes import Hair
from ..core.solve.motion import Motion
from ..core.solve.placement import place_head
from ..core.texture.brows import shows_brows
from ..core.texture.packed import tones_of, unpack
from ..core.texture.sequence_folder import SkinSequence
from ..core.tones import ToneSampler, first_seen
from .camera import build_camera, show_footage
from .keying import frames_of, key_motion
from .lighting import light_scene
from .materials import toned_pictures
from .mesh import building_mesh, set_identity, smooth_in_render
from .rig import bind, build_rig
from .skin import wear_texture
from .skin_sequence import time_sequence, wear_sequence
from .timing import PLAIN, Keying

COLLECTION, HEAD, RIG, CAMERA = "Mien Capture", "Mien Head", "Mien Rig", "Mien Camera"

TONED_AT = 256
"""Side of the texture from which colours are taken; at its own it costs half a second."""


@dataclass(frozen=True)
class Built:
    """What was put into the scene.

    Attributes:
        collection: holds the objects.
        mesh: the head; rig: its armature; camera: that matches the footage.
        stand: ``(3,)`` where the camera was put, in camera axes.
    """

    collection: Collection
    mesh: Object
    rig: Object
    camera: Object
    stand: FloatArray


def build_scene(
    scene: Scene,
    motion: Motion,
    head: Head,
    footage: Path | None = None,
    match: bool = True,
    keying: Keying = PLAIN,
    beside: Built | None = None,
    texture: NDArray[np.uint8] | None = None,
    hair: Hair = Hair.SHORT,
    sequence: SkinSequence | None = None,
) -> Built:
    """Put a captured head into a scene at once; takes and gives what :func:`building` does."""
    pieces = building(scene, motion, head, footage, match, keying, beside, texture, hair, sequence)
    while True:
        try:
            next(pieces)
        except StopIteration as end:
            built: Built = end.value
            return built


def building(
    scene: Scene,
    motion: Motion,
    head: Head,
    footage: Path | None = None,
    match: bool = True,
    keying: Keying | None = PLAIN,
    beside: Built | None = None,
    texture: NDArray[np.uint8] | None = None,
    hair: Hair = Hair.SHORT,
    sequence: SkinSequence | None = None,
) -> Generator[None, None, Built]:
    """Put a captured head into a scene in pieces, so that a window can draw between them.

    On an error the file is left as it was.

    Args:
        scene: to build into.
        motion: what to key.
        head: that the motion was captured with.
        footage: shown behind the head, if Blender can read it; skin, hair and irises take their colours from it.
        match: take size, frame rate and range from the footage and look through its camera;
            otherwise the scene keeps its own, and the keys lie at the same times. A scene without
            a light, or without a world, is given one too.
        keying: where keys lie and how many there are; None leaves the head without, to be posed.
        beside: another head of the same footage; this one is put before its camera.
        texture: of the head, as a take keeps it; its colours also tone hair and brows.
        hair: style of the head's hair, one of :data:`mien.core.modes.Hair`.
        sequence: of pictures of the skin, one for each frame of the motion, shown in the texture's place.

    Raises:
        TakeError: the texture is damaged.
    """
    with _all_or_nothing():
        if match:
            _match_scene(scene, motion)
        collection = bpy.data.collections.new(COLLECTION)
        scene.collection.children.link(collection)
        rig = build_rig(RIG, collection, head, motion.identity)
        sampler = ToneSampler(head, motion)
        if footage is not None:
            for _ in _look_at(footage, first_seen(motion), sampler):
                yield
        tones = sampler.tones()
        if texture is not None:
            picture = unpack(texture)
            yield
            brows = not shows_brows(picture, head)
            yield
            small = cv2.resize(picture, (TONED_AT, TONED_AT), interpolation=cv2.INTER_AREA)
            tones |= tones_of(small.astype(np.uint8), head)
        yield
        yield from toned_pictures(tones, hair)
        mesh = yield from building_mesh(head, HEAD, tones, hair)
        if texture is not None:
            wear_texture(mesh, texture, brows)
            if sequence is not None:
                wear_sequence(mesh, sequence)
            yield
        collection.objects.link(mesh)
        bind(mesh, rig, head)
        smooth_in_render(mesh)
        set_identity(mesh, motion.identity)
        yield
        stand = beside.stand if beside else None
        if keying is None:
            stand = place_head(motion, stand).camera
        else:
            stand = key_motion(scene, motion, mesh, rig, stand, keying)
            time_sequence(mesh, scene, motion.times, keying)
        yield
        if beside:
            camera = beside.camera
        else:
            camera = build_camera(CAMERA, collection, stand, motion.width, motion.height)
            if footage is not None:
                show_footage(camera, footage, motion, scene, keying or PLAIN)
                yield
        if match:
            scene.camera = camera
            light_scene(scene, collection)
        if keying is not None:
            scene.frame_set(scene.frame_start)
    return Built(collection, mesh, rig, camera, stand)


def _look_at(footage: Path, first: float | None, sampler: ToneSampler) -> Iterator[None]:
    """Show a sampler the footage, a frame at a time, until it has seen enough."""
    try:
        for frame in open_source(footage, start=first):
            sampler.look(frame.time, frame.image)
            if sampler.enough:
                return
            yield
    except SourceError:
        return  # it is gone or cannot be read: the head has colours of its own


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
    kinds = ("objects", "meshes", "armatures", "cameras", "actions", "materials", "images", "lights",
             "worlds", "collections")  # fmt: skip
    before = {kind: set(getattr(bpy.data, kind)) for kind in kinds}
    try:
        yield
    except (
        ReferenceError
    ):  # an undo took the scene away: what is new cannot be told from what was there
        raise
    except Exception:  # not when pieces are given up: another file may be open by then
        for kind in kinds:
            blocks = getattr(bpy.data, kind)
            for block in set(blocks) - before[kind]:
                blocks.remove(block)
        raise
