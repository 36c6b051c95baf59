# SPDX-License-Identifier: GPL-3.0-or-later
"""The per-pixel and per-vertex loops of the generator, compiled."""

import numba
import numpy as np
from numpy.typing import NDArray

F = NDArray[np.float32]
I32 = NDArray[np.int32]
U8 = NDArray[np.uint8]


@numba.njit(cache=True, fastmath=True)  # type: ignore[misc]
def vertex_normals(vertices: F, triangles: I32) -> F:
    """Unit normals ``(V, 3)``, area-weighted over the triangles around each vertex."""
    out = np.zeros_like(vertices)
    for t in range(triangles.shape[0]):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ux = vertices[b, 0] - vertices[a, 0]
        uy = vertices[b, 1] - vertices[a, 1]
        uz = vertices[b, 2] - vertices[a, 2]
        vx = vertices[c, 0] - vertices[a, 0]
        vy = vertices[c, 1] - vertices[a, 1]
        vz = vertices[c, 2] - vertices[a, 2]
        nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
        for i in (a, b, c):
            out[i, 0] += nx
            out[i, 1] += ny
            out[i, 2] += nz
    for i in range(out.shape[0]):
        length = np.sqrt(out[i, 0] ** 2 + out[i, 1] ** 2 + out[i, 2] ** 2) + 1e-12
        out[i] /= length
    return out


@numba.njit(cache=True, fastmath=True, inline="always")  # type: ignore[misc]
def _blend_texel(value: F, texture: U8, x: float, y: float, share: float) -> None:
    """Mix the photo's colour at a place between pixels into ``value`` ``(3,)``, in place."""
    x = min(max(x, np.float32(0.0)), np.float32(texture.shape[1] - 1.001))  # type: ignore[assignment]
    y = min(max(y, np.float32(0.0)), np.float32(texture.shape[0] - 1.001))  # type: ignore[assignment]
    i, j = int(x), int(y)
    fx, fy = x - np.float32(i), y - np.float32(j)
    one = np.float32(1.0)
    w00, w01 = (one - fx) * (one - fy), fx * (one - fy)
    w10, w11 = (one - fx) * fy, fx * fy
    for channel in range(3):
        texel = (
            w00 * texture[j, i, channel] + w01 * texture[j, i + 1, channel]
            + w10 * texture[j + 1, i, channel] + w11 * texture[j + 1, i + 1, channel]
        )  # fmt: skip
        value[channel] += share * (texel - value[channel])


@numba.njit(cache=True, fastmath=True)  # type: ignore[misc]
def shade_textured(
    picture: F, seen: I32, weights: F, triangles: I32, texture: U8,
    uv: F, own: F, uv_mirror: F, mirror: F, colour: F, light: F,
) -> None:  # fmt: skip
    """Colour the pixels that see a mesh, from a photo laid on it.

    A pixel takes the photo where its own vertices saw the camera, else the photo at the mirrored
    vertices, else the vertices' own colour, blended by the interpolated weights.

    Args:
        picture: ``(h, w, 3)`` written in place.
        seen, weights: of the rasteriser.
        triangles: ``(T, 3)``.
        texture: ``(th, tw, 3)`` the photo.
        uv, own: ``(V, 2)`` pixel in the photo of each vertex and how well it was seen, 0 to 1.
        uv_mirror, mirror: likewise of the vertex on the other side of the head.
        colour: ``(V, 3)`` fallback colour.
        light: ``(V, 3)`` factor on the colour.
    """
    height, width = seen.shape
    value = np.zeros(3, np.float32)
    for y in range(height):
        for x in range(width):
            t = seen[y, x]
            if t < 0:
                continue
            a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
            wa, wb, wc = weights[y, x, 0], weights[y, x, 1], weights[y, x, 2]
            k = wa * own[a] + wb * own[b] + wc * own[c]
            if k < 0.999:
                for channel in range(3):
                    value[channel] = (
                        wa * colour[a, channel] + wb * colour[b, channel] + wc * colour[c, channel]
                    )
                m = wa * mirror[a] + wb * mirror[b] + wc * mirror[c]
                if m > 0.0:
                    um = wa * uv_mirror[a, 0] + wb * uv_mirror[b, 0] + wc * uv_mirror[c, 0]
                    vm = wa * uv_mirror[a, 1] + wb * uv_mirror[b, 1] + wc * uv_mirror[c, 1]
                    _blend_texel(value, texture, um, vm, m)
            if k > 0.0:
                u = wa * uv[a, 0] + wb * uv[b, 0] + wc * uv[c, 0]
                v = wa * uv[a, 1] + wb * uv[b, 1] + wc * uv[c, 1]
                _blend_texel(value, texture, u, v, k)
            for channel in range(3):
                lit = wa * light[a, channel] + wb * light[b, channel] + wc * light[c, channel]
                picture[y, x, channel] = value[channel] * lit


