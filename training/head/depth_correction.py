# SPDX-License-Identifier: GPL-3.0-or-later
"""Moves the mean head's surface to where real photos of turned heads have it.

People sampled from the modelling program's targets are flatter than people: on photos the bridge of the nose
stands several millimetres further out, the lips further in, and no mixture of the 40 components says so. What
the labelling tool's points want along the surface's normals is spread over the mesh as a smooth field.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from mien.core.model.eyeballs import eyeballs
from mien.core.model.head import Head
from mien.core.retarget.surface import vertex_normals
from scipy.interpolate import RBFInterpolator
from scipy.spatial import cKDTree

from ..labels.mediapipe_tool import Found
from .archive import FloatArray
from .landmark_residuals import LeftOver, evenly_wanted, left_over_of

TURNED = np.sin(np.radians(7.0))
"""Photos of heads turned less say nothing of depth."""
IDENTITY_TAKES = 1e-4
"""Square metres: how dear a shift of the mean identity is, against what it explains of the wanted moves. A person
is for the components to say; only what they cannot is moved."""
STILL_BEYOND = 0.035
"""Metres from the nearest point, beyond which the surface stays."""
EVERY = 12
"""One in so many of the vertices that stay holds the field down; more would only slow it."""
SMOOTHING = 0.02
"""Metres: how far the field may leave a single point's wish for its neighbours' sake."""
EYE = 0.024
"""Metres from an eyeball's centre within which all moves as one with it, or lids would leave it bare."""


def deepened(head: Head, seen: Sequence[Found]) -> Head:
    """The head with its mean surface, and the eyeballs with it, moved along the normals.

    Args:
        head: laid on every photo as it is.
        seen: the tool's points of the photos.

    Raises:
        ValueError: no head is turned, so that nothing is known of depth.
    """
    left = [photo for photo in left_over_of(head, seen) if turned(photo)]
    if not left:
        raise ValueError("no photo shows a turned head, so that nothing says how deep a face is")
    vertices = head.vertices.astype(float)
    points = head.mediapipe_places
    out = points.on(vertex_normals(vertices, head.triangles))
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    along = (evenly_wanted(head, left)[0] * out).sum(axis=1)
    identity = np.einsum("bkx,kx->bk", head.mediapipe_model().identity.astype(float), out)
    person = np.linalg.solve(
        identity @ identity.T + IDENTITY_TAKES * np.eye(len(identity)), identity @ along
    )
    places, moves = points.on(vertices), (along - person @ identity)[:, None] * out
    field = smooth_field(places, with_eyes(moves, places, head.eye_centres), vertices)
    moved = vertices + field(vertices)
    shifts = field(head.eye_centres.astype(float))
    for ball, shift in zip(eyeballs(head), shifts, strict=True):  # they are rigid
        moved[ball] = vertices[ball] + shift
    return replace(
        head,
        vertices=moved.astype(np.float32),
        eye_centres=(head.eye_centres + shifts).astype(np.float32),
    )


def turned(photo: LeftOver) -> bool:
    """Whether a photo's head is turned so far to a side that depth shows."""
    return bool(abs(photo.turn[0, 2]) > TURNED)


def with_eyes(moves: FloatArray, places: FloatArray, centres: FloatArray) -> FloatArray:
    """The same moves ``(k, 3)`` but for those of places ``(k, 3)`` around an eye, which all take their mean."""
    moves = moves.copy()
    for centre in centres:
        around = np.linalg.norm(places - centre, axis=1) < EYE
        moves[around] = moves[around].mean(axis=0)
    return moves


def smooth_field(points: FloatArray, moves: FloatArray, vertices: FloatArray) -> RBFInterpolator:
    """A smooth field of moves over space, still where no point is near.

    Args:
        points: ``(k, 3)`` places.
        moves: ``(k, 3)`` what each wants, metres.
        vertices: ``(N, 3)`` of the head; those far from all points hold the field still.

    Returns:
        Gives the move ``(n, 3)`` at each of ``(n, 3)`` places.
    """
    far = vertices[cKDTree(points).query(vertices)[0] > STILL_BEYOND][::EVERY]
    return RBFInterpolator(
        np.concatenate([points, far]),
        np.concatenate([moves, np.zeros_like(far)]),
        kernel="linear",
        smoothing=SMOOTHING,
    )
