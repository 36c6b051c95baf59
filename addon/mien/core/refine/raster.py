# SPDX-License-Identifier: GPL-3.0-or-later
"""A z-buffer in plain numpy, fast where triangles are small: which triangle does each pixel see?

Triangles are cut into the rows of pixels that they cover, and the rows into pixels; where several triangles cover
a pixel, the nearest is found without sorting the pixels.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..model.params import FloatArray

Triangles = NDArray[np.int32]

Corners = NDArray[np.float64]
"""``(3, d)``: a value at each corner of each triangle."""

_EDGE = 1e-4
"""Pixels this far beside a triangle still count, so that none falls between two triangles."""


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
        drawn: ``(d,)`` indices of the triangles that face the viewer and touch the picture.
        which: ``(k,)`` the nearest triangle there, as an index into ``drawn``.
        planes: ``(3, 3, d)``: times (x, y, 1) these are the weights of a drawn triangle's three corners.
        depth: ``(k,)`` z there.
    """

    pixel: NDArray[np.int64]
    drawn: NDArray[np.int64]
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
    seen = visible_pixels(
        vertices[:, :2], triangles, height, width, vertices[:, 2] if z is None else z
    )
    out = Visible(
        np.full(height * width, -1, np.int32),
        np.zeros((height * width, 3), np.float32),
        np.full(height * width, -np.inf, np.float32),
    )
    out.triangle[seen.pixel] = seen.drawn[seen.which]
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
    flat: FloatArray, triangles: Triangles, height: int, width: int, z: FloatArray
) -> Seen:
    """As :func:`rasterise`, for those pixels alone that see something.

    Args:
        flat: ``(V, 2)`` pixels, x right, y down.
        triangles, height, width: see there.
        z: ``(V,)`` toward the viewer.
    """
    drawn, x, y, depths = _drawn(flat, triangles, height, width, z)
    planes = _planes(x, y)
    rise = depths[0] * planes[0] + depths[1] * planes[1] + depths[2] * planes[2]
    owner, row, first, count = _rows(x, y, height, width)
    # Every pixel of every row of every triangle.
    begin = np.cumsum(count) - count
    steps = np.arange(count.sum())
    pixel = np.repeat(row * width + first - begin, count)
    pixel += steps
    slope = np.take(rise[0], owner)
    at = slope * (first - begin) + np.take(rise[1], owner) * row + np.take(rise[2], owner)
    depth = np.repeat(slope, count)
    depth *= steps
    depth += np.repeat(at, count)
    winner = np.full(height * width, -1)
    winner[pixel] = steps  # the last one stays
    beaten = np.flatnonzero(depth > np.take(depth, np.take(winner, pixel)))
    while len(beaten):
        winner[pixel[beaten]] = beaten
        beaten = beaten[depth[beaten] > depth[winner[pixel[beaten]]]]
    place = np.flatnonzero(winner >= 0)
    won = np.take(winner, place)
    which = np.take(np.repeat(owner, count), won)
    return Seen(place, drawn, which, planes, np.take(depth, won))


def _drawn(
    flat: FloatArray, triangles: Triangles, height: int, width: int, z: FloatArray
) -> tuple[NDArray[np.int64], Corners, Corners, Corners]:
    """Which triangles face the viewer and touch the picture ``(d,)``, and x, y, z of their corners.

    The farthest come first, so that what is written last onto a pixel is mostly the nearest.
    """
    across, down = (np.ascontiguousarray(flat[:, k], np.float64) for k in (0, 1))
    corners = triangles.T.astype(np.int64)
    x, y = np.take(across, corners), np.take(down, corners)
    drawn = np.flatnonzero(
        ((x[1] - x[0]) * (y[2] - y[0]) < (x[2] - x[0]) * (y[1] - y[0]))
        & (x.max(axis=0) >= 0) & (x.min(axis=0) <= width - 1)
        & (y.max(axis=0) >= 0) & (y.min(axis=0) <= height - 1)
    )  # fmt: skip
    if not len(drawn):
        return drawn, x[:, :0], y[:, :0], x[:, :0]
    corners = corners[:, drawn]
    depths = np.take(np.asarray(z, np.float64), corners)
    middle = depths.sum(axis=0)
    low, high = middle.min(), middle.max()
    level = (middle - low) * (65535 / max(high - low, 1e-12))
    order = np.argsort(level.astype(np.uint16), kind="stable")  # 16 bits are sorted by digits
    drawn, corners = drawn[order], corners[:, order]
    return drawn, np.take(across, corners), np.take(down, corners), depths[:, order]


def _planes(x: Corners, y: Corners) -> NDArray[np.float64]:
    """``(3 corners, 3, d)``: times (x, y, 1) these are the barycentric weights."""
    area = (x[1] - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (y[1] - y[0])
    planes = np.empty((3, *x.shape))
    for k in (0, 1):
        one, two = (k + 1) % 3, (k + 2) % 3
        planes[k, 0], planes[k, 1] = (y[one] - y[two]) / area, (x[two] - x[one]) / area
        planes[k, 2] = -(planes[k, 0] * x[two] + planes[k, 1] * y[two])
    planes[2] = np.array([[0.0], [0.0], [1.0]]) - planes[0] - planes[1]
    return planes


def _rows(
    x: Corners, y: Corners, height: int, width: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The rows of pixels of each triangle: whose, which row, first column, how many columns (one or more)."""
    x, y = _highest_first(x, y)
    top = np.maximum(np.ceil(y[0]), 0).astype(np.int64)
    tall = np.maximum(np.minimum(np.floor(y[2]), height - 1).astype(np.int64) - top + 1, 0)
    owner = np.repeat(np.arange(len(tall)), tall)
    row = np.arange(len(owner)) + np.repeat(top - (np.cumsum(tall) - tall), tall)
    # One side goes straight from the highest corner to the lowest, the other by way of the third.
    lean, offset = np.empty((2, 3, len(tall)))
    for k, (one, two) in enumerate(((0, 1), (1, 2), (0, 2))):
        high = y[two] - y[one]
        lean[k] = (x[two] - x[one]) / np.where(high > 0, high, np.inf)
        offset[k] = x[one] - lean[k] * y[one]
    side = owner + len(tall) * (row >= np.take(y[1], owner))
    bent = np.take(lean, side) * row + np.take(offset, side)
    straight = np.take(lean[2], owner) * row + np.take(offset[2], owner)
    first = np.maximum(np.ceil(np.minimum(bent, straight) - _EDGE), 0)
    last = np.minimum(np.floor(np.maximum(bent, straight) + _EDGE), width - 1)
    some = np.flatnonzero(first <= last)
    owner, row, first, last = (np.take(v, some) for v in (owner, row, first, last))
    return owner, row, first.astype(np.int64), (last - first).astype(np.int64) + 1


def _highest_first(x: Corners, y: Corners) -> tuple[Corners, Corners]:
    """The corners of each triangle, from the top of the picture down."""
    xs, ys = list(x), list(y)
    for one, two in ((0, 1), (1, 2), (0, 1)):
        wrong = ys[one] > ys[two]
        xs[one], xs[two] = np.where(wrong, xs[two], xs[one]), np.where(wrong, xs[one], xs[two])
        ys[one], ys[two] = np.minimum(ys[one], ys[two]), np.maximum(ys[one], ys[two])
    return np.stack(xs), np.stack(ys)
