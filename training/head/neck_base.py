# SPDX-License-Identifier: GPL-3.0-or-later
"""The neck's open end, carried down to a level base and closed, as a bust's is."""

import numpy as np
from mien.core.model.head import MATERIALS, Head

from .archive import FloatArray
from .topology import IntArray

BELOW = 0.006
"""Metres that the base lies below the lowest place of the cut."""
BEVEL = ((0.0, 0.004), (0.0012, 0.0012), (0.004, 0.0))
"""Rings towards the base: metres inwards, and above it; they round its edge."""


def neck_base(
    head: Head,
) -> tuple[IntArray, FloatArray, FloatArray, IntArray, FloatArray, str]:
    """The wall and the base as a part that hangs on the cut: what :meth:`PartsBuilder.hold` takes.

    Texture coordinates are those of the cut, so that the skin goes on in its own colour.
    """
    skin = head.quads[head.materials == MATERIALS.index("skin")]
    loop, ends = _cut(head, skin)
    cut = head.vertices[loop].astype(float)
    middle = cut.mean(axis=0)
    level = cut[:, 1].min() - BELOW
    inwards = middle - cut
    inwards[:, 1] = 0
    inwards /= np.linalg.norm(inwards, axis=1, keepdims=True)
    rings = [cut]
    for inward, above in BEVEL:
        ring = cut + inward * inwards
        ring[:, 1] = level + above
        rings.append(ring)
    count, last = len(loop), len(rings) - 1
    places = np.concatenate([*rings, [[middle[0], level, middle[2]]]])
    own = np.concatenate([np.tile(loop, len(rings)), loop[:1]])
    faces, uvs = [], []
    for k in range(count):
        after, (here, there) = (k + 1) % count, ends[k]
        for ring in range(last):
            upper, lower = ring * count, (ring + 1) * count
            faces.append([upper + after, upper + k, lower + k, lower + after])
            uvs.append([there, here, here, there])
        faces.append([last * count + after, last * count + k, len(places) - 1, -1])
        uvs.append([there, here, (here + there) / 2, here])
    corners = np.repeat(own[:, None], 3, axis=1)
    weights = np.tile([1.0, 0.0, 0.0], (len(own), 1))
    return corners, weights, places, np.array(faces), np.array(uvs), "skin"


def _cut(head: Head, skin: IntArray) -> tuple[IntArray, FloatArray]:
    """The skin's lowest open edge in the order of its faces: vertices ``(n,)``, and texture coordinates
    ``(n, 2, 2)`` of both ends of the edge that leaves each."""
    rows = np.flatnonzero(head.materials == MATERIALS.index("skin"))
    edges = {(int(f[k]), int(f[(k + 1) % 4])) for f in skin for k in range(4)}
    onward: dict[int, int] = {}
    ends: dict[int, FloatArray] = {}
    for face, uvs in zip(skin.tolist(), head.uvs[rows], strict=True):
        for k, vertex in enumerate(face):
            after = face[(k + 1) % 4]
            if (after, vertex) not in edges:
                onward[vertex], ends[vertex] = after, uvs[[k, (k + 1) % 4]]
    loop = [min(onward, key=lambda vertex: float(head.vertices[vertex, 1]))]
    while onward[loop[-1]] != loop[0]:
        loop.append(onward[loop[-1]])
        if len(loop) > len(onward):
            raise ValueError("the neck's open edge is no loop")
    return np.array(loop, np.int32), np.array([ends[vertex] for vertex in loop])
