# SPDX-License-Identifier: GPL-3.0-or-later
"""A small z-buffer rasteriser: which triangle does each pixel see, and where in it."""

import numba
import numpy as np
from numpy.typing import NDArray


@numba.njit(cache=True, fastmath=True, inline="always")  # type: ignore[misc]
def triangle_box(
    vertices: NDArray[np.float32], a: int, b: int, c: int, height: int, width: int
) -> tuple[np.float32, int, int, int, int]:
    """Twice the signed area of a triangle, and the pixels around it that lie in the picture.

    Returns:
        Area; first and last column, first and last row, both included.
    """
    ax, ay = vertices[a, 0], vertices[a, 1]
    bx, by = vertices[b, 0], vertices[b, 1]
    cx, cy = vertices[c, 0], vertices[c, 1]
    area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
    left = max(0, int(np.ceil(min(ax, bx, cx))))
    right = min(width - 1, int(np.floor(max(ax, bx, cx))))
    top = max(0, int(np.ceil(min(ay, by, cy))))
    bottom = min(height - 1, int(np.floor(max(ay, by, cy))))
    return area, left, right, top, bottom


@numba.njit(cache=True, fastmath=True, boundscheck=False)  # type: ignore[misc]
def rasterise(
    vertices: NDArray[np.float32],
    triangles: NDArray[np.int32],
    depth: NDArray[np.float32],
    seen: NDArray[np.int32],
    weights: NDArray[np.float32],
) -> None:
    """Draw triangles into the given buffers, in place; nearer (larger z) wins.

    Args:
        vertices: ``(V, 3)`` in image space (x right, y down, integer = pixel centre, z to viewer).
        triangles: ``(T, 3)``; those turned away from the viewer are skipped. A face is
            counter-clockwise seen from outside in a frame with y up, clockwise on the y-down image.
        depth: ``(h, w)`` the z-buffer, filled with -inf (or an earlier pass) beforehand.
        seen: ``(h, w)`` index of the triangle that each pixel sees; untouched where there is none.
        weights: ``(h, w, 3)`` barycentric weights of the pixel's centre in that triangle.
    """
    height, width = depth.shape
    for t in range(triangles.shape[0]):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay = vertices[a, 0], vertices[a, 1]
        bx, by = vertices[b, 0], vertices[b, 1]
        cx, cy = vertices[c, 0], vertices[c, 1]
        area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
        if area >= 0.0:
            continue
        left = np.int32(max(0, int(np.ceil(min(ax, bx, cx)))))
        right = min(width - 1, int(np.floor(max(ax, bx, cx))))
        top = np.int32(max(0, int(np.ceil(min(ay, by, cy)))))
        bottom = min(height - 1, int(np.floor(max(ay, by, cy))))
        if left > right or top > bottom:
            continue
        inverse = np.float32(1.0) / area
        az, bz, cz = vertices[a, 2], vertices[b, 2], vertices[c, 2]
        # The weights are linear in x and y: their steps, and their values at the box's corner.
        wa_x, wa_y = (by - cy) * inverse, (cx - bx) * inverse
        wb_x, wb_y = (cy - ay) * inverse, (ax - cx) * inverse
        wa_row = (np.float32(left) - cx) * wa_x + (np.float32(top) - cy) * wa_y
        wb_row = (np.float32(left) - cx) * wb_x + (np.float32(top) - cy) * wb_y
        for y in range(top, bottom + 1):
            wa, wb = wa_row, wb_row
            for x in range(left, right + 1):
                wc = np.float32(1.0) - wa - wb
                if wa >= 0 and wb >= 0 and wc >= 0:
                    z = wa * az + wb * bz + wc * cz
                    if z > depth[y, x]:
                        depth[y, x] = z
                        seen[y, x] = t
                        weights[y, x, 0] = wa
                        weights[y, x, 1] = wb
                        weights[y, x, 2] = wc
                wa += wa_x
                wb += wb_x
            wa_row += wa_y
            wb_row += wb_y


def draw(
    vertices: NDArray[np.float32], triangles: NDArray[np.int32], height: int, width: int
) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]]:
    """Rasterise into fresh buffers.

    Returns:
        Triangle index ``(h, w)`` (-1 where nothing is seen), barycentric weights ``(h, w, 3)`` and
        depth ``(h, w)`` (-inf where nothing is seen).
    """
    depth = np.full((height, width), -np.inf, np.float32)
    seen = np.full((height, width), -1, np.int32)
    weights = np.zeros((height, width, 3), np.float32)
    rasterise(vertices, triangles, depth, seen, weights)
    return seen, weights, depth
