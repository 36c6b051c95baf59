# SPDX-License-Identifier: GPL-3.0-or-later
"""The contact sheet: mean head, its landmarks, components at two sigma, all blendshapes, turned views."""

from pathlib import Path

import cv2
import numpy as np
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.head import Head
from mien.core.model.params import N_EXPRESSION
from numpy.typing import NDArray

from ..saving import save_picture
from .portrait import portrait, rotation

CELL = 200
"""Pixels of a head on the sheet,"""
COLUMNS = 10
"""heads in a row,"""
SIGMAS = 2.0
"""deviations by which each component is shown,"""
IDENTITIES_SHOWN = 10
"""and how many of the identity are."""

Picture = NDArray[np.uint8]


def write_sheet(head: Head, path: Path) -> None:
    """Draw the contact sheet of a head as a PNG."""
    mean = head.vertices
    cells = [_cell(head, mean, "mean", marked=True)]
    turns = ((-90, 0), (-60, 0), (-30, 0), (30, 0), (60, 0), (90, 0), (0, 25), (0, -25), (180, 0))
    for yaw, pitch in turns:
        turn = rotation(np.radians(yaw), np.radians(pitch))
        marked = abs(yaw) in (60, 90)
        cells.append(_cell(head, mean, f"yaw {yaw} pitch {pitch}", turn, marked=marked))
    for sign in (1, -1):
        for k in range(IDENTITIES_SHOWN):
            shape = mean + sign * SIGMAS * head.identity[k]
            cells.append(_cell(head, shape, f"identity_{k:02d} {sign * SIGMAS:+.0f}"))
    for sign in (1, -1):
        for k in range(N_EXPRESSION):
            shape = mean + sign * SIGMAS * head.expression[k]
            cells.append(_cell(head, shape, f"expression_{k:02d} {sign * SIGMAS:+.0f}"))
    cells += [
        _cell(head, mean + blendshape, name)
        for blendshape, name in zip(head.blendshapes, ARKIT_BLENDSHAPES, strict=True)
    ]
    while len(cells) % COLUMNS:
        cells.append(np.zeros((CELL, CELL, 3), np.uint8))
    rows = [np.hstack(cells[i : i + COLUMNS]) for i in range(0, len(cells), COLUMNS)]
    save_picture(path, np.vstack(rows))


def _cell(
    head: Head,
    vertices: NDArray[np.float32],
    label: str,
    turn: NDArray[np.float64] | None = None,
    marked: bool = False,
) -> Picture:
    size = 2 * CELL
    turn = np.eye(3) if turn is None else turn
    picture = portrait(
        vertices, head.quads, head.materials, head.eye_centres, size, turn, height=0.29
    )[0]
    if marked:
        skin = vertices[head.quads[head.materials == 0]].mean(axis=1)
        middle = (skin.min(axis=0) + skin.max(axis=0)) / 2
        places = (head.take_landmarks(vertices) - middle) @ turn.T
        for x, y, _ in places * size / 0.29:
            at = (round(size / 2 + x), round(size / 2 - y))
            cv2.circle(picture, at, 3, (40, 220, 40), -1, cv2.LINE_AA)
    picture = cv2.resize(picture, (CELL, CELL), interpolation=cv2.INTER_AREA).astype(np.uint8)
    cv2.putText(
        picture, label, (4, CELL - 6), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (0, 0, 0), 1, cv2.LINE_AA
    )
    return picture
