# SPDX-License-Identifier: GPL-3.0-or-later
"""The canonical picture of a person's head: frontal, level, the same pixel always the same skin."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt
from scipy.sparse import csr_matrix, hstack

from ..model.arkit import ARKIT_BLENDSHAPES
from ..model.head import MATERIALS, Head
from ..model.params import FloatArray
from .raster import rasterise

SIDE = 128
"""Of the picture, pixels."""
MAP = SIDE // 2
"""Places along each side at which the map to a frame is worked out; between them it is straight."""
CELL = 4
"""Side of the cells in which flow is averaged, pixels."""
CELLS = SIDE // CELL
"""Along each side of the picture."""
JAW = 0.11
"""The jaw of the canonical face: a little open, so that each lip has pixels of its own."""
WIDTH = 1.1
"""Side of the picture over the distance between the ends of the jaw's line."""
BELOW_CHIN = 0.012
"""How far the picture reaches below the chin, metres."""
LEAST_PIXELS = 5
"""A cell with fewer pixels of skin is not measured."""
INNER_LIPS = slice(60, 68)
"""Landmarks of the lips' inner edges; what lies between them is not skin."""
_SKIN = [MATERIALS.index(name) for name in ("skin", "lips")]
"""Materials whose motion is measured."""


@dataclass(frozen=True)
class Canonical:
    """Where the pixels of the canonical picture lie on a head; P = SIDE^2 pixels, U used vertices.

    Attributes:
        metres: side of a pixel.
        middle: ``(3,)`` of the measured skin, model space; x and y are the picture's middle.
        vertices: ``(U,)`` indices of the head's vertices that the picture needs.
        places: ``(MAP^2, U + 3)`` barycentric weights, means of two by two pixels. A pixel beside the head has
            those of the nearest pixel on it, then how far it lies from that one, metres, x and y; the last is
            1 for all.
        normals: ``(P, 3)`` outward.
        measured: ``(SIDE, SIDE)`` 1 on skin and lips, 0 on eyeballs, in the mouth and beside the head.
        cells: ``(C,)`` which of the CELLS^2 cells are measured; points: ``(C, U)`` weights of their
            middles.
    """

    metres: float
    middle: NDArray[np.float64]
    vertices: NDArray[np.int64]
    places: csr_matrix
    normals: FloatArray
    measured: FloatArray
    cells: NDArray[np.int64]
    points: csr_matrix


def canonical_of(head: Head, shape: FloatArray) -> Canonical:
    """Lay the canonical picture over a head.

    Args:
        head: whose triangles they are.
        shape: ``(N, 3)`` the person's resting face, metres.
    """
    open_face = shape + np.float32(JAW) * head.blendshapes[ARKIT_BLENDSHAPES.index("jawOpen")]
    marks = head.landmark_places.on(open_face)
    metres = float(WIDTH * np.ptp(marks[:17, 0]) / SIDE)
    middle = marks[:17, 0].min() + np.ptp(marks[:17, 0]) / 2
    centre = np.array([middle, marks[8, 1] - BELOW_CHIN + SIDE * metres / 2])
    flat = (open_face[:, :2] - centre) / metres * [1, -1] + (SIDE - 1) / 2
    triangles = head.triangles
    seen = rasterise(flat.astype(np.float32), triangles, SIDE, SIDE, open_face[:, 2])
    on_head = seen.triangle >= 0
    nearest = distance_transform_edt(~on_head, return_distances=False, return_indices=True)
    triangle = seen.triangle[tuple(nearest)].ravel()
    weights = seen.weights[tuple(nearest)].reshape(-1, 3)
    grid = np.indices((SIDE, SIDE))
    beyond = (grid - nearest)[::-1].reshape(2, -1).T * [metres, -metres]
    corners = triangles[triangle]
    vertices, index = np.unique(corners, return_inverse=True)
    rows = np.repeat(np.arange(SIDE**2), 3)
    pixels = csr_matrix(
        (weights.ravel(), (rows, index.ravel())), shape=(SIDE**2, len(vertices)), dtype=np.float32
    )
    material = np.repeat(head.materials, 2)[triangle].reshape(SIDE, SIDE)
    measured = (on_head & np.isin(material, _SKIN)).astype(np.uint8)
    lips = (marks[INNER_LIPS, :2] - centre) / metres * [1, -1] + (SIDE - 1) / 2
    cv2.fillPoly(measured, [np.rint(lips).astype(np.int32)], 0)
    cells, points = _cells(measured, pixels)
    depth = float((points @ open_face[vertices, 2]).mean())
    placing = np.column_stack([beyond, np.ones(len(beyond))]).astype(np.float32)
    return Canonical(
        metres, np.array([*centre, depth]), vertices.astype(np.int64),
        _coarse(hstack([pixels, csr_matrix(placing)], format="csr")), _normals(open_face, corners),
        measured.astype(np.float32), cells, points,
    )  # fmt: skip


def _cells(measured: NDArray[np.uint8], pixels: csr_matrix) -> tuple[NDArray[np.int64], csr_matrix]:
    """Which cells hold enough skin, and the weights of their middles."""
    rows, columns = np.indices((SIDE, SIDE)) // CELL
    cell = (rows * CELLS + columns).ravel()
    skin = measured.ravel().astype(np.float32)
    count = np.bincount(cell, skin, CELLS**2)
    chosen = np.flatnonzero(count >= LEAST_PIXELS)
    share = skin / np.maximum(count[cell], 1)
    gather = csr_matrix((share, (cell, np.arange(SIDE**2))), shape=(CELLS**2, SIDE**2))
    return chosen, (gather[chosen] @ pixels).astype(np.float32)


def _coarse(pixels: csr_matrix) -> csr_matrix:
    """Means ``(MAP^2, ...)`` of rows that belong to pixels next to each other, two by two."""
    rows, columns = np.indices((SIDE, SIDE)) * MAP // SIDE
    share = np.full(SIDE**2, (MAP / SIDE) ** 2, np.float32)
    mean = csr_matrix((share, ((rows * MAP + columns).ravel(), np.arange(SIDE**2))))
    return (mean @ pixels).astype(np.float32)


def _normals(shape: FloatArray, corners: NDArray[np.int32]) -> FloatArray:
    """Outward unit normals ``(P, 3)`` of the triangles with these corners ``(P, 3)``."""
    a, b, c = (shape[corners[:, k]] for k in range(3))
    across = np.cross(b - a, c - a)
    length = np.linalg.norm(across, axis=1, keepdims=True)
    return (across / np.maximum(length, 1e-12)).astype(np.float32)
