# SPDX-License-Identifier: GPL-3.0-or-later
"""Slides the labelling tool's points over the head's skin to where real photos have them."""

from dataclasses import replace

import numpy as np
from mien.core.model.head import Head, cut_quads
from mien.core.model.surface_points import SurfacePoints
from scipy.sparse import coo_matrix

from ..labels.mediapipe_tool import Found
from .archive import FloatArray
from .correspond import nearest_among
from .landmark_residuals import evenly_wanted, left_over_of
from .topology import IntArray

REACH = 4
"""How many edges a point may slide in a round; it cannot jump from lip to lip."""
DEPTH_STAYS = 0.02
"""Share by which depth counts where no photo shows it, over what is seen across (chosen by eye)."""


def slid(head: Head, seen: list[Found]) -> Head:
    """The head, its 468 points moved over the skin to where photos have them.

    Args:
        head: laid on every photo as it is.
        seen: the tool's points of the photos.

    Returns:
        The same head but for ``mediapipe_corners`` and ``mediapipe_weights``; its id is the old one.
    """
    away, certainty = evenly_wanted(head, left_over_of(head, seen))
    vertices = head.vertices.astype(float)
    points = head.mediapipe_places
    places = points.on(vertices) + away
    # Distances count as photos see them: much across, little in depth.
    metric = np.linalg.cholesky(certainty + DEPTH_STAYS * np.eye(3))
    moved = nearest_within_reach(head, points.corners, places, metric)
    return replace(
        head,
        mediapipe_corners=moved.corners.astype(np.int32),
        mediapipe_weights=moved.weights.astype(np.float32),
    )


def nearest_within_reach(
    head: Head, corners: IntArray, places: FloatArray, metric: FloatArray
) -> SurfacePoints:
    """Where on the skin points come to lie that are to move to places near by.

    Args:
        head: whose skin it is.
        corners: ``(k, 3)`` of the triangles that they lie in now.
        places: ``(k, 3)`` where they should be.
        metric: ``(3, 3)`` after which distances count.
    """
    skin = head.quads[np.isin(head.materials, (0, 1))]
    triangles = cut_quads(skin)
    vertices, wanted = head.vertices.astype(float) @ metric, places @ metric
    near = within_reach(corners, triangles, len(vertices))
    moved = [
        nearest_among(place[None], vertices, triangles[candidates][None])[0]
        for place, candidates in zip(wanted, near, strict=True)
    ]
    return SurfacePoints(
        np.concatenate([p.corners for p in moved]), np.concatenate([p.weights for p in moved])
    )


def within_reach(corners: IntArray, triangles: IntArray, vertices: int) -> list[IntArray]:
    """For each of ``(k, 3)`` corners, which triangles lie within :data:`REACH` edges of them."""
    edges = np.concatenate([triangles[:, [a, b]] for a, b in ((0, 1), (1, 2), (2, 0))])
    edges = np.concatenate([edges, edges[:, ::-1]])
    step = coo_matrix((np.ones(len(edges)), edges.T), (vertices, vertices)).tocsr()
    reached = np.zeros((vertices, len(corners)))
    reached[corners.T, np.arange(len(corners))] = 1
    for _ in range(REACH):
        reached = np.minimum(reached + step @ reached, 1)
    return [np.flatnonzero(one) for one in (reached[triangles] > 0).all(axis=1).T]
