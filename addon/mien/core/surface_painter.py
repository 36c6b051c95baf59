# SPDX-License-Identifier: GPL-3.0-or-later
"""Paints a lit surface with numpy and OpenCV alone, every pixel what lies nearest there."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .model.crop import ImageArray
from .model.params import FloatArray
from .refine.raster import rasterise

LIGHT: FloatArray = np.array([0.30, 0.45, 0.84], np.float32)
"""Where the lamp is: to the right, above and before the face; x right, y up, z to the camera (chosen by
eye)."""
AMBIENT = 0.4
"""Share of light from everywhere (chosen by eye)."""


class Paint(NamedTuple):
    """What a part of a surface is painted with.

    Attributes:
        colour: ``(3,)`` BGR, 0 to 255, where there is no picture.
        picture: ``(H, W, 3)`` BGR on the texture coordinates, or None.
    """

    colour: FloatArray
    picture: ImageArray | None = None


class SurfacePainter:
    """Paints triangles that move.

    Args:
        triangles: ``(T, 3)``, counter-clockwise seen from outside.
        paints: what there is to paint with.
        painted: ``(T,)`` which of them each triangle has.
        uvs: ``(T, 3, 2)`` texture coordinates of the corners.
    """

    def __init__(
        self, triangles: NDArray[np.int32], paints: list[Paint], painted: NDArray[np.int32],
        uvs: FloatArray,
    ) -> None:  # fmt: skip
        self._triangles, self._paints = triangles, paints
        self._painted, self._uvs = painted, uvs

    def paint(
        self, canvas: ImageArray, points: FloatArray, place: FloatArray, scale: float,
        nearer: FloatArray | float = 0.0,
    ) -> ImageArray:  # fmt: skip
        """Paint the surface onto a picture.

        Args:
            canvas: BGR or BGRA, changed in place; alpha becomes 255 where the surface is.
            points: ``(V, 3)`` x right, y up, z to the viewer, metres.
            place: ``(2,)`` pixels where their origin lies.
            scale: pixels a metre.
            nearer: ``(V,)`` metres by which places are taken to be nearer than they are.

        Returns:
            The canvas.
        """
        flat = points[:, :2] * np.array([scale, -scale], np.float32) + place
        height, width = canvas.shape[:2]
        seen = rasterise(flat, self._triangles, height, width, points[:, 2] + nearer)
        rows, columns = np.nonzero(seen.triangle >= 0)
        if not len(rows):
            return canvas
        which, weights = seen.triangle[rows, columns], seen.weights[rows, columns]
        normals = np.einsum(
            "kc,kcx->kx", weights, self._normals(points)[self._triangles[which]]
        )  # not unit vectors, where neighbours differ
        length = np.maximum(np.linalg.norm(normals, axis=1), 1e-12)
        shade = AMBIENT + (1 - AMBIENT) * np.clip(normals @ LIGHT / length, 0, 1)
        canvas[rows, columns, :3] = np.clip(self._colours(which, weights) * shade[:, None], 0, 255)
        if canvas.shape[2] == 4:
            canvas[rows, columns, 3] = 255
        return canvas

    def _colours(self, which: NDArray[np.int32], weights: FloatArray) -> FloatArray:
        """Colours ``(k, 3)`` of places on triangles, not lit."""
        out = np.empty((len(which), 3), np.float32)
        painted = self._painted[which]
        for index in np.unique(painted):
            paint, rows = self._paints[index], np.flatnonzero(painted == index)
            if paint.picture is None:
                out[rows] = paint.colour
                continue
            at = np.einsum("kc,kcx->kx", weights[rows], self._uvs[which[rows]])
            high, wide = paint.picture.shape[:2]
            x, y = (np.clip(at * [1, -1] + [0, 1], 0, 1 - 1e-6) * [wide, high]).astype(int).T
            out[rows] = paint.picture[y, x]
        return out

    def _normals(self, points: FloatArray) -> FloatArray:
        """Unit normals ``(V, 3)``, each of the triangles around a vertex by their area."""
        a, b, c = (points[self._triangles[:, k]] for k in range(3))
        across = np.cross(b - a, c - a)
        flat = self._triangles.ravel()
        summed = np.stack(
            [np.bincount(flat, np.repeat(across[:, k], 3), len(points)) for k in range(3)], axis=1
        )
        length = np.maximum(np.linalg.norm(summed, axis=1, keepdims=True), 1e-12)
        return np.asarray(summed / length, np.float32)
