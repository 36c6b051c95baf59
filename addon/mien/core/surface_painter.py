# SPDX-License-Identifier: GPL-3.0-or-later
"""Paints a lit surface with numpy and OpenCV alone, every pixel what lies nearest there."""

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from .model.crop import ImageArray
from .model.params import FloatArray
from .refine.raster import Seen, visible_pixels, weight_planes

LIGHT: FloatArray = np.array([0.30, 0.45, 0.84], np.float32)
"""Where the lamp is: to the right, above and before the face; x right, y up, z to the camera (chosen by
eye)."""
AMBIENT = 0.4
"""Share of light from everywhere (chosen by eye)."""
LAG = 0.75
"""Pixels that a vertex may move before it is found out anew what each pixel sees and how bright it is; until then
what is painted on the triangles moves on, and outlines, which end at whole pixels anyway, stay."""


class Paint(NamedTuple):
    """What a part of a surface is painted with.

    Attributes:
        colour: ``(3,)`` BGR, 0 to 255, where there is no picture.
        picture: ``(H, W, 3)`` BGR on the texture coordinates, or None.
    """

    colour: FloatArray
    picture: ImageArray | None = None


class _Look(NamedTuple):
    """What the pixels of a picture see.

    Attributes:
        size: height and width.
        across, down: ``(V,)`` pixels of the vertices.
        seen: pixels and triangles.
        corners: ``(3, s)`` vertices of the seen triangles.
        values: ``(3, 3, s)``: column and row of texels, and brightness, at these corners.
        begin, texels_wide: ``(k,)`` first texel and width of each pixel's picture.
    """

    size: tuple[int, int]
    across: FloatArray
    down: FloatArray
    seen: Seen
    corners: NDArray[np.int64]
    values: FloatArray
    begin: NDArray[np.int64]
    texels_wide: NDArray[np.int64]


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
        self._corners = triangles.T.astype(np.int64, order="C")
        pictures = [
            np.clip(p.colour, 0, 255).astype(np.uint8).reshape(1, 1, 3) if p.picture is None else p.picture
            for p in paints
        ]  # fmt: skip
        self._texels = np.concatenate([_packed(picture) for picture in pictures])
        sizes = np.array([picture.shape[:2] for picture in pictures])
        begins = np.cumsum([0, *sizes.prod(axis=1)])[:-1]
        self._begin, self._width = begins[painted], sizes[painted, 1]
        # Columns and rows of texels at the corners, within the picture: ``(2, 3, T)``.
        most = sizes[painted, ::-1][:, None]
        at = np.clip((uvs * [1, -1] + [0, 1]) * most, 0, most - 0.5)
        self._texel_at = at.transpose(2, 1, 0).astype(np.float32, order="C")
        ones = np.ones(triangles.size, np.float32)
        begins_of_rows = np.arange(0, triangles.size + 1, 3)
        shape = (len(triangles), int(triangles.max()) + 1)
        self._around = csr_matrix((ones, triangles.ravel(), begins_of_rows), shape).T.tocsr()
        self._last: _Look | None = None

    def paint(
        self, height: int, width: int, points: FloatArray, place: FloatArray, scale: float,
        nearer: FloatArray | float = 0.0,
    ) -> ImageArray:  # fmt: skip
        """A picture of the surface ``(height, width, 4)``: BGR, and 255 where the surface is, else 0.

        Args:
            height, width: of the picture.
            points: ``(V, 3)`` x right, y up, z to the viewer, metres.
            place: ``(2,)`` pixels where their origin lies.
            scale: pixels a metre.
            nearer: ``(V,)`` metres by which places are taken to be nearer than they are.
        """
        x, y, z = np.ascontiguousarray(points.T)
        across = x * np.float32(scale) + np.float32(place[0])
        down = y * np.float32(-scale) + np.float32(place[1])
        look = self._as_before((height, width), across, down)
        if look is None:
            seen = visible_pixels(across, down, z + nearer, self._corners, height, width)
            shades = self._shades(x, y, z)
            look = self._last = self._looked((height, width), across, down, seen, shades)
        column, row, shade = _spread(look.values, look.seen, width)
        texel = row.astype(np.int64)
        texel *= look.texels_wide
        texel += column.astype(np.int64)
        texel += look.begin
        plain = np.take(self._texels, texel, mode="clip").view(np.uint8)
        light = np.take(_GREYS, shade.astype(np.int64), mode="clip").view(np.uint8)
        out = np.zeros(height * width, np.uint32)
        if len(look.seen.pixel):
            out[look.seen.pixel] = cv2.multiply(plain, light, scale=1 / 255).ravel().view(np.uint32)
        return out.view(np.uint8).reshape(height, width, 4)

    def _as_before(
        self, size: tuple[int, int], across: FloatArray, down: FloatArray
    ) -> _Look | None:
        """What was seen when the picture was almost the same, with the triangles where they are now."""
        last = self._last
        if last is None or last.size != size:
            return None
        if max(np.abs(across - last.across).max(), np.abs(down - last.down).max()) >= LAG:
            return None
        x, y = (np.take(values, last.corners).astype(np.float64) for values in (across, down))
        return last._replace(seen=last.seen._replace(planes=weight_planes(x, y)))

    def _looked(
        self, size: tuple[int, int], across: FloatArray, down: FloatArray, seen: Seen, shades: FloatArray
    ) -> _Look:  # fmt: skip
        corners = np.take(self._corners, seen.seen, axis=1)
        values = np.concatenate(
            [np.take(self._texel_at, seen.seen, axis=2), np.take(shades, corners)[None]]
        )
        begin, wide = (
            np.take(np.take(of_all, seen.seen), seen.which) for of_all in (self._begin, self._width)
        )
        return _Look(size, across, down, seen, corners, values, begin, wide)

    def _shades(self, x: FloatArray, y: FloatArray, z: FloatArray) -> FloatArray:
        """How bright each vertex is ``(V,)``, 0 to 255; its normal is that of the triangles around it by area."""
        x, y, z = (np.take(values, self._corners) for values in (x, y, z))
        (x1, x2), (y1, y2), (z1, z2) = (values[1:] - values[0] for values in (x, y, z))
        across = y1 * z2 - z1 * y2, z1 * x2 - x1 * z2, x1 * y2 - y1 * x2
        normals = [self._around @ values for values in across]
        length = np.sqrt(sum(n * n for n in normals))
        lit = sum(n * part for n, part in zip(normals, LIGHT, strict=True))
        lit /= np.maximum(length, 1e-12)
        return 255 * (AMBIENT + (1 - AMBIENT) * np.clip(lit, 0, 1))


