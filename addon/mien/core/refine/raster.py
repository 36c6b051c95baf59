# SPDX-License-Identifier: GPL-3.0-or-later
"""A z-buffer in plain numpy, fast where triangles are small: which triangle does each pixel see?"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..model.params import FloatArray

Triangles = NDArray[np.int32]

_EDGE = 1e-4
"""Weights this far below nothing still count, so that no pixel falls between two triangles."""


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
    flat = np.asarray(vertices[:, :2], np.float64)
    depth = np.asarray(vertices[:, 2] if z is None else z, np.float64)
    a, b, c = (flat[triangles[:, k]] for k in range(3))
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (c[:, 0] - a[:, 0]) * (b[:, 1] - a[:, 1])
    corners = np.stack([a, b, c])
    limits = np.array([width - 1, height - 1])
    low = np.clip(np.ceil(corners.min(axis=0)), 0, None).astype(np.int64)
    high = np.minimum(np.floor(corners.max(axis=0)), limits).astype(np.int64)
    size = high - low + 1
    drawn = np.flatnonzero((area < 0) & (size > 0).all(axis=1))
    # Every pixel of every triangle's box, one row each.
    counts = size[drawn].prod(axis=1)
    owner = np.repeat(drawn, counts)
    offset = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    x = low[owner, 0] + offset % size[owner, 0]
    y = low[owner, 1] + offset // size[owner, 0]
    wa = _side(b[owner], c[owner], x, y) / area[owner]
    wb = _side(c[owner], a[owner], x, y) / area[owner]
    within = (wa > -_EDGE) & (wb > -_EDGE) & (wa + wb < 1 + _EDGE)
    owner, x, y, wa, wb = owner[within], x[within], y[within], wa[within], wb[within]
    weights = np.stack([wa, wb, 1 - wa - wb], axis=1)
    at = np.einsum("kc,kc->k", weights, depth[triangles[owner]])
    order = np.argsort(at, kind="stable")  # the nearest is written last and stays
    pixel = (y * width + x)[order]
    out = Visible(
        np.full(height * width, -1, np.int32),
        np.zeros((height * width, 3), np.float32),
        np.full(height * width, -np.inf, np.float32),
    )
    out.triangle[pixel] = owner[order]
    out.weights[pixel] = weights[order]
    out.depth[pixel] = at[order]
    return Visible(
        out.triangle.reshape(height, width),
        out.weights.reshape(height, width, 3),
        out.depth.reshape(height, width),
    )


def _side(
    one: NDArray[np.float64], two: NDArray[np.float64], x: NDArray[np.int64], y: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Twice the signed area between an edge and a pixel."""
    across = (two[:, 0] - one[:, 0]) * (y - one[:, 1])
    return np.asarray(across - (two[:, 1] - one[:, 1]) * (x - one[:, 0]), np.float64)
