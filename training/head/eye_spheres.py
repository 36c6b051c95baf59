# SPDX-License-Identifier: GPL-3.0-or-later
"""Round eyes in place of the base mesh's coarse eyeballs: rings about the direction of the gaze."""

import numpy as np
from mien.core.model.eyeballs import eyeballs
from mien.core.model.head import MATERIALS, Head
from mien.core.model.parts import REGIONS
from numpy.typing import NDArray

from .archive import FloatArray
from .correspond import nearest_on_surface
from .topology import IntArray

PUPIL, IRIS = 8.5, 22.5
"""Degrees from the gaze at which pupil and iris end: 4.6 and 11.9 mm across, as people have them."""
RINGS = (4.0, PUPIL, 13.0, 18.0, IRIS, 27.0, 36.0, 50.0, 68.0, 90.0, 115.0)
SEGMENTS = 32
"""Degrees from the gaze at which the eyeball's rings lie, closer where iris and pupil are, and corners of each."""
LARGE = 0.994
"""Radius over that of the coarse eyeball's corners, between which its faces lie a little deeper."""
PICTURE_EDGE = 60.0
"""Degrees that the edge of the eye's picture lies from the gaze."""


def eye_sphere(
    head: Head, side: int
) -> tuple[IntArray, FloatArray, FloatArray, IntArray, FloatArray, NDArray[np.int32]]:
    """A round eye that hangs on a coarse eyeball.

    Args:
        head: whose eye.
        side: 0 for the left, 1 for the right.

    Returns:
        Corners and weights ``(P, 3)`` on the coarse eyeball, places ``(P, 3)``, faces ``(G, 4)``,
        texture coordinates ``(G, 4, 2)`` and regions ``(G,)``.
    """
    ball, centre = eyeballs(head)[side], head.eye_centres[side].astype(float)
    radius = LARGE * np.linalg.norm(head.vertices[ball] - centre, axis=1).mean()
    turns = np.arange(SEGMENTS) * 2 * np.pi / SEGMENTS
    angles = np.radians(np.repeat(RINGS, SEGMENTS))
    around = np.tile(turns, len(RINGS))
    flat = np.stack([np.cos(around), np.sin(around)], axis=1)
    places = np.column_stack([np.sin(angles)[:, None] * flat, np.cos(angles)])
    places = np.concatenate([[[0.0, 0.0, 1.0]], places]) * radius + centre
    away = np.concatenate([[0.0], np.degrees(angles)])
    uv = 0.5 + 0.5 * np.minimum(away / PICTURE_EDGE, 1)[:, None] * np.concatenate([[[0, 0]], flat])
    faces, regions = [], []
    for ring in range(len(RINGS)):
        for k in range(SEGMENTS):
            after = (k + 1) % SEGMENTS
            outer = 1 + ring * SEGMENTS
            if ring == 0:
                faces.append([0, outer + k, outer + after, -1])
            else:
                faces.append(
                    [outer - SEGMENTS + k, outer + k, outer + after, outer - SEGMENTS + after]
                )
            name = "pupil" if RINGS[ring] <= PUPIL else "iris" if RINGS[ring] <= IRIS else "eye"
            regions.append(REGIONS.index(name))
    quads = np.array(faces)
    name = ("eyeball_left", "eyeball_right")[side]
    coarse = head.quads[head.materials == MATERIALS.index(name)]
    on, _ = nearest_on_surface(places, head.vertices.astype(float), coarse)
    uvs = uv[np.where(quads < 0, 0, quads)]
    return on.corners, on.weights, places, quads, uvs, np.array(regions, np.int32)
