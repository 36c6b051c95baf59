# SPDX-License-Identifier: GPL-3.0-or-later
"""Flat shapes in one colour, in pixels of the region that is drawn."""

from typing import Any

import gpu
import numpy as np
from gpu_extras.batch import batch_for_shader
from numpy.typing import NDArray

Colour = tuple[float, float, float, float]
Points = NDArray[np.floating[Any]]


def free_width(area: Any, region: Any) -> float:
    """Pixels of a viewport's region that its sidebar does not cover."""
    side = next((r for r in area.regions if r.type == "UI" and r.width > 1), None)
    if side is None or not area.spaces.active.show_region_ui:
        return float(region.width)
    return float(min(region.width, side.x - region.x))


def _draw(kind: str, points: Points, colour: Colour) -> None:
    if not len(points):
        return
    shader = gpu.shader.from_builtin("UNIFORM_COLOR")
    places: Any = np.ascontiguousarray(points, np.float32)  # a buffer, as wanted
    batch = batch_for_shader(shader, kind, {"pos": places})
    shader.uniform_float("color", colour)
    batch.draw(shader)


def bars(lefts: Points, rights: Points, low: float, high: float, colour: Colour) -> None:
    """Rectangles of one height beside each other; ``lefts`` and ``rights`` are ``(N,)``."""
    corners = [
        (lefts, low), (rights, low), (rights, high), (lefts, low), (rights, high), (lefts, high),
    ]  # fmt: skip
    points = [np.column_stack([x, np.full(len(x), y)]) for x, y in corners]
    _draw("TRIS", np.stack(points, axis=1).reshape(-1, 2), colour)


def dots(points: Points, size: float, colour: Colour) -> None:
    """Squares of ``size`` pixels around points ``(N, 2)``."""
    half = size / 2
    around = np.array([[-1, -1], [1, -1], [1, 1], [-1, -1], [1, 1], [-1, 1]]) * half
    _draw("TRIS", (points[:, None] + around).reshape(-1, 2), colour)


def frame(left: float, low: float, right: float, high: float, width: float, colour: Colour) -> None:
    """The outline of a rectangle, ``width`` pixels wide."""
    both = np.array([left, right])
    bars(np.array([left]), np.array([right]), low, low + width, colour)
    bars(np.array([left]), np.array([right]), high - width, high, colour)
    bars(both - [0, width], both + [width, 0], low, high, colour)
