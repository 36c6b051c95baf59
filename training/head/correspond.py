# SPDX-License-Identifier: GPL-3.0-or-later
"""Where MediaPipe's 468 points and the 68 landmarks lie on the mesh, without hand-picking."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from mien.core.model.head import N_LANDMARKS, N_MEDIAPIPE, cut_quads
from mien.core.model.surface_points import SurfacePoints
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ..geometry.landmarks import partners
from ..geometry.raster import draw
from ..labels.mediapipe_tool import FaceMesh
from . import mediapipe_mesh as numbers
from .archive import FloatArray
from .portrait import portrait, rotation
from .topology import IntArray

PICTURE = 640
TURNS = (-0.35, -0.15, 0.0, 0.15, 0.35)
"""Pixels of the pictures shown to the labelling tool, and the head's turns in them, radians: as far as it sees both
sides."""
CHIN_BELOW = np.array([0.0, -0.005, -0.004])
"""From MediaPipe's chin to the lowest point of the bone, where the convention's chin lies, metres."""


@dataclass(frozen=True)
class Correspondence:
    """Where MediaPipe's points lie on the mean head.

    Attributes:
        points: the 468 points on the surface.
        found: heads in whose pictures a face was found.
        tried: heads drawn.
        spread: ``(468,)`` median distance of a point between pictures and its place, metres.
        snap: ``(468,)`` how far the median point was moved to the surface, metres.
    """

    points: SurfacePoints
    found: int
    tried: int
    spread: FloatArray
    snap: FloatArray


def find_correspondence(
    people: FloatArray, mean: FloatArray, quads: IntArray, materials: IntArray,
    eyes_of: Callable[[FloatArray], FloatArray],
) -> Correspondence:  # fmt: skip
    """Draw varied heads, run MediaPipe on the pictures, cast its points back, take the median.

    Args:
        people: ``(P, N, 3)`` heads to draw, each turned a little differently.
        mean: ``(N, 3)`` the mean head, on which the median is taken.
        quads, materials: the topology.
        eyes_of: gives the two eyeball centres ``(2, 3)`` of a head ``(N, 3)``.
    """
    mesh = FaceMesh()
    casts = []
    for i, person in enumerate(people):
        picture, seen, weights, triangles = portrait(
            person, quads, materials, eyes_of(person), PICTURE, rotation(TURNS[i % len(TURNS)])
        )
        found = mesh.find(picture)
        if found is None:
            continue
        rows, columns = np.nonzero((seen >= 0) & np.isin(np.repeat(materials, 2)[seen], (0, 1)))
        tree = cKDTree(np.stack([columns, rows], axis=1))
        away, nearest = tree.query(found.points[:, :2])
        y, x = rows[nearest], columns[nearest]
        cast = np.einsum("kc,kcx->kx", weights[y, x], mean[triangles[seen[y, x]]])
        cast[away > 2.0] = np.nan  # off the silhouette: the far side's outline says nothing
        casts.append(cast)
    stack = np.array(casts)
    middle = np.nanmedian(stack, axis=0)
    spread = np.nanmedian(np.linalg.norm(stack - middle, axis=2), axis=0)
    middle = _symmetric(middle)
    skin = np.isin(materials, (0, 1))
    points, snap = nearest_on_surface(middle, mean, quads[skin])
    return Correspondence(points, len(casts), len(people), spread, snap)


def _symmetric(points: FloatArray) -> FloatArray:
    """Average points ``(k, 3)`` with their mirror images: both the head and the tool's are even."""
    return np.asarray((points + points[partners(points)] * np.array([-1, 1, 1])) / 2)


def nearest_on_surface(
    points: FloatArray, vertices: FloatArray, quads: IntArray, candidates: int = 24
) -> tuple[SurfacePoints, FloatArray]:
    """Nearest place on a mesh for each of ``(k, 3)`` points, and the distance to it in metres."""
    triangles = cut_quads(quads)
    centres = vertices[triangles].mean(axis=1)
    return nearest_among(
        points, vertices, triangles[cKDTree(centres).query(points, k=candidates)[1]]
    )


