# SPDX-License-Identifier: GPL-3.0-or-later
"""A labelled photo turned into something that can be rendered: its pixels laid on its head."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..geometry.raster import draw
from ..labels.store import LabelledPhoto
from .anatomy import Anatomy
from .kernels import vertex_normals

F = NDArray[np.float32]
SHEET_CELLS = 24
"""Points along each side of the sheet."""
SHEET_DEPTH = -0.02
"""The sheet that carries hair, neck and background stands this deep (metres), through the ears."""
SHEET_BEND = 1.2
"""How fast the sheet falls back with the distance from the head's outline."""
SLACK = 0.004
"""Vertices so far (metres) behind what is seen first still count as seen: cells of the mesh are flat."""
FILL_ROUNDS = 16
"""Times that neighbours are averaged where the photo saw nothing (chosen by eye)."""


@dataclass(frozen=True)
class Portrait:
    """A photo laid on its fitted head, and on a sheet around it.

    Attributes:
        image: BGR ``(h, w, 3)``.
        scale, rotation, translation: the pose in the photo (pixels, y up).
        identity: ``(40,)``; units: ``(52,)``.
        uv, own: ``(V, 2)``, ``(V,)`` the vertex's pixel and how well the photo sees it.
        colour: ``(V, 3)`` colour of each vertex, filled in where the photo saw nothing.
        sheet: ``(S, 3)`` vertices in model space; sheet_uv: ``(S, 2)``; sheet_triangles.
    """

    image: NDArray[np.uint8]
    scale: float
    rotation: F
    translation: F
    identity: F
    blendshapes: F
    uv: F
    own: F
    colour: F
    sheet: F
    sheet_uv: F
    sheet_triangles: NDArray[np.int32]


def mirrored(photo: LabelledPhoto, anatomy: Anatomy) -> LabelledPhoto:
    """The same photo seen in a mirror, labels included."""
    transform = photo.transform * np.array([[-1], [1], [1]]) * np.array([-1, 1, 1, 1])
    transform[0, 3] += photo.image.shape[1] - 1
    points = photo.points * [-1, 1] + [photo.image.shape[1] - 1, 0]
    return LabelledPhoto(
        photo.name,
        np.ascontiguousarray(photo.image[:, ::-1]),
        transform.astype(np.float32),
        (photo.identity @ anatomy.mirror_identity).astype(np.float32),
        photo.blendshapes[anatomy.mirror_blendshapes],
        points.astype(np.float32),
        photo.residual,
    )


def lay_on_head(photo: LabelledPhoto, anatomy: Anatomy) -> Portrait:
    """Project a photo onto its head and onto the sheet around it."""
    head, triangles = anatomy.head, anatomy.triangles
    scale = float(np.linalg.norm(photo.transform[0, :3]))
    turn = np.ascontiguousarray(photo.transform[:, :3] / scale, np.float32)
    shift = photo.transform[:, 3].astype(np.float32)
    shape = (
        head.vertices.ravel()
        + photo.identity @ anatomy.identity
        + photo.blendshapes @ anatomy.blendshapes
    ).reshape(-1, 3)
    placed = (shape @ turn.T) * scale + shift
    uv = placed[:, :2] * np.array([1, -1], np.float32)
    height, width = photo.image.shape[:2]
    seen, _, depth = draw(
        np.column_stack([uv, placed[:, 2]]).astype(np.float32), triangles, height, width
    )
    column = np.clip(np.rint(uv[:, 0]), 0, width - 1).astype(int)
    row = np.clip(np.rint(uv[:, 1]), 0, height - 1).astype(int)
    margin = 1.0
    within = (
        (uv[:, 0] > margin) & (uv[:, 0] < width - 1 - margin)
        & (uv[:, 1] > margin) & (uv[:, 1] < height - 1 - margin)
    )  # fmt: skip
    normals = vertex_normals(placed.astype(np.float32), triangles)
    facing = np.clip((normals[:, 2] - 0.15) / 0.3, 0, 1)
    clear = placed[:, 2] > depth[row, column] - SLACK * scale
    own = (within & clear) * facing
    own[anatomy.inside] = (within & clear)[anatomy.inside] * 0.9
    colour = _fill(photo.image[row, column].astype(np.float32), own, anatomy)

    grid_x, grid_y = np.meshgrid(
        np.linspace(0, width - 1, SHEET_CELLS), np.linspace(0, height - 1, SHEET_CELLS)
    )
    away = cv2.distanceTransform((seen < 0).astype(np.uint8), cv2.DIST_L2, 5) / scale
    behind = SHEET_DEPTH - SHEET_BEND * away[grid_y.astype(int), grid_x.astype(int)]
    camera = np.stack(
        [(grid_x - shift[0]) / scale, (-grid_y - shift[1]) / scale, behind], axis=-1
    ).reshape(-1, 3)
    index = np.arange(SHEET_CELLS**2).reshape(SHEET_CELLS, SHEET_CELLS)
    a, b, c, d = index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]
    cells = np.concatenate(
        [np.stack(t, axis=-1).reshape(-1, 3) for t in ((a, b, c), (a, c, d))]
    ).astype(np.int32)
    both_sides = np.concatenate([cells, cells[:, ::-1]])
    return Portrait(
        photo.image, scale, turn, shift, photo.identity, photo.blendshapes,
        np.ascontiguousarray(uv, np.float32), own.astype(np.float32), colour,
        (camera @ turn).astype(np.float32),
        np.stack([grid_x, grid_y], axis=-1).reshape(-1, 2).astype(np.float32),
        np.ascontiguousarray(both_sides),
    )  # fmt: skip


def _fill(colour: F, own: NDArray[np.float64], anatomy: Anatomy) -> F:
    """Colours for vertices the photo did not see: the mirrored vertex's, else the neighbours'."""
    sure = np.asarray(own > 0.5) & ~anatomy.eyes & ~anatomy.inside
    other = sure[anatomy.mirror] & ~sure
    out = colour.copy()
    out[other] = colour[anatomy.mirror[other]]
    known = sure | other
    skin = out[known].mean(axis=0) if known.any() else np.array([110.0, 130, 170])
    hidden = np.flatnonzero(~known)
    out[hidden] = skin
    around = anatomy.smooth[hidden]
    for _ in range(FILL_ROUNDS):
        out[hidden] = around @ out
    out[anatomy.inside] = skin * 0.25 * np.array([0.7, 0.7, 1.0])
    out[anatomy.teeth] = np.clip(skin * 1.1, 0, 235) * np.array([0.95, 1.0, 1.0])
    out[anatomy.tongue] = skin * np.array([0.6, 0.55, 0.8])
    out[anatomy.eyes] = 200
    return out.astype(np.float32)
