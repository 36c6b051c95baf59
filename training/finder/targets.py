# SPDX-License-Identifier: GPL-3.0-or-later
"""What the finder should say of a frame, and how wrong it is."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from mien.core.model.crop import CropBox
from torch import Tensor

from .network import STRIDE, UNIT

SPREAD = 0.1
"""Standard deviation of the hill around a face's middle, as a share of the crop's side."""
LEAST_SPREAD = 0.6
"""And at least so many cells."""
SHOULDER = 0.3
"""Cells as high as this on a hill are asked for the box."""
BOX_WEIGHT = 2.0
"""Of the boxes beside the hills in the loss (chosen by eye)."""


class Targets(NamedTuple):
    """Of B frames of h by w cells.

    Attributes:
        hills: ``(B, h, w)`` 1 in the cell of a face's middle, falling off around it.
        boxes: ``(B, 3, h, w)`` offset right and down in cells, logarithm of the size.
        cells: ``(B, h, w)`` side of the crop in cells where the box counts, else 0.
    """

    hills: Tensor
    boxes: Tensor
    cells: Tensor


def targets(faces: Sequence[Sequence[CropBox]], width: int, height: int) -> Targets:
    """Maps of the faces of each frame; where two hills meet, the nearer middle has the box."""
    across, down = width // STRIDE, height // STRIDE
    # The middle of cell k lies at pixel STRIDE k + (STRIDE - 1) / 2, pixels being counted from 0.
    x, y = np.meshgrid(np.arange(across), np.arange(down))
    hills = np.zeros((len(faces), down, across), np.float32)
    boxes = np.zeros((len(faces), 3, down, across), np.float32)
    cells = np.zeros_like(hills)
    for k, frame in enumerate(faces):
        for face in sorted(frame, key=lambda f: -f.size):
            at = [(c - (STRIDE - 1) / 2) / STRIDE for c in (face.x, face.y)]
            spread = max(LEAST_SPREAD, SPREAD * face.size / STRIDE)
            hill = np.exp(-((x - at[0]) ** 2 + (y - at[1]) ** 2) / (2 * spread**2))
            nearest = tuple(
                int(np.clip(round(c), 0, n - 1))
                for c, n in zip(at[::-1], (down, across), strict=True)
            )
            hill[nearest] = 1
            here = (hill > SHOULDER) & (hill >= hills[k])
            boxes[k][:, here] = np.stack(
                [at[0] - x, at[1] - y, np.full_like(hill, math.log(face.size / UNIT))]
            )[:, here]
            cells[k][here] = face.size / STRIDE
            hills[k] = np.maximum(hills[k], hill)
    return Targets(*(torch.from_numpy(a) for a in (hills, boxes, cells)))


def loss(sure: Tensor, box: Tensor, wanted: Targets) -> Tensor:
    """Focal loss on the hills, and the distance of boxes in shares of their size.

    Args:
        sure: logits ``(B, h, w)``; box: ``(B, 3, h, w)``, both as the network gives them.
        wanted: from :func:`targets`.
    """
    chance = sure.sigmoid().clamp(1e-4, 1 - 1e-4)
    top = wanted.hills >= 1
    yes = -((1 - chance) ** 2) * chance.log() * top
    no = -((1 - wanted.hills) ** 4) * chance**2 * (1 - chance).log() * ~top
    count = top.sum().clamp(min=1)
    here = wanted.cells > 0
    away = (box - wanted.boxes).abs()
    shift = away[:, :2].sum(dim=1) / wanted.cells.clamp(min=1e-3)
    boxes = ((shift + away[:, 2]) * here).sum() / here.sum().clamp(min=1)
    return (yes.sum() + no.sum()) / count + BOX_WEIGHT * boxes