def nearest_among(
    points: FloatArray, vertices: FloatArray, nearby: IntArray
) -> tuple[SurfacePoints, FloatArray]:
    """Nearest place for each of ``(k, 3)`` points on ``(k, t, 3)`` triangles of its own, and the distance."""
    weights = _clamped_barycentric(points[:, None], vertices[nearby])
    places = np.einsum("ktc,ktcx->ktx", weights, vertices[nearby])
    away = np.linalg.norm(places - points[:, None], axis=2)
    best = away.argmin(axis=1)
    each = np.arange(len(points))
    return SurfacePoints(nearby[each, best], weights[each, best]), away[each, best]


def _clamped_barycentric(points: FloatArray, corners: FloatArray) -> FloatArray:
    """Barycentric weights of the points' projection, clamped to the triangle."""
    a, b, c = corners[..., 0, :], corners[..., 1, :], corners[..., 2, :]
    u, v, w = b - a, c - a, points - a
    uu, uv, vv = (u * u).sum(-1), (u * v).sum(-1), (v * v).sum(-1)
    wu, wv = (w * u).sum(-1), (w * v).sum(-1)
    scale = np.maximum(uu * vv - uv * uv, 1e-18)
    s, t = (vv * wu - uv * wv) / scale, (uu * wv - uv * wu) / scale
    weights = np.clip(np.stack([1 - s - t, s, t], axis=-1), 0, None)
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def place_landmarks(mediapipe: SurfacePoints, mean: FloatArray, quads: IntArray) -> SurfacePoints:
    """The 68 landmarks in iBUG order on the mean head.

    The inner 51 stand where the convention puts them between MediaPipe's points. The jaw's 17 lie
    along the bone's edge from ear to ear, evenly as seen from the front; they are fixed on the head
    (the three-dimensional convention) and do not slide to the visible outline when the head turns.
    """
    at = mediapipe.on(mean)

    def between(pairs: Sequence[numbers.Between]) -> FloatArray:
        first, second, share = (np.array(column) for column in zip(*pairs, strict=True))
        return np.asarray(at[first] + share[:, None] * (at[second] - at[first]))

    right = _cast_sideways(np.array(numbers.JAW_PROFILE), mean, quads)
    left = right[::-1] * np.array([-1, 1, 1])
    jaw = _evenly(np.concatenate([right, at[[numbers.CHIN]] + CHIN_BELOW, left]), 17)
    eyes, lips = at[list(numbers.EYES)], at[list(numbers.LIPS_68)]
    places = np.concatenate(
        [
            jaw,
            between(numbers.BROWS),
            between(numbers.NOSE),
            eyes,
            lips,
            between(numbers.LIPS_INSIDE),
        ]
    )
    if len(places) != N_LANDMARKS or len(at) != N_MEDIAPIPE:
        raise ValueError("the tables of landmarks do not add up")
    landmarks, _ = nearest_on_surface(places, mean, quads)
    return landmarks


def _cast_sideways(profile: FloatArray, vertices: FloatArray, quads: IntArray) -> FloatArray:
    """Where rays along x first meet the subject's right side, for ``(k, 2)`` heights and depths."""
    triangles = cut_quads(quads)
    # Looked at from the right, depth runs to the right of the picture and height up.
    scale = 1 / 2e-4
    low = vertices.min(axis=0)
    flat = (
        np.stack([vertices[:, 2] - low[2], vertices[:, 1].max() - vertices[:, 1]], axis=1) * scale
    )
    seen_from = np.column_stack([flat, -vertices[:, 0]]).astype(np.float32)
    height, width = (int(n) + 1 for n in np.ceil(flat.max(axis=0))[::-1])
    seen, weights, _ = draw(seen_from, triangles.astype(np.int32), height, width)
    columns = np.rint((profile[:, 1] - low[2]) * scale).astype(int)
    rows = np.rint((vertices[:, 1].max() - profile[:, 0]) * scale).astype(int)
    hit = seen[rows, columns]
    if (hit < 0).any():
        raise ValueError("a point of the jaw's profile lies off the head")
    return np.einsum("kc,kcx->kx", weights[rows, columns], vertices[triangles[hit]])


def _evenly(path: FloatArray, count: int) -> NDArray[np.float64]:
    """``count`` points along a polyline at equal arc length as seen from the front."""
    steps = np.linalg.norm(np.diff(path[:, :2], axis=0), axis=1)
    along = np.concatenate([[0], np.cumsum(steps)])
    places = np.linspace(0, along[-1], count)
    return np.stack([np.interp(places, along, path[:, k]) for k in range(3)], axis=1)
