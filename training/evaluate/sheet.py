# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture of the worst faces with both sets of points."""

from pathlib import Path

import cv2
import numpy as np

from ..labels.mediapipe_tool import ImageArray
from ..saving import save_picture
from .errors import Measured

TILE, COLUMNS, SHOWN = 200, 8, 40
"""Pixels of a face, faces in a row, and faces shown;"""
TRUTH, PREDICTED = (80, 220, 80), (60, 60, 255)
"""colours of the points of the labels and of those that were predicted, BGR."""


def draw_worst(faces: list[Measured], path: Path) -> None:
    """Write the worst faces as an image: true points green, predicted red, error below."""
    worst = sorted(faces, key=lambda f: -f.error)[:SHOWN]
    tiles = [_tile(face) for face in worst]
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % COLUMNS)
    rows = [np.hstack(tiles[i : i + COLUMNS]) for i in range(0, len(tiles), COLUMNS)]
    save_picture(path, np.vstack(rows))


def _tile(face: Measured) -> ImageArray:
    both = np.concatenate([face.truth, face.predicted])
    low, high = both.min(axis=0), both.max(axis=0)
    scale = TILE / (1.3 * float((high - low).max()))
    shift = TILE / 2 - scale * (low + high) / 2
    matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
    tile = cv2.warpAffine(face.image, matrix, (TILE, TILE), flags=cv2.INTER_LINEAR)
    for points, colour in ((face.truth, TRUTH), (face.predicted, PREDICTED)):
        for x, y in points * scale + shift:
            cv2.circle(
                tile, (round(float(x) * 8), round(float(y) * 8)), 10, colour, -1, cv2.LINE_AA, 3
            )
    text = f"{face.error:.1%} {face.name[:18]}"
    cv2.putText(
        tile, text, (4, TILE - 6), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (255, 255, 255), 1, cv2.LINE_AA
    )
    return tile.astype(np.uint8)
