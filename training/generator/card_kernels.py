# SPDX-License-Identifier: GPL-3.0-or-later
"""Textured sheets with alpha, drawn one over the other. Compiled."""

import numba
import numpy as np
from numpy.typing import NDArray

from ..geometry.raster import triangle_box
from .textured_kernels import texel

F = NDArray[np.float32]
I32 = NDArray[np.int32]
U8 = NDArray[np.uint8]


@numba.njit(cache=True, fastmath=True)  # type: ignore[misc]
def draw_cards(
    picture: F, depth: F, vertices: F, triangles: I32, order: NDArray[np.int64], uv: F, texture: U8,
    colour: F, mean: float, light: F, thick: float, bias: float, brightest: float,
) -> None:  # fmt: skip
    """Blend textured sheets with alpha over a picture, in the given order.

    They are tested against the depth of what is opaque and do not write it.

    Args:
        picture: ``(h, w, 3)`` BGR written in place; depth: ``(h, w)``.
        vertices: ``(V, 3)`` in pixels, larger z nearer; triangles: ``(T, 3)``, seen from both sides.
        order: ``(T,)`` the farthest first.
        uv: ``(T, 3, 2)``; texture: ``(th, tw, 4)``.
        colour: ``(3,)`` linear colour of the whole; the texture varies it.
        mean: linear brightness of the texture that shows ``colour``; 0 takes the texture's own.
        light: ``(V, 3)``.
        thick: factor on alpha.
        bias: so much (pixels) nearer than they are.
        brightest: what is brighter than so many times ``mean`` is no brighter.
    """
    height, width = depth.shape
    value = np.zeros(4, np.float32)
    for k in range(order.shape[0]):
        t = order[k]
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay = vertices[a, 0], vertices[a, 1]
        bx, by = vertices[b, 0], vertices[b, 1]
        cx, cy = vertices[c, 0], vertices[c, 1]
        area, left, right, top, bottom = triangle_box(vertices, a, b, c, height, width)
        if abs(area) < 1e-9:
            continue
        inverse = np.float32(1.0) / area
        for y in range(top, bottom + 1):
            for x in range(left, right + 1):
                wa = ((bx - x) * (cy - y) - (cx - x) * (by - y)) * inverse
                wb = ((cx - x) * (ay - y) - (ax - x) * (cy - y)) * inverse
                wc = np.float32(1.0) - wa - wb
                if wa < 0 or wb < 0 or wc < 0:
                    continue
                z = wa * vertices[a, 2] + wb * vertices[b, 2] + wc * vertices[c, 2] + bias
                if z <= depth[y, x]:
                    continue
                u = wa * uv[t, 0, 0] + wb * uv[t, 1, 0] + wc * uv[t, 2, 0]
                v = wa * uv[t, 0, 1] + wb * uv[t, 1, 1] + wc * uv[t, 2, 1]
                texel(value, texture, u, v)
                alpha = min(np.float32(1.0), value[3] * thick)
                if alpha < 0.02:
                    continue
                bright = value[0] * value[0] + value[1] * value[1] + value[2] * value[2]
                bright = bright / (np.float32(3.0) * mean) if mean > 0.0 else np.float32(0.0)
                bright = min(bright, np.float32(brightest))
                for n in range(3):
                    own = colour[n] * bright if mean > 0.0 else value[n] * value[n] * colour[n]
                    lit = own * (wa * light[a, n] + wb * light[b, n] + wc * light[c, n])
                    shown = np.float32(255.0) * np.sqrt(min(lit, np.float32(1.0)))
                    picture[y, x, n] += alpha * (shown - picture[y, x, n])
