# SPDX-License-Identifier: GPL-3.0-or-later
"""The meshes of a made-up person in a pose: parts follow the head, the neck bends, the body turns by itself."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..head.portrait import rotation
from .kernels import vertex_normals
from .people_assets import Part
from .scene import Placed, Recipe
from .vertex_kernels import bend, follow, transform_points

F = NDArray[np.float32]
I32 = NDArray[np.int32]
Rng = np.random.Generator

NECK_TOP, NECK_LENGTH = -0.088, 0.05
"""The neck bends below so high, over such a length (metres in the model)."""
PIVOT = np.array([0, -0.1, -0.02], np.float32)
"""About which the body turns under the head: the top of the neck, metres in the model."""
YAW_FOLLOWS, PITCH_FOLLOWS = (0.2, 1.0), (0.0, 0.7)
"""Shares of the head's turn that the body makes too (chosen by eye);"""
NECK_YAW, NECK_PITCH, NECK_ROLL = 55.0, 30.0, 7.0
"""degrees that a neck turns and nods at most, and the spread of how far it leans (chosen by eye)."""


@dataclass
class Surface:
    """A mesh on its way to the canvas: model space, camera axes, light."""

    points: F
    turned: F
    normals: F
    triangles: I32


def part_of(part: Part | None, moved: F, body: F, placed: Placed) -> Surface | None:
    """A part that follows the head.

    Args:
        part: to pose, if there is one.
        moved: ``(V, 3)`` how far the head's vertices are from those of the mean head.
        body: rotation ``(3, 3)`` of :func:`draw_body_turn`.
        placed: where the head is.
    """
    if part is None:
        return None
    points = follow(part.rest, part.index, part.weight, moved)
    bend(points, body_share(part.rest), body, PIVOT)
    return surface_of(points, part.triangles, placed)


def surface_of(points: F, triangles: I32, placed: Placed) -> Surface:
    """A mesh whose vertices ``(n, 3)`` are posed in model space, as the camera sees it."""
    turned = np.empty_like(points)
    transform_points(points, np.column_stack([placed.turn, np.zeros(3, np.float32)]), turned)
    return Surface(points, turned, vertex_normals(turned, triangles), triangles)


def body_share(rest: F) -> F:
    """How far each vertex ``(n, 3)`` belongs to the body rather than to the head, 0 to 1."""
    share = np.clip((NECK_TOP - rest[:, 1]) / NECK_LENGTH, 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)


def draw_body_turn(rng: Rng, recipe: Recipe, placed: Placed) -> F:
    """Rotation ``(3, 3)`` in the model of the body under the head."""
    angles = recipe.angles
    yaw = np.clip(
        angles.yaw * rng.uniform(*YAW_FOLLOWS), angles.yaw - NECK_YAW, angles.yaw + NECK_YAW
    )
    low, high = angles.pitch - NECK_PITCH, angles.pitch + NECK_PITCH
    pitch = np.clip(angles.pitch * rng.uniform(*PITCH_FOLLOWS), low, high)
    roll = angles.roll + rng.normal(0, NECK_ROLL)
    turn = rotation(*(np.radians(a) for a in (yaw, pitch, roll)))
    return np.asarray(placed.turn.T @ turn, np.float32)
