# SPDX-License-Identifier: GPL-3.0-or-later
"""Lashes as slim triangles along the strips on which MakeHuman draws them: seen without any texture."""

from collections import Counter

import numpy as np

from .archive import FloatArray
from .topology import IntArray

COUNT = {"upper": 44, "lower": 26}
"""Of a lid; chosen by eye."""
LENGTH = {"upper": 0.85, "lower": 0.55}
"""Lashes of a lid, and the share of the strip that they reach, chosen by eye."""
WIDTH = 0.0004
"""Metres at the root: wider than a lash, as several lie side by side."""
UNEVEN = 0.25
"""Share by which lashes differ in length."""


def lashes_of(places: FloatArray, faces: IntArray, away: FloatArray) -> tuple[FloatArray, IntArray]:
    """Triangles that stand for the lashes of every strip.

    Args:
        places: ``(P, 3)`` vertices of the strips: grids, each from a lid's edge to the lashes' tips.
        faces: ``(G, 4)``.
        away: ``(P,)`` distance of each from the skin; the edge that lies on it is the root.

    Returns:
        Vertices ``(V, 3)`` and triangles ``(T, 3)``.
    """
    rng = np.random.default_rng(0)
    vertices: list[FloatArray] = []
    for strip in _pieces(faces, len(places)):
        root, tip = _long_sides(strip)
        if away[root].mean() > away[tip].mean():
            root, tip = tip, root
        upper = places[tip, 1].mean() > places[root, 1].mean()
        lid = "upper" if upper else "lower"
        count = COUNT[lid]
        at = (np.arange(count) + rng.uniform(0.2, 0.8, count)) / count
        from_, to = _along(places[root], at), _along(places[tip], at)
        side = _along(places[root], np.minimum(at + 0.01, 1)) - _along(
            places[root], np.maximum(at - 0.01, 0)
        )
        side *= WIDTH / 2 / np.linalg.norm(side, axis=1, keepdims=True)
        length = LENGTH[lid] * (1 - UNEVEN * rng.random((count, 1)))
        end = from_ + length * (to - from_)
        vertices.append(np.stack([from_ - side, from_ + side, end], axis=1))
    found = np.concatenate(vertices)
    return found.reshape(-1, 3), np.arange(3 * len(found)).reshape(-1, 3)


def _pieces(faces: IntArray, count: int) -> list[IntArray]:
    """The faces of each connected piece."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    edges = np.concatenate([faces[:, [i, (i + 1) % 4]] for i in range(4)])
    graph = coo_matrix((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(count, count))
    labels = connected_components(graph, directed=False)[1][faces[:, 0]]
    return [faces[labels == label] for label in np.unique(labels)]


def _long_sides(strip: IntArray) -> tuple[list[int], list[int]]:
    """The two long sides of a grid of quads, as vertices in the same direction."""
    edges = [(int(f[i]), int(f[(i + 1) % 4])) for f in strip for i in range(4)]
    count = Counter(tuple(sorted(e)) for e in edges)
    onward = {a: b for a, b in edges if count[(min(a, b), max(a, b))] == 1}
    times = Counter(int(v) for v in strip.ravel())
    corners = {v for v, n in times.items() if n == 1}
    start = min(corners)
    sides: list[list[int]] = [[start]]
    here = onward[start]
    while here != start:
        sides[-1].append(here)
        if here in corners:
            sides.append([here])
        here = onward[here]
    sides[-1].append(start)
    if len(sides) != 4:
        raise ValueError("a strip of lashes is no grid")
    long = sorted(sides, key=len)[2:]
    return long[0], long[1][::-1]


def _along(path: FloatArray, at: FloatArray) -> FloatArray:
    """Places ``(k, 3)`` on a polyline at shares ``(k,)`` of its length."""
    steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
    length = np.concatenate([[0], np.cumsum(steps)]) / steps.sum()
    return np.stack([np.interp(at, length, path[:, k]) for k in range(3)], axis=1)
