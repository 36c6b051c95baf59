# SPDX-License-Identifier: GPL-3.0-or-later
"""Shadow maps: what a lamp sees, and which points it reaches. Compiled."""

import numba
import numpy as np
from numpy.typing import NDArray

from ..geometry.raster import triangle_box

F = NDArray[np.float32]
I32 = NDArray[np.int32]
U8 = NDArray[np.uint8]

THICKNESS = np.float32(0.007)
"""So far (metres) under its surface a body begins to throw shadow."""


@numba.njit(cache=True, fastmath=True)  # type: ignore[misc]
def cast(
    vertices: F, triangles: I32, uv: F, texture: U8, nearest: F, both_sides: bool
) -> None:  # fmt: skip
    """Draw what stands in the lamp's way into its shadow map, in place.

    Args:
        vertices: ``(V, 3)`` in pixels of the map; larger z is nearer to the lamp.
        triangles: ``(T, 3)``.
        uv: ``(T, 3, 2)`` in shares of the texture.
        texture: ``(h, w, 4)``; texels of less than half alpha let light through.
        nearest: ``(n, n)`` the map.
        both_sides: of sheets; of closed bodies the side that the lamp sees is drawn somewhat
            deeper, so that no lit surface lies in its own shadow.
    """
    height, width = nearest.shape
    rows, columns = texture.shape[0], texture.shape[1]
    for t in range(triangles.shape[0]):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay = vertices[a, 0], vertices[a, 1]
        bx, by = vertices[b, 0], vertices[b, 1]
        cx, cy = vertices[c, 0], vertices[c, 1]
        area, left, right, top, bottom = triangle_box(vertices, a, b, c, height, width)
        if abs(area) < 1e-9:
            continue
        for y in range(top, bottom + 1):
            for x in range(left, right + 1):
                wa = ((bx - x) * (cy - y) - (cx - x) * (by - y)) / area
                wb = ((cx - x) * (ay - y) - (ax - x) * (cy - y)) / area
                wc = np.float32(1.0) - wa - wb
                if wa < 0 or wb < 0 or wc < 0:
                    continue
                z = wa * vertices[a, 2] + wb * vertices[b, 2] + wc * vertices[c, 2]
                if area > 0.0 and not both_sides:
                    z -= THICKNESS
                if z <= nearest[y, x]:
                    continue
                if rows > 1:
                    u = wa * uv[t, 0, 0] + wb * uv[t, 1, 0] + wc * uv[t, 2, 0]
                    v = wa * uv[t, 0, 1] + wb * uv[t, 1, 1] + wc * uv[t, 2, 1]
                    i = min(max(int(u * columns), 0), columns - 1)
                    j = min(max(int(v * rows), 0), rows - 1)
                    if texture[j, i, 3] < 128:
                        continue
                nearest[y, x] = z


@numba.njit(cache=True, fastmath=True, inline="always")  # type: ignore[misc]
def open_to_lamp(nearest: F, x: float, y: float, z: float) -> np.float32:
    """Share of the 16 nearest cells of the shadow map that see this point, blended."""
    size = nearest.shape[0]
    if not (x >= 1 and y >= 1 and x < size - 2 and y < size - 2):
        return np.float32(1.0)
    i, j = int(x), int(y)
    fx, fy = np.float32(x - i), np.float32(y - j)
    one = np.float32(1.0)
    total = np.float32(0.0)
    for row in range(-1, 3):
        wy = one - fy if row == -1 else (fy if row == 2 else one)
        for column in range(-1, 3):
            if nearest[j + row, i + column] <= z:
                wx = one - fx if column == -1 else (fx if column == 2 else one)
                total += wx * wy
    return total / np.float32(9.0)


@numba.njit(cache=True, fastmath=True)  # type: ignore[misc]
def lit_by_lamp(nearest: F, at: F) -> F:
    """Share ``(n,)`` of the lamp that reaches points ``(n, 3)`` of the shadow map."""
    out = np.empty(at.shape[0], np.float32)
    for i in range(at.shape[0]):
        out[i] = open_to_lamp(nearest, at[i, 0], at[i, 1], at[i, 2])
    return out