@numba.njit(cache=True, fastmath=True)  # type: ignore[misc]
def shade_plain(
    picture: F, seen: I32, weights: F, triangles: I32, colour: F, light: F, grain: F
) -> None:
    """Colour the pixels that see a mesh from its vertices' colours, light and ``(V,)`` grain.

    The grain is noise on the skin: it is looked up at the nearest corner, so that it sticks to the
    surface.
    """
    height, width = seen.shape
    for y in range(height):
        for x in range(width):
            t = seen[y, x]
            if t < 0:
                continue
            a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
            wa, wb, wc = weights[y, x, 0], weights[y, x, 1], weights[y, x, 2]
            rough = 1.0 + wa * grain[a] + wb * grain[b] + wc * grain[c]
            for channel in range(3):
                value = wa * colour[a, channel] + wb * colour[b, channel] + wc * colour[c, channel]
                lit = wa * light[a, channel] + wb * light[b, channel] + wc * light[c, channel]
                picture[y, x, channel] = value * lit * rough


@numba.njit(cache=True, fastmath=True)  # type: ignore[misc]
def shade_eyes(
    picture: F, seen: I32, weights: F, triangles: I32, side_of: NDArray[np.int8], vertices: F,
    centres: F, forward: F, white: F, iris: F, iris_angle: float, pupil_angle: float, light: F,
) -> None:  # fmt: skip
    """Paint eyeballs: white, iris and pupil around the direction in which each eye looks.

    Args:
        picture: ``(h, w, 3)`` written in place.
        seen, weights, triangles: as above.
        side_of: ``(T,)`` 0 for the left eyeball's triangles, 1 for the right one's, -1 elsewhere.
        vertices: ``(V, 3)`` in model space.
        centres: ``(2, 3)`` of the eyeballs in model space.
        forward: ``(2, 3)`` unit direction of each gaze in model space.
        white, iris: ``(3,)`` colours.
        iris_angle, pupil_angle: their radius seen from the eyeball's centre, radians.
        light: ``(V, 3)``.
    """
    cos_iris, cos_pupil = np.cos(iris_angle), np.cos(pupil_angle)
    height, width = seen.shape
    for y in range(height):
        for x in range(width):
            t = seen[y, x]
            if t < 0 or side_of[t] < 0:
                continue
            side = side_of[t]
            a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
            wa, wb, wc = weights[y, x, 0], weights[y, x, 1], weights[y, x, 2]
            along, length = 0.0, 1e-12
            for k in range(3):
                d = (
                    wa * vertices[a, k]
                    + wb * vertices[b, k]
                    + wc * vertices[c, k]
                    - centres[side, k]
                )
                along += d * forward[side, k]
                length += d * d
            cosine = along / np.sqrt(length)
            for channel in range(3):
                value = white[channel]
                if cosine > cos_pupil:
                    value = 8.0
                elif cosine > cos_iris:
                    value = iris[channel]
                lit = wa * light[a, channel] + wb * light[b, channel] + wc * light[c, channel]
                picture[y, x, channel] = value * lit