_GREYS = np.array([[k, k, k, 255] for k in range(256)], np.uint8).view(np.uint32)[:, 0]
"""A brightness as a BGRA pixel."""


def _packed(picture: ImageArray) -> NDArray[np.uint32]:
    """BGR ``(h, w, 3)`` as one number a texel, its alpha 255."""
    return cv2.cvtColor(picture, cv2.COLOR_BGR2BGRA).view(np.uint32).ravel()


def _spread(corners: FloatArray, seen: Seen, width: int) -> Iterator[FloatArray]:
    """Values at the pixels ``(k,)`` that see a triangle, of values ``(n, 3, s)`` at its corners.

    Just beside a triangle, where its pixels may still lie, they go no farther than at its corners.
    """
    y = seen.pixel // width
    x = (seen.pixel - y * width).astype(np.float32)
    planes = seen.planes.astype(np.float32)
    for at in corners:
        plane = at[0] * planes[0] + at[1] * planes[1] + at[2] * planes[2]
        ends = at.min(axis=0), at.max(axis=0)
        by_x, by_y, value, low, high = (np.take(row, seen.which) for row in (*plane, *ends))
        by_x *= x
        by_y *= y
        value += by_x
        value += by_y
        yield np.minimum(np.maximum(value, low, out=value), high, out=value)
