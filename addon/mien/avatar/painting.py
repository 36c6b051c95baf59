# SPDX-License-Identifier: GPL-3.0-or-later
"""Paints a character that plays a performance, from the front, for the preview."""

import bpy
import cv2
import numpy as np
from bpy.types import Material, Scene
from numpy.typing import NDArray

from ..core.model.crop import ImageArray
from ..core.model.params import FloatArray
from ..core.modes import Timing
from ..core.preview import BACKDROP
from ..core.surface_painter import Paint, SurfacePainter
from ..scene.exporting import family
from ..scene.keying import frames_of
from ..scene.textures import srgb
from ..scene.timing import Keying
from ..scene.typed import loose, mesh_data, present
from .rest import rest_pose
from .target import find_target

LOOKED_AT = 9
"""Frames, spread over the performance, that say where the face is: it moves, the body does not."""
MOVING = 0.1
"""Share of the largest way that a vertex must go to be of the face."""
ROOM = 1.8
"""Size of the panel over that of what moves: of a calm take that is jaw and mouth alone."""
PICTURE = 512
"""Pixels of a side to which a character's pictures are shrunk."""
PLAIN: FloatArray = np.array([160, 165, 175], np.float32)
"""BGR of what has no material."""


class CharacterPainter:
    """Paints panels of a character that was keyed.

    Args:
        scene: that holds it.
        name: of its object, as it was retargeted to.
        times: ``(F,)`` seconds of the performance's frames.
        keying: where its keys lie.

    Raises:
        AvatarError: there is no such character.
    """

    def __init__(self, scene: Scene, name: str, times: NDArray[np.float64], keying: Keying) -> None:
        target = find_target(scene, name)
        self._scene = scene
        self._meshes = [
            o
            for o in family(target.armature or target.meshes[0])
            if o.type == "MESH" and o.visible_get()
        ]
        start = scene.frame_start if keying.start is None else keying.start
        one_by_one = keying.timing == Timing.ONE_BY_ONE
        self._frames = (
            start + np.arange(len(times)) if one_by_one else frames_of(scene, times, start)
        )
        self._axes = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]], np.float64)
        if target.armature is not None:
            turned = np.array(target.armature.matrix_world.to_3x3(), np.float64)
            turned = turned @ rest_pose(target.armature).axes
            self._axes = turned / np.linalg.norm(turned, axis=0)
        self._surface, self._count = self._build()
        rows = np.unique(np.linspace(0, len(times) - 1, LOOKED_AT).astype(int))
        self._place, self._scale = _framing(np.stack([self._posed(row) for row in rows]))

    def panel(self, row: int, side: int) -> ImageArray:
        """``(side, side, 3)`` BGR of a frame of the performance."""
        points = self._posed(row)
        if len(points) != self._count:  # a modifier made another mesh of it
            self._surface, self._count = self._build()
        canvas = np.full((side, side, 3), BACKDROP, np.uint8)
        painted = self._surface.paint(side, side, points, side * self._place, side * self._scale)
        return np.asarray(cv2.copyTo(painted[..., :3], painted[..., 3], canvas), np.uint8)

    def _posed(self, row: int) -> FloatArray:
        """Vertices ``(V, 3)`` of a frame, x to the character's left, y up, z to who looks at it."""
        frame = float(self._frames[row])
        self._scene.frame_set(int(np.floor(frame)), subframe=frame % 1)
        graph = bpy.context.evaluated_depsgraph_get()
        found = []
        for thing in self._meshes:
            final = thing.evaluated_get(graph)
            vertices = mesh_data(final).vertices
            places = np.empty(len(vertices) * 3, np.float32)
            vertices.foreach_get("co", places)
            matrix = np.array(final.matrix_world, np.float64)
            found.append(places.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3])
        return np.asarray(np.concatenate(found) @ self._axes, np.float32)

    def _build(self) -> tuple[SurfacePainter, int]:
        """What paints all meshes, and how many vertices they have."""
        graph = bpy.context.evaluated_depsgraph_get()
        paints: list[Paint] = []
        triangles, painted, uvs, count = [], [], [], 0
        for thing in self._meshes:
            mesh = mesh_data(thing.evaluated_get(graph))
            mesh.calc_loop_triangles()
            number = len(mesh.loop_triangles)
            corners, loops, slots = (np.empty(number * n, np.int32) for n in (3, 3, 1))
            for name, values in (
                ("vertices", corners),
                ("loops", loops),
                ("material_index", slots),
            ):
                mesh.loop_triangles.foreach_get(name, values)
            flat = np.zeros((len(mesh.loops), 2), np.float32)
            if mesh.uv_layers.active is not None:
                mesh.uv_layers.active.data.foreach_get("uv", flat.ravel())
            triangles.append(corners.reshape(-1, 3) + count)
            uvs.append(flat[loops].reshape(-1, 3, 2))
            painted.append(len(paints) + np.clip(slots, 0, max(len(mesh.materials) - 1, 0)))
            paints += [_paint(material) for material in mesh.materials] or [Paint(PLAIN)]
            count += len(mesh.vertices)
        surface = SurfacePainter(
            np.concatenate(triangles).astype(np.int32), paints,
            np.concatenate(painted).astype(np.int32), np.concatenate(uvs),
        )  # fmt: skip
        return surface, count


def _framing(posed: FloatArray) -> tuple[FloatArray, float]:
    """Where the origin lies in a panel ``(2,)``, and the metre, over its side, so that what moves fills it.

    Args:
        posed: ``(K, V, 3)`` some frames.
    """
    ways = np.linalg.norm(np.ptp(posed, axis=0), axis=1)
    moving = posed[:, ways >= MOVING * ways.max(), :2].reshape(-1, 2)
    low, high = moving.min(axis=0), moving.max(axis=0)
    scale = 1 / (ROOM * max(float((high - low).max()), 1e-6))
    place = 0.5 - scale * (low + high) / 2 * [1, -1]
    return np.asarray(place, np.float32), scale


def _paint(material: Material | None) -> Paint:
    """A material's picture, or its colour in the viewport."""
    if material is None:
        return Paint(PLAIN)
    red, green, blue = material.diffuse_color[:3]
    red, green, blue = srgb((red, green, blue))
    nodes = material.node_tree.nodes if material.node_tree is not None else ()
    shader = next((n for n in nodes if n.type == "BSDF_PRINCIPLED"), None)
    links = present(shader.inputs["Base Color"].links) if shader is not None else ()
    image = next(
        (loose(x.from_node).image for x in links if loose(x.from_node).type == "TEX_IMAGE"), None
    )
    return Paint(
        255 * np.array([blue, green, red], np.float32), None if image is None else _pixels(image)
    )


def _pixels(image: bpy.types.Image) -> ImageArray | None:
    """An image, small, its first row at the top; None if its file is gone."""
    width, height = image.size
    if not width or not height:
        return None
    values = np.empty(width * height * 4, np.float32)
    loose(image.pixels).foreach_get(values)
    picture = np.clip(values.reshape(height, width, 4)[::-1, :, 2::-1] * 255, 0, 255)
    factor = min(1.0, PICTURE / max(width, height))
    small = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)
