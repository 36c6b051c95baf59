# SPDX-License-Identifier: GPL-3.0-or-later
"""Regions of the head's faces as they are shown: lips along the mesh's own loops, the mouth behind them."""

import numpy as np
from mien.core.model.head import MATERIALS, Head
from mien.core.model.parts import REGIONS, region_of_materials
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from .topology import IntArray

OUTER, INNER = 466, 554
"""A vertex above the lips' edge, and one behind the upper lip: loops through these bound the lips."""
INWARDS = 2
"""Rings of faces behind these by which lips go on into the mouth: between lips that just touch one sees
flesh, not the dark of the throat."""
NOSE = 307
"""A vertex that is skin for certain."""


def face_regions(head: Head) -> NDArray[np.int32]:
    """Index into :data:`mien.core.model.parts.REGIONS` ``(F,)`` of every face of the head."""
    regions = region_of_materials()[head.materials]
    rows = np.flatnonzero(np.isin(head.materials, [MATERIALS.index(n) for n in ("skin", "lips")]))
    faces = head.quads[rows]
    outer, inner = loop_through(faces, OUTER), loop_through(faces, INNER)
    labels = _pieces(faces, _pairs(outer) | _pairs(inner))
    skin = labels[_touching(faces, NOSE)[0]]
    lips = next(k for k in labels[_touching(faces, OUTER)] if k != skin)
    regions[rows] = np.where(
        labels == skin, REGIONS.index("skin"),
        np.where(labels == lips, REGIONS.index("lips"), REGIONS.index("mouth")),
    )  # fmt: skip
    within = rows[(labels != skin) & (labels != lips)]
    for _ in range(INWARDS):
        edge = np.unique(head.quads[regions == REGIONS.index("lips")])
        near = within[np.isin(head.quads[within], edge).any(axis=1)]
        regions[near] = REGIONS.index("lips")
    return regions


def loop_through(faces: IntArray, start: int) -> list[int]:
    """The closed loop of edges that leaves a vertex sideways and goes straight on at every crossing.

    Raises:
        ValueError: the mesh has no such loop there.
    """
    neighbours: dict[int, set[int]] = {}
    around: dict[int, list[set[int]]] = {}
    for face in faces.tolist():
        for k, vertex in enumerate(face):
            neighbours.setdefault(vertex, set()).update({face[k - 1], face[(k + 1) % 4]})
            around.setdefault(vertex, []).append(set(face))
    for first in sorted(neighbours[start]):
        path = [start, first]
        while len(neighbours[path[-1]]) == 4:
            beside = set().union(*(f for f in around[path[-1]] if path[-2] in f))
            ahead = neighbours[path[-1]] - beside
            if len(ahead) != 1:
                break
            path.append(ahead.pop())
            if path[-1] == start and len(path) < 60:  # others run round the whole head
                return path[:-1]
            if len(path) > 500:
                break
    raise ValueError(f"no loop of edges closes through vertex {start}")


def _pairs(loop: list[int]) -> set[tuple[int, int]]:
    following = loop[1:] + loop[:1]
    return {(min(a, b), max(a, b)) for a, b in zip(loop, following, strict=True)}


def _touching(faces: IntArray, vertex: int) -> NDArray[np.intp]:
    return np.flatnonzero((faces == vertex).any(axis=1))


def _pieces(faces: IntArray, cut: set[tuple[int, int]]) -> NDArray[np.int32]:
    """Which piece ``(F,)`` of a mesh each face belongs to when some edges are cut."""
    first: dict[tuple[int, int], int] = {}
    joined: list[tuple[int, int]] = []
    for row, face in enumerate(faces.tolist()):
        for k in range(4):
            edge = (min(face[k], face[k - 1]), max(face[k], face[k - 1]))
            if edge not in cut and edge in first:
                joined.append((first[edge], row))
            first[edge] = row
    one, other = np.array(joined).T
    graph = coo_matrix((np.ones(len(one)), (one, other)), shape=(len(faces), len(faces)))
    return np.asarray(connected_components(graph, directed=False)[1])
