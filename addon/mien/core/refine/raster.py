# SPDX-License-Identifier: GPL-3.0-or-later
"""A z-buffer in plain numpy, fast where triangles are small: which triangle does each pixel see?

Triangles are cut into the rows of pixels that they cover, and the rows into pixels; where several triangles cover
a pixel, the nearest is found without sorting the pixels.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..model.params import FloatArray
from .pixel_rows import Corners, pixel_rows, span

Triangles = NDArray[np.int32]


class Visible(NamedTuple):
    """What the pixels of a picture see.

    Attributes:
        triangle: ``(h, w)`` index of the nearest triangle, -1 where there is none.
        weights: ``(h, w, 3)`` barycentric weights of the pixel's centre in it.
        depth: ``(h, w)`` z there, -inf where there is none.
    """

    triangle: NDArray[np.int32]
    weights: FloatArray
    depth: FloatArray


class Seen(NamedTuple):
    """The pixels that see a triangle.

    Attributes:
        pixel: ``(k,)`` row times width plus column, each once.
        seen: ``(s,)`` indices of the triangles that are seen, each once.
        which: ``(k,)`` the nearest triangle there, as an index into ``seen``.
        planes: ``(3, 3, s)``: times (x, y, 1) these are the weights of a seen triangle's three corners.
        depth: ``(k,)`` z there.
    """

    pixel: NDArray[np.int64]
    seen: NDArray[np.int64]
    which: NDArray[np.int64]
    planes: NDArray[np.float64]
    depth: NDArray[np.float64]


def rasterise(
    vertices: FloatArray, triangles: Triangles, height: int, width: int, z: FloatArray | None = None
) -> Visible:
    """Draw triangles that face the viewer; the nearest, whose z is largest, is seen.

    Args:
        vertices: ``(V, 2 or 3)`` in image space: pixels, x right, y down, z toward the viewer.
        triangles: ``(T, 3)`` counter-clockwise seen from outside with y up; the others are skipped.
        height, width: of the picture.
        z: ``(V,)`` depths, the third column of ``vertices`` by default.
    """
    corners = triangles.T.astype(np.int64, order="C")
    across, down = (np.ascontiguousarray(vertices[:, k]) for k in (0, 1))
    depths = np.ascontiguousarray(vertices[:, 2] if z is None else z)
    seen = visible_pixels(across, down, depths, corners, height, width)
    out = Visible(
        np.full(height * width, -1, np.int32),
        np.zeros((height * width, 3), np.float32),
        np.full(height * width, -np.inf, np.float32),
    )
    out.triangle[seen.pixel] = seen.seen[seen.which]
    row, column = np.divmod(seen.pixel, width)
    planes = seen.planes[:, :, seen.which]
    out.weights[seen.pixel] = (planes[:, 0] * column + planes[:, 1] * row + planes[:, 2]).T
    out.depth[seen.pixel] = seen.depth
    return Visible(
        out.triangle.reshape(height, width),
        out.weights.reshape(height, width, 3),
        out.depth.reshape(height, width),
    )


def visible_pixels(
    across: FloatArray,
    down: FloatArray,
    z: FloatArray,
    corners: NDArray[np.int64],
    height: int,
    width: int,
) -> Seen:
    """As :func:`rasterise`, for those pixels alone that see something.

    Args:
        across, down: ``(V,)`` pixels to the right and down.
        z: ``(V,)`` toward the viewer.
        corners: ``(3, T)`` of the triangles, see there.
        height, width: of the picture.
    """  # fmt: skip
    drawn, x, y, depths = _drawn(across, down, z, corners, height, width)
    rise = _rise(x, y, depths)
    owner, row, first, count = pixel_rows(x, y, height, width)
    # Every pixel of every row of every triangle.
    begin = np.cumsum(count) - count
    strip = np.repeat(np.arange(len(count)), count)
    steps = np.arange(len(strip))
    pixel = np.take((row * width + first - begin).astype(np.int64), strip)
    pixel += steps
    slope = np.take(rise[0], owner)
    at = slope * (first - begin) + np.take(rise[1], owner) * row + np.take(rise[2], owner)
    depth = np.take(slope, strip)
    depth *= steps
    depth += np.take(at, strip)
    winner = np.full(height * width, -1)
    winner[pixel] = steps  # the last one stays
    beaten = np.flatnonzero(depth > np.take(depth, np.take(winner, pixel)))
    while len(beaten):
        winner[pixel[beaten]] = beaten
        beaten = beaten[depth[beaten] > depth[winner[pixel[beaten]]]]
    place = np.flatnonzero(winner >= 0)
    won = np.take(winner, place)
    which = np.take(owner, np.take(strip, won))
    number = np.zeros(len(drawn), np.int64)
    number[which] = 1
    seen = np.flatnonzero(number)
    number[seen] = np.arange(len(seen))
    planes = weight_planes(np.take(x, seen, axis=1), np.take(y, seen, axis=1))
    return Seen(place, np.take(drawn, seen), np.take(number, which), planes, np.take(depth, won))


def _drawn(
    across: FloatArray,
    down: FloatArray,
    z: FloatArray,
    corners: NDArray[np.int64],
    height: int,
    width: int,
) -> tuple[NDArray[np.int64], Corners, Corners, Corners]:
    """Which triangles face the viewer and may cover a pixel's centre ``(d,)``, and x, y, z of their corners.

    The farthest come first, so that what is written last onto a pixel is mostly the nearest.
    """
    x, y = np.take(across, corners), np.take(down, corners)
    faces = (x[1] - x[0]) * (y[2] - y[0]) < (x[2] - x[0]) * (y[1] - y[0])
    (left, right), (top, bottom) = span(x, width), span(y, height)
    drawn = np.flatnonzero(faces & (left <= right) & (top <= bottom))
    if not len(drawn):
        return drawn, *np.empty((3, 3, 0))
    depths = np.take(z, np.take(corners, drawn, axis=1))
    middle = depths[0] + depths[1] + depths[2]
    low, high = middle.min(), middle.max()
    level = (middle - low) * (65535 / max(high - low, 1e-12))
    order = np.argsort(level.astype(np.uint16), kind="stable")  # 16 bits are sorted by digits
    drawn = np.take(drawn, order)
    x, y, depths = np.take(x, drawn, axis=1), np.take(y, drawn, axis=1), depths[:, order]
    return drawn, x.astype(np.float64), y.astype(np.float64), depths.astype(np.float64)


def _rise(x: Corners, y: Corners, depths: Corners) -> Corners:
    """``(3, d)``: times (x, y, 1) this is the depth of a triangle."""
    (x1, x2), (y1, y2), (z1, z2) = (values[1:] - values[0] for values in (x, y, depths))
    area = _below_nothing(x1 * y2 - x2 * y1)
    by_x, by_y = (z1 * y2 - z2 * y1) / area, (z2 * x1 - z1 * x2) / area
    return np.stack([by_x, by_y, depths[0] - by_x * x[0] - by_y * y[0]])


def weight_planes(x: Corners, y: Corners) -> NDArray[np.float64]:
    """``(3 corners, 3, d)``: times (x, y, 1) these are the barycentric weights."""
    area = _below_nothing((x[1] - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (y[1] - y[0]))
    planes = np.empty((3, *x.shape))
    for k in (0, 1):
        one, two = (k + 1) % 3, (k + 2) % 3
        planes[k, 0], planes[k, 1] = (y[one] - y[two]) / area, (x[two] - x[one]) / area
        planes[k, 2] = -(planes[k, 0] * x[two] + planes[k, 1] * y[two])
    planes[2] = np.array([[0.0], [0.0], [1.0]]) - planes[0] - planes[1]
    return planes


def _below_nothing(area: NDArray[np.float64]) -> NDArray[np.float64]:
    """Twice the areas of triangles that face the viewer; what has none is level, and its last corner's."""
    return np.where(area < 0, area, -np.inf)
