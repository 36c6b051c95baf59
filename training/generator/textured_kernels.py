# SPDX-License-Identifier: GPL-3.0-or-later
"""Compiled loops that draw made-up people: textured skin in light and shadow, and eyes.

Colours are squared before light falls on them and rooted afterwards: near enough to how screens
encode light, and cheap. What is brighter than white burns out, as on a sensor.
"""

import numba
import numpy as np
from numpy.typing import NDArray

from .shadow_kernels import open_to_lamp

F = NDArray[np.float32]
I32 = NDArray[np.int32]
U8 = NDArray[np.uint8]

PERCENT = np.float32(1 / 255.0)
"""From bytes to shares; of the kernels' own type, or numba computes in doubles."""
HALF = np.float32(0.5)
"""Likewise."""


@numba.njit(cache=True, fastmath=True, inline="always")  # type: ignore[misc]
def texel(value: F, texture: U8, u: float, v: float) -> None:
    """The texture's channels at a place in shares of its size, into ``value``, in place."""
    rows, columns = texture.shape[0], texture.shape[1]
    x = min(max(u * columns - HALF, np.float32(0.0)), np.float32(columns - 1.001))
    y = min(max(v * rows - HALF, np.float32(0.0)), np.float32(rows - 1.001))
    i, j = int(x), int(y)
    fx, fy = np.float32(x - i), np.float32(y - j)
    one = np.float32(1.0)
    w00, w01, w10, w11 = (one - fx) * (one - fy), fx * (one - fy), (one - fx) * fy, fx * fy
    for k in range(texture.shape[2]):
        value[k] = (
            w00 * texture[j, i, k] + w01 * texture[j, i + 1, k]
            + w10 * texture[j + 1, i, k] + w11 * texture[j + 1, i + 1, k]
        ) * PERCENT  # fmt: skip


@numba.njit(cache=True, fastmath=True)  # type: ignore[misc]
def shade_surface(
    picture: F, seen: I32, weights: F, triangles: I32, uv: F, texture: U8, tint: F, paint: F,
    paint_colour: F, cover: F, cloth: U8, ambient: F, lamp: F, lamp_colour: F, at_lamp: F,
    nearest: F, normals: F, halfway: F, gloss: F,
) -> None:  # fmt: skip
    """Colour the pixels that see a textured, opaque mesh.

    Args:
        picture: ``(h, w, 3)`` BGR written in place.
        seen, weights: of the rasteriser.
        triangles: ``(T, 3)``; uv: ``(T, 3, 2)`` in shares of the texture ``(th, tw, 3)``.
        tint: ``(V, 3)`` factor on the colour; paint: ``(V,)`` share of ``paint_colour`` ``(3,)``
            (linear) that covers it, in grains, as beards do.
        cover: ``(V,)`` where ``cloth`` ``(n, n, 3)`` lies over the colour, from 0.5 on.
        ambient: ``(V, 3)`` light from around; lamp: ``(V,)`` cosine of the lamp's light.
        lamp_colour: ``(3,)``.
        at_lamp: ``(V, 3)`` places in the shadow map ``nearest``.
        normals: ``(V, 3)``; halfway: ``(3,)`` between lamp and viewer; gloss: ``(V,)``.
    """
    height, width = seen.shape
    value, skin = np.zeros(4, np.float32), np.zeros(3, np.float32)
    for y in range(height):
        for x in range(width):
            t = seen[y, x]
            if t < 0:
                continue
            a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
            wa, wb, wc = weights[y, x, 0], weights[y, x, 1], weights[y, x, 2]
            u = wa * uv[t, 0, 0] + wb * uv[t, 1, 0] + wc * uv[t, 2, 0]
            v = wa * uv[t, 0, 1] + wb * uv[t, 1, 1] + wc * uv[t, 2, 1]
            texel(value, texture, u, v)
            hairy = wa * paint[a] + wb * paint[b] + wc * paint[c]
            worn = wa * cover[a] + wb * cover[b] + wc * cover[c]
            worn = min(max((worn - HALF) * np.float32(12.0), np.float32(0.0)), np.float32(1.0))
            grain = np.float32(0.0)
            if worn > 0.0:
                for k in range(3):
                    value[k] *= value[k] * (wa * tint[a, k] + wb * tint[b, k] + wc * tint[c, k])
                    skin[k] = value[k]
                texel(value, cloth, u, v)
            if hairy > 0.0:
                dot = np.sin(u * np.float32(9731.7) + v * np.float32(7919.3)) * np.float32(437.5)
                grain = min(np.float32(1.0), hairy * (HALF + (dot - np.floor(dot))))
            direct = wa * lamp[a] + wb * lamp[b] + wc * lamp[c]
            shine = np.float32(0.0)
            if direct > 0.0:
                lx = wa * at_lamp[a, 0] + wb * at_lamp[b, 0] + wc * at_lamp[c, 0]
                ly = wa * at_lamp[a, 1] + wb * at_lamp[b, 1] + wc * at_lamp[c, 1]
                lz = wa * at_lamp[a, 2] + wb * at_lamp[b, 2] + wc * at_lamp[c, 2]
                reached = open_to_lamp(nearest, lx, ly, lz)
                met = direct
                direct *= reached
                shine = (wa * gloss[a] + wb * gloss[b] + wc * gloss[c]) * reached
                if shine > 0.0:
                    nx = wa * normals[a, 0] + wb * normals[b, 0] + wc * normals[c, 0]
                    ny = wa * normals[a, 1] + wb * normals[b, 1] + wc * normals[c, 1]
                    nz = wa * normals[a, 2] + wb * normals[b, 2] + wc * normals[c, 2]
                    turned = nx * halfway[0] + ny * halfway[1] + nz * halfway[2]
                    turned = max(np.float32(0.0), turned)
                    turned *= turned
                    turned *= turned
                    turned *= turned
                    turned *= turned
                    turned *= turned
                    shine *= turned * min(met, np.float32(1.0))
            for k in range(3):
                if worn > 0.0:
                    colour = value[k] * value[k]
                    under = skin[k] + grain * (paint_colour[k] - skin[k])
                    colour = under + worn * (colour - under)
                else:
                    factor = wa * tint[a, k] + wb * tint[b, k] + wc * tint[c, k]
                    colour = value[k] * value[k] * factor
                    colour += grain * (paint_colour[k] - colour)
                around = wa * ambient[a, k] + wb * ambient[b, k] + wc * ambient[c, k]
                lit = colour * (around + direct * lamp_colour[k]) + shine * lamp_colour[k]
                picture[y, x, k] = np.float32(255.0) * np.sqrt(min(lit, np.float32(1.0)))


