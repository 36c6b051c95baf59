# SPDX-License-Identifier: GPL-3.0-or-later
"""Wrapping Mien's head onto another surface: smooth displacements, the stiffness falling step by step."""

import numpy as np
from scipy.sparse import coo_matrix, csc_matrix, diags
from scipy.sparse.linalg import splu
from scipy.spatial import cKDTree

from ..model.head import Head
from .align import Alignment, above_the_cut, skin_of, skin_triangles
from .surface import Array, Surface, vertex_normals

STIFFNESS = (300.0, 100.0, 30.0, 10.0, 3.0, 1.0)
"""From all but rigid to loose, about a third at each step (chosen by eye)."""
ROUNDS = 3
"""At each stiffness: the nearest places are looked up anew so often."""
GATE = 0.02
"""Places further away than this (metres of Mien's head) are not followed."""
LEAST_FACING = 0.5
"""Cosine of the angle between normals: places that face further away are not followed."""
TURNED = 0.02
"""So much nearer (metres) must a place be to be taken though it faces the other way: more than lips are thick
(chosen by eye)."""
TIES = 4
"""Vertices of the skin to which each of eyes, teeth and tongue is tied;"""
TIE = 0.2
"""how firmly, beside an edge of the mesh (chosen by eye)."""


def wrap(head: Head, aligned: Alignment, other: Surface) -> Array:
    """Vertices ``(N, 3)`` of Mien's head lying on the other surface where there is one.

    Each round moves the skin toward the nearest places that face the same way and minimises
    ``sum w |d - (place - vertex)|^2 + stiffness |L d|^2`` over displacements d, with L the graph's
    Laplacian; eyeballs, teeth and tongue are tied to the skin around them.
    """
    skin, triangles = skin_of(head), skin_triangles(head)
    inner = above_the_cut(head)[skin]
    laplacian = _laplacian(head)
    bending = (laplacian.T @ laplacian).tocsc()
    vertices = aligned.vertices.copy()
    for stiffness in STIFFNESS:
        for _ in range(ROUNDS):
            normals = vertex_normals(vertices, triangles)[skin]
            near = other.nearest(vertices[skin], normals, TURNED * aligned.scale)
            sure = inner & (near.facing > LEAST_FACING) & (near.distance < GATE * aligned.scale)
            weight = np.zeros(len(vertices))
            weight[skin[sure]] = near.facing[sure]
            pull = np.zeros_like(vertices)
            pull[skin] = near.on(other.vertices) - vertices[skin]
            system = diags(weight + 1e-6) + stiffness * bending
            vertices += splu(csc_matrix(system)).solve(weight[:, None] * pull)
    return vertices


def _laplacian(head: Head) -> csc_matrix:
    """``(N, N)`` each vertex less the mean of its neighbours, loose parts tied to the skin."""
    count = len(head.vertices)
    edges = np.concatenate([head.quads[:, [i, (i + 1) % 4]] for i in range(4)])
    skin = skin_of(head)
    loose = np.setdiff1d(np.arange(count), skin)
    near = skin[cKDTree(head.vertices[skin]).query(head.vertices[loose], k=TIES)[1]]
    rows = np.concatenate([edges[:, 0], edges[:, 1], np.repeat(loose, TIES)])
    columns = np.concatenate([edges[:, 1], edges[:, 0], near.ravel()])
    strength = np.concatenate([np.ones(2 * len(edges)), np.full(near.size, TIE)])
    graph = coo_matrix((strength, (rows, columns)), shape=(count, count)).tocsr()
    total = np.asarray(graph.sum(axis=1)).ravel()
    return csc_matrix(diags(np.ones(count)) - diags(1 / np.maximum(total, 1e-9)) @ graph)
