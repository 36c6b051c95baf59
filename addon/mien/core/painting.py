# SPDX-License-Identifier: GPL-3.0-or-later
"""Paints the shown head of a motion with OpenCV alone: shaded faces, the farthest first."""

import cv2
import numpy as np
from numpy.typing import NDArray

from .model.arkit import ARKIT_BLENDSHAPES
from .model.crop import ImageArray
from .model.eyeballs import eye_centres, eye_turns
from .model.gaze import set_gaze, steady_gaze
from .model.head import Head
from .model.looks import Tones, face_colours
from .model.params import FloatArray
from .model.parts import REGIONS, shown_head, without_gaze
from .model.rotation import to_matrices
from .solve.motion import Motion

LIGHT: FloatArray = np.array([0.30, 0.45, 0.84], np.float32)
AMBIENT = 0.35
INSIDE = ("mouth", "teeth", "tongue")
"""What lies behind the lips, whatever the middles of its faces say of depth."""
NEARER = {"brows": 0.004, "lashes": 0.004, "hair": 0.002, "eye": -0.001}
"""Metres by which these are taken to be nearer: hair lies on the skin, and lids on the eyes."""
OUT = 0.2
"""From this weight of tongueOut on the tongue is before the lips."""
SMALLEST = 0.12
"""Square pixels below which a face is not worth painting."""
_SUBPIXEL = 4
_TONGUE_OUT = ARKIT_BLENDSHAPES.index("tongueOut")


class HeadPainter:
    """Paints a head that moves by its blendshapes, as a scene shows it.

    Args:
        head, motion: to be painted.
        tones: of the actor.
    """

    def __init__(self, head: Head, motion: Motion, tones: Tones) -> None:
        self._motion, self._shown = motion, shown_head(head)
        shown = self._shown
        person = head.vertices + np.tensordot(motion.identity, head.identity, axes=1)
        self._rest = shown.shape(person)
        self._moves = shown.carry(without_gaze(head.blendshapes, head)).reshape(
            len(ARKIT_BLENDSHAPES), -1
        )
        self._gaze = steady_gaze(motion.blendshapes)
        self._weights = set_gaze(motion.blendshapes, self._gaze)
        self._centres = eye_centres(head, motion.identity)
        self._faces = np.where(shown.faces < 0, shown.faces[:, :1], shown.faces)
        self._colours = face_colours(shown.regions, shown.uvs, tones)
        self._layer, self._nearer = _layers(shown.regions)

    def paint(self, canvas: ImageArray, row: int, place: FloatArray, scale: float) -> ImageArray:
        """Paint a frame onto a picture.

        Args:
            canvas: BGR or BGRA, changed in place; alpha becomes 255 where the head is.
            row: of the motion.
            place: ``(2,)`` pixels where the head's origin lies.
            scale: pixels a metre.

        Returns:
            The canvas.
        """
        points = self.posed(row)
        corners = points[self._faces]
        across = np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
        least = SMALLEST * 2 / scale**2
        facing = np.flatnonzero(across[:, 2] > least)
        layer = self._layer
        if self._weights[row, _TONGUE_OUT] > OUT:
            layer = np.where(self._shown.regions == REGIONS.index("tongue"), 1, layer)
        depth = corners[facing, :, 2].mean(axis=1) + self._nearer[facing]
        order = facing[np.lexsort((depth, layer[facing]))]
        shade = AMBIENT + (1 - AMBIENT) * np.clip(self._normals(points, order) @ LIGHT, 0, 1)
        colours = np.column_stack([self._colours[order] * shade[:, None], np.full(len(order), 255)])
        flat = corners[order, :, :2] * np.array([scale, -scale]) + place
        polygons = np.rint(flat * 2**_SUBPIXEL).astype(np.int32)
        for polygon, colour in zip(polygons, colours.tolist(), strict=True):
            cv2.fillConvexPoly(canvas, polygon, colour, cv2.LINE_8, _SUBPIXEL)
        return canvas

    def posed(self, row: int) -> FloatArray:
        """Vertices ``(M, 3)`` of a frame, x right, y up, z to the viewer, metres from the origin."""
        motion = self._motion
        moved = (self._weights[row] @ self._moves).reshape(-1, 3)
        points = self._rest + moved
        turns = eye_turns(self._gaze[row])
        for eye, centre, turn in zip(self._shown.eyes, self._centres, turns, strict=True):
            points[eye] = (self._rest[eye] - centre) @ turn.T + centre
        rotation = to_matrices(motion.rotation[row : row + 1])[0]
        return np.asarray(points @ rotation.T, np.float32)

    def _normals(self, points: FloatArray, order: NDArray[np.intp]) -> FloatArray:
        """Unit normals of faces, each taken from its corners' neighbourhoods."""
        faces = self._faces[order]
        corners = points[faces]
        across = np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
        at = np.stack(
            [np.bincount(faces.ravel(), np.repeat(across[:, k], 4), len(points)) for k in range(3)],
            axis=1,
        )
        normals = at[faces].sum(axis=1)
        length = np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
        return np.asarray(normals / length, np.float32)


def _layers(regions: NDArray[np.int32]) -> tuple[NDArray[np.int32], FloatArray]:
    """The layer of each face, farther ones first, and by how much it is nearer within it."""
    layer, nearer = np.ones(len(REGIONS), np.int32), np.zeros(len(REGIONS), np.float32)
    layer[[REGIONS.index(name) for name in INSIDE]] = 0
    for name, by in NEARER.items():
        nearer[REGIONS.index(name)] = by
    return layer[regions], nearer[regions]