@numba.njit(cache=True, fastmath=True)  # type: ignore[misc]
def shade_eyeballs(
    picture: F, seen: I32, weights: F, triangles: I32, side_of: NDArray[np.int8], vertices: F,
    centres: F, forward: F, texture: U8, reach: float, light: F, shade: float, glint: F,
    glint_size: float,
) -> None:  # fmt: skip
    """Paint both eyeballs with a texture around the direction in which they look.

    Args:
        picture: ``(h, w, 3)`` BGR written in place.
        seen, weights, triangles: as above.
        side_of: ``(T,)`` 0 for the left eyeball's triangles, 1 for the right one's, -1 elsewhere.
        vertices: ``(V, 3)`` model space; centres: ``(2, 3)`` of the eyeballs there.
        forward: ``(3, 3)`` the eyes' right, up and forward in model space, as rows.
        texture: ``(n, n, 3)`` an eye seen from the front.
        reach: share of the texture's side per radian from the gaze.
        light: ``(V, 3)``.
        shade: how much darker the eye is under its upper lid.
        glint: ``(3,)`` unit direction of the lamp's reflection in model space; glint_size: cosine.
    """
    height, width = seen.shape
    value = np.zeros(4, np.float32)
    for y in range(height):
        for x in range(width):
            t = seen[y, x]
            if t < 0 or side_of[t] < 0:
                continue
            side = side_of[t]
            a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
            wa, wb, wc = weights[y, x, 0], weights[y, x, 1], weights[y, x, 2]
            right = up = ahead = shine = length = np.float32(0.0)
            high = np.float32(0.0)
            for k in range(3):
                d = wa * vertices[a, k] + wb * vertices[b, k] + wc * vertices[c, k]
                d -= centres[side, k]
                right += d * forward[0, k]
                up += d * forward[1, k]
                ahead += d * forward[2, k]
                shine += d * glint[k]
                length += d * d
                if k == 1:
                    high = d
            length = np.sqrt(length) + np.float32(1e-9)
            across = np.sqrt(right * right + up * up) + np.float32(1e-9)
            angle = np.arctan2(across, ahead)
            scale = min(np.float32(0.49), angle * reach) / across
            texel(value, texture, HALF + right * scale, HALF - up * scale)
            dark = np.float32(1.0) - shade * min(max(high / length + HALF, 0.0), 1.0)
            bright = np.float32(0.7) if shine / length > glint_size else np.float32(0.0)
            for k in range(3):
                lit = wa * light[a, k] + wb * light[b, k] + wc * light[c, k]
                lit = value[k] * value[k] * lit * dark + bright * lit
                picture[y, x, k] = np.float32(255.0) * np.sqrt(min(lit, np.float32(1.0)))
