# SPDX-License-Identifier: GPL-3.0-or-later
"""Triangle surfaces: normals, the nearest place on them, and what lies there."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ..model.surface_points import SurfacePoints

Array = NDArray[np.float64]
Indices = NDArray[np.integer]  # type: ignore[type-arg]
CANDIDATES = 16
"""Triangles with the nearest centres that are looked at for the nearest place."""
CHUNK = 20_000
"""Points that are looked up at a time, so that memory does not grow with the mesh."""


@dataclass(frozen=True)
class Places(SurfacePoints):
    """K places on a surface.

    Attributes:
        triangles: ``(K,)`` which triangle each lies in.
        distance: ``(K,)`` from the points that were asked for.
        facing: ``(K,)`` cosine between the normals asked for and those found; 1 without.
    """

    triangles: Indices
    distance: Array
    facing: Array


class Surface:
    """A triangle mesh that is asked for nearest places.

    Args:
        vertices: ``(N, 3)``.
        triangles: ``(T, 3)``, counter-clockwise seen from outside.
    """

    def __init__(self, vertices: Array, triangles: Indices) -> None:
        self.vertices = np.asarray(vertices, np.float64)
        self.triangles = triangles
        self.corners = self.vertices[triangles]
        self.tree = cKDTree(self.corners.mean(axis=1))
        self.normals = triangle_normals(self.vertices, triangles)

    def nearest(self, points: Array, normals: Array | None = None, turned: float = 0.0) -> Places:
        """The nearest place for each of ``(K, 3)`` points.

        Args:
            points: ``(K, 3)``.
            normals: ``(K, 3)`` of the surface that the points come from.
            turned: how many metres nearer a place must be to be taken though its normal points the
                other way; it keeps an upper lip off a lower one.
        """
        parts = [
            self._nearest(
                points[i : i + CHUNK], None if normals is None else normals[i : i + CHUNK], turned
            )
            for i in range(0, len(points), CHUNK)
        ]
        return Places(*(np.concatenate([getattr(p, n) for p in parts]) for n in vars(parts[0])))

    def _nearest(self, points: Array, normals: Array | None, turned: float) -> Places:
        count = min(CANDIDATES, len(self.triangles))
        tried = self.tree.query(points, k=count)[1].reshape(len(points), count)
        weights = nearest_in_triangle(points[:, None], self.corners[tried])
        found = np.einsum("ktc,ktcx->ktx", weights, self.corners[tried])
        away = np.linalg.norm(found - points[:, None], axis=2)
        facing = np.ones_like(away)
        if normals is not None:
            facing = np.einsum("ktx,kx->kt", self.normals[tried], normals)
        best = (away + turned * (1 - facing) / 2).argmin(axis=1)
        each = np.arange(len(points))
        chosen = tried[each, best]
        return Places(
            self.triangles[chosen],
            weights[each, best],
            chosen,
            away[each, best],
            facing[each, best],
        )


def nearest_in_triangle(points: Array, corners: Array) -> Array:
    """Barycentric weights ``(..., 3)`` of the place in each triangle ``(..., 3, 3)`` nearest to a point."""
    a, b, c = corners[..., 0, :], corners[..., 1, :], corners[..., 2, :]
    u, v, w = b - a, c - a, points - a
    uu, uv, vv = (u * u).sum(-1), (u * v).sum(-1), (v * v).sum(-1)
    wu, wv = (w * u).sum(-1), (w * v).sum(-1)
    scale = np.maximum(uu * vv - uv * uv, 1e-24)
    s, t = (vv * wu - uv * wv) / scale, (uu * wv - uv * wu) / scale
    inside = np.stack([1 - s - t, s, t], axis=-1)
    edges = [_on_edge(points, p, q) for p, q in ((a, b), (b, c), (c, a))]
    zero = np.zeros_like(s)
    options = np.stack(
        [
            np.stack([1 - edges[0], edges[0], zero], axis=-1),
            np.stack([zero, 1 - edges[1], edges[1]], axis=-1),
            np.stack([edges[2], zero, 1 - edges[2]], axis=-1),
        ],
        axis=-2,
    )
    away = np.linalg.norm(options @ corners - points[..., None, :], axis=-1)
    on_edge = np.take_along_axis(options, away.argmin(-1)[..., None, None], axis=-2)[..., 0, :]
    return np.where((inside >= 0).all(-1, keepdims=True), inside, on_edge)


def _on_edge(points: Array, start: Array, end: Array) -> Array:
    along = end - start
    share = ((points - start) * along).sum(-1) / np.maximum((along * along).sum(-1), 1e-24)
    return np.clip(share, 0, 1)


def triangle_normals(vertices: Array, triangles: Indices) -> Array:
    """Unit normals ``(T, 3)``; zero for triangles without area."""
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    cross = np.cross(b - a, c - a)
    return cross / np.maximum(np.linalg.norm(cross, axis=1, keepdims=True), 1e-18)


def vertex_normals(vertices: Array, triangles: Indices) -> Array:
    """Unit normals ``(N, 3)``, each triangle counting by its area."""
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    cross = np.cross(b - a, c - a)
    total = np.zeros_like(vertices)
    for k in range(3):
        np.add.at(total, triangles[:, k], cross)
    return total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-18)


def triangulate(sizes: Indices, corners: Indices) -> Indices:
    """Triangles ``(T, 3)`` of polygons: fans from each one's first corner.

    Args:
        sizes: ``(F,)`` number of corners of each polygon.
        corners: their vertices, one polygon after the other.
    """
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    counts = np.asarray(sizes) - 2
    polygon = np.repeat(np.arange(len(sizes)), counts)
    step = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + 1
    first = starts[polygon]
    return np.stack([corners[first], corners[first + step], corners[first + step + 1]], axis=1)
