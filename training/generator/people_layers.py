# SPDX-License-Identifier: GPL-3.0-or-later
"""Layers of a made-up person: meshes that hide what is behind them, and sheets that let it through."""

import numpy as np
from numpy.typing import NDArray

from ..geometry.raster import rasterise
from .card_kernels import draw_cards
from .lighting import Lamp, Surroundings
from .people_assets import Part
from .people_meshes import Surface
from .render import Canvas, to_pixels
from .scene import Placed
from .shadow_kernels import lit_by_lamp
from .textured_kernels import shade_surface

F = NDArray[np.float32]

HAIR_CLEARANCE = 0.008
"""Hair so near (metres) behind what the lamp sees is lit: sheets do not darken each other."""
HALFWAY = (0.0, 0.3, 0.95)
"""Between camera and lamp: the direction in which cloth and teeth shine (camera axes, chosen by eye)."""


def draw_opaque(
    canvas: Canvas, surface: Surface | None, placed: Placed, light: Surroundings,
    lamp: Lamp, uv: F, texture: NDArray[np.uint8], tint: F, gloss: float,
) -> None:  # fmt: skip
    """Draw a lit mesh that hides what lies behind it; nothing where there is none.

    Args:
        canvas: to draw on.
        surface: of the mesh.
        placed: where the head is.
        light, lamp: on it.
        uv: ``(T, 3, 2)``; texture: BGR.
        tint: ``(1 or n, 3)`` linear factor on it.
        gloss: of the mesh.
    """
    if surface is None:
        return
    n = len(surface.points)
    canvas.seen[:] = -1
    points = to_pixels(surface.points, placed.transform, len(canvas.picture))
    rasterise(points, surface.triangles, canvas.depth, canvas.seen, canvas.weights)
    halfway = np.array(HALFWAY, np.float32)
    ambient, direct = light.on(surface.normals)
    shade_surface(
        canvas.picture, canvas.seen, canvas.weights, surface.triangles, uv, texture,
        np.ascontiguousarray(np.broadcast_to(tint, (n, 3)), np.float32),
        np.zeros(n, np.float32), np.zeros(3, np.float32), np.zeros(n, np.float32), texture,
        ambient, direct, light.lamp,
        lamp.receivers(surface.turned, surface.normals), lamp.nearest, surface.normals,
        halfway, np.full(n, gloss, np.float32),
    )  # fmt: skip


def draw_sheets(
    canvas: Canvas, surface: Surface, part: Part, colour: F, thick: float, near: float,
    brightest: float, placed: Placed, light: Surroundings, lamp: Lamp,
) -> None:  # fmt: skip
    """Draw sheets of hair back to front, tested against depth and not writing it.

    Args:
        canvas: to draw on.
        surface, part: of the sheets.
        colour: ``(3,)`` linear, of the whole part on average.
        thick: factor on alpha.
        near: pixels behind the skin within which they are seen.
        brightest: of a texel over the part's mean.
        placed: where the head is.
        light, lamp: on them.
    """
    # Hair is lit as the head is round, not as each sheet of it lies.
    outward = surface.turned
    normals = outward / (np.linalg.norm(outward, axis=1, keepdims=True) + np.float32(1e-9))
    ambient, direct = light.on(normals)
    direct *= lit_by_lamp(lamp.nearest, lamp.receivers(surface.turned, normals, HAIR_CLEARANCE))
    shine = ambient + direct[:, None] * light.lamp
    points = to_pixels(surface.points, placed.transform, len(canvas.picture))
    order = np.argsort(points[surface.triangles, 2].sum(axis=1))
    draw_cards(
        canvas.picture, canvas.depth, points, surface.triangles, order, part.uv, part.texture,
        colour, part.mean, shine, thick, near, brightest,
    )  # fmt: skip
