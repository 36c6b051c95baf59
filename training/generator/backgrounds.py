# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands behind a head: plain, gradients, clutter, or a piece of a photo without its face."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ..labels.store import LabelledPhoto

F = NDArray[np.float32]
Rng = np.random.Generator


def draw_background(rng: Rng, photos: list[LabelledPhoto], size: int) -> F:
    """A picture ``(size, size, 3)`` BGR in 0 to 255."""
    kind = rng.random()
    if kind < 0.35:
        return _photo_corner(rng, photos, size)
    if kind < 0.55:
        low = rng.uniform(0, 255, (2, 2, 3)).astype(np.float32)
        return cv2.resize(low, (size, size), interpolation=cv2.INTER_LINEAR).astype(np.float32)
    if kind < 0.85:
        return _clutter(rng, size)
    return np.full((size, size, 3), rng.uniform(0, 255, 3), np.float32)


def _clutter(rng: Rng, size: int) -> F:
    cells = int(rng.integers(3, 20))
    low = rng.uniform(0, 255, (cells, cells, 3)).astype(np.float32)
    mode = cv2.INTER_CUBIC if rng.random() < 0.6 else cv2.INTER_NEAREST
    out = cv2.resize(low, (size, size), interpolation=mode)
    for _ in range(int(rng.integers(0, 7))):
        a = tuple(int(n) for n in rng.integers(-size // 4, size + size // 4, 2))
        b = tuple(int(n) for n in rng.integers(-size // 4, size + size // 4, 2))
        colour = tuple(float(n) for n in rng.uniform(0, 255, 3))
        shape = rng.integers(3)
        if shape == 0:
            cv2.rectangle(out, a, b, colour, -1)
        elif shape == 1:
            cv2.line(out, a, b, colour, int(rng.integers(1, 12)), cv2.LINE_AA)
        else:
            cv2.circle(out, a, int(rng.integers(2, size // 2)), colour, -1, cv2.LINE_AA)
    return np.clip(out, 0, 255).astype(np.float32)


def _photo_corner(rng: Rng, photos: list[LabelledPhoto], size: int) -> F:
    """A piece of a portrait beside the face (clothes, flags, walls), enlarged."""
    photo = photos[rng.integers(len(photos))]
    height, width = photo.image.shape[:2]
    low = np.floor(photo.points.min(axis=0)).astype(int)
    high = np.ceil(photo.points.max(axis=0)).astype(int)
    strips = (
        (0, 0, max(8, low[0]), height), (min(high[0], width - 8), 0, width, height),
        (0, min(high[1] + 6, height - 8), width, height),
    )  # fmt: skip
    x0, y0, x1, y1 = strips[rng.integers(3)]
    part = photo.image[y0:y1, x0:x1]
    if min(part.shape[:2]) < 8:
        return _clutter(rng, size)
    if rng.random() < 0.5:
        part = part[:, ::-1]
    return cv2.resize(part, (size, size), interpolation=cv2.INTER_LINEAR).astype(np.float32)
