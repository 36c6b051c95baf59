# SPDX-License-Identifier: GPL-3.0-or-later
"""Cuts a mesh to the outline that its texture's alpha draws, so that the outline shows without textures."""

import cv2
import numpy as np
from numpy.typing import NDArray

from .archive import FloatArray
from .topology import IntArray

SOLID = 0.6
"""A face whose texels are all less transparent stays whole."""


def cut_out(
    places: FloatArray,
    faces: IntArray,
    uvs: FloatArray,
    alpha: NDArray[np.uint8],
    finer: int,
    least: float,
) -> tuple[FloatArray, IntArray, FloatArray]:
    """Leave out what is transparent of a mesh; faces on the outline are divided first.

    Args:
        places: ``(P, 3)`` vertices.
        faces, uvs: ``(G, 4)`` quads, ``(G, 4, 2)``.
        alpha: ``(H, W)`` of the texture.
        finer: parts that the edge of a divided face is cut into.
        least: mean alpha, 0 to 1, from which a part stays.

    Returns:
        Vertices, faces and texture coordinates of what is left.
    """
    steps = np.linspace(0, 1, finer + 1)
    across, down = (g.ravel() for g in np.meshgrid(steps, steps, indexing="xy"))
    blend = np.stack(
        [(1 - across) * (1 - down), across * (1 - down), across * down, (1 - across) * down], axis=1
    )
    row = finer + 1
    cells = np.array(
        [
            [y * row + x, y * row + x + 1, (y + 1) * row + x + 1, (y + 1) * row + x]
            for y in range(finer)
            for x in range(finer)
        ]
    )
    points: list[FloatArray] = []
    quads: list[FloatArray] = []
    for face, corners in zip(faces, uvs, strict=True):
        inner = blend @ corners
        values = _mean_alpha(alpha, inner[cells])
        if (values > SOLID).all():
            points.append(places[face][None])
            quads.append(corners[None])
        else:
            kept = values > least
            points.append((blend @ places[face])[cells][kept])
            quads.append(inner[cells][kept])
    corners_at, uv = np.concatenate(points), np.concatenate(quads)
    # Parts of one face and of neighbours share vertices again.
    _, first, numbers = np.unique(
        np.round(corners_at.reshape(-1, 3), 6), axis=0, return_index=True, return_inverse=True
    )
    return corners_at.reshape(-1, 3)[first], numbers.reshape(-1, 4), uv


def _mean_alpha(alpha: NDArray[np.uint8], cells: FloatArray) -> FloatArray:
    """Mean alpha 0 to 1 of the box of texels around each cell ``(C, 4, 2)``."""
    size = np.array(alpha.shape[::-1])
    sums = cv2.integral(alpha)
    low = np.clip(np.floor(_pixels(cells.min(axis=1), size)), 0, size - 1).astype(int)
    high = np.clip(np.ceil(_pixels(cells.max(axis=1), size)), 0, size).astype(int)
    (x0, y1), (x1, y0) = low.T, high.T  # texture coordinates go up, rows go down
    x1, y1 = np.maximum(x1, x0 + 1), np.maximum(y1, y0 + 1)
    x0, y0 = np.minimum(x0, size[0] - 1), np.minimum(y0, size[1] - 1)
    total = sums[y1, x1] - sums[y0, x1] - sums[y1, x0] + sums[y0, x0]
    return np.asarray(total / ((x1 - x0) * (y1 - y0)) / 255)


def _pixels(uvs: FloatArray, size: NDArray[np.int64]) -> FloatArray:
    return np.stack([uvs[..., 0] * size[0], (1 - uvs[..., 1]) * size[1]], axis=-1)
