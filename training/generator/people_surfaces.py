# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs over a head's surface: how open to light it is, and where a scarf lies."""

import numpy as np
from numpy.typing import NDArray

from .anatomy import Anatomy
from .kernels import vertex_normals
from .lighting import Lamp
from .people_assets import NOTHING
from .shadow_kernels import cast, lit_by_lamp

F = NDArray[np.float32]

RAYS = 96
"""Lamps by which it is told how open to light each vertex is (chosen by eye)."""
CHIN, BROW_RIGHT = 8, 19
"""Landmarks by which a scarf's opening is told: the chin's lowest and the top of a brow."""
BELOW_CHIN, ABOVE_BROW, ASIDE = 0.004, 0.035, 0.068
"""Metres from these and from the middle to its edge,"""
EDGE, EDGE_WIDTH = 0.95, 0.12
"""which is soft: from this share of the oval on, over such a share;"""
BEHIND = 0.01
"""and what lies further back than this (metres in the model) is covered (all chosen by eye)."""


def under_scarf(anatomy: Anatomy) -> F:
    """Where a scarf around the head lies: all but the face, 0 to 1 ``(V,)``."""
    head = anatomy.head
    marks = head.landmark_places.on(head.vertices)
    x, y, z = head.vertices.T
    low, high = marks[CHIN, 1] - BELOW_CHIN, marks[BROW_RIGHT, 1] + ABOVE_BROW
    middle, half = (low + high) / 2, (high - low) / 2
    oval = np.sqrt((x / ASIDE) ** 2 + ((y - middle) / half) ** 2)
    out = np.clip((oval - EDGE) / EDGE_WIDTH, 0, 1)
    out[z < BEHIND] = 1
    out[anatomy.inside | anatomy.eyes] = 0
    return out.astype(np.float32)


def openness(anatomy: Anatomy) -> F:
    """How much of the surroundings each vertex of the mean head sees ``(V,)``: by the shadow maps of many lamps."""
    vertices, triangles = anatomy.head.vertices, anatomy.triangles
    rng = np.random.default_rng(0)
    normals = vertex_normals(vertices, triangles)
    seen, total = np.zeros(len(vertices)), np.zeros(len(vertices))
    for _ in range(RAYS):
        toward = rng.normal(size=3)
        lamp = Lamp((toward / np.linalg.norm(toward)).astype(np.float32))
        at = lamp.places(vertices)
        cast(at, triangles, np.zeros((len(triangles), 3, 2), np.float32), NOTHING, lamp.nearest,
             False)  # fmt: skip
        facing = np.clip(normals @ lamp.toward, 0, None)
        seen += facing * lit_by_lamp(lamp.nearest, lamp.receivers(vertices, normals))
        total += facing
    return np.clip(seen / (total + 1e-6), 0, 1).astype(np.float32)
