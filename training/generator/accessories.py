# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands anywhere before a face: fingers, cloth, arbitrary shapes."""

import cv2
import numpy as np
from numpy.typing import NDArray

from .synthetic import SKINS

F = NDArray[np.float32]
Rng = np.random.Generator


def hide_part(rng: Rng, picture: F, backdrop: F) -> None:
    """Put a hand-like, cloth-like or arbitrary shape over part of the picture, in place."""
    size = len(picture)
    kind = rng.random()
    mask = np.zeros((size, size), np.uint8)
    at = rng.uniform(0, size, 2)
    if kind < 0.4:  # fingers: a few thick strokes side by side
        skin = SKINS[rng.integers(len(SKINS))] * rng.uniform(0.7, 1.15)
        fill = np.clip(skin + rng.normal(0, 6, (size, size, 3)), 0, 255)
        angle = rng.uniform(0, 2 * np.pi)
        along, across = (
            np.array([np.cos(angle), np.sin(angle)]),
            np.array([-np.sin(angle), np.cos(angle)]),
        )
        thick = int(rng.uniform(0.05, 0.1) * size)
        for k in range(int(rng.integers(1, 5))):
            start = at + across * k * thick * 1.1
            end = start + along * size * rng.uniform(0.25, 0.6)
            cv2.line(mask, tuple(map(int, start)), tuple(map(int, end)), 255, thick, cv2.LINE_AA)
    else:
        fill = (
            backdrop[::-1] if rng.random() < 0.6 else np.full_like(picture, rng.uniform(0, 255, 3))
        )
        axes = rng.uniform(0.08, 0.32, 2) * size
        if kind < 0.7:
            cv2.ellipse(
                mask, (tuple(at), tuple(axes * 2), rng.uniform(0, 180)), 255, -1, cv2.LINE_AA
            )
        else:
            box = cv2.boxPoints((tuple(at), tuple(axes * 2), rng.uniform(0, 180)))
            cv2.fillPoly(mask, [box.astype(np.int32)], 255, cv2.LINE_AA)
    picture += (mask[..., None] / 255.0) * (fill - picture)
