# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands behind a head: plain, gradients, clutter, or a piece of a photo without its face."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ..labels.store import LabelledPhoto

F = NDArray[np.float32]
Rng = np.random.Generator

# All chosen by eye.
PHOTO, GRADIENT, CLUTTER = 0.35, 0.55, 0.85
"""Cumulative shares of what is behind: a piece of a photo, a gradient, clutter; the rest has one colour."""
CELLS, BLURRED = (3, 20), 0.6
"""Patches of colour along a side of clutter, and the share of clutter whose patches run into each other;"""
SHAPES, LINE = 7, 12
"""fewer than so many shapes over it, and fewer than so many pixels of a line's width."""
LEAST_STRIP, BELOW = 8, 6
"""Pixels of a photo's strip at least, and from the lowest point of a face to what is below it."""


def draw_background(rng: Rng, photos: list[LabelledPhoto], size: int) -> F:
    """A picture ``(size, size, 3)`` BGR in 0 to 255."""
    kind = rng.random()
    if kind < PHOTO:
        return _photo_corner(rng, photos, size)
    if kind < GRADIENT:
        low = rng.uniform(0, 255, (2, 2, 3)).astype(np.float32)
        return cv2.resize(low, (size, size), interpolation=cv2.INTER_LINEAR).astype(np.float32)
    if kind < CLUTTER:
        return _clutter(rng, size)
    return np.full((size, size, 3), rng.uniform(0, 255, 3), np.float32)


def _clutter(rng: Rng, size: int) -> F:
    cells = int(rng.integers(*CELLS))
    low = rng.uniform(0, 255, (cells, cells, 3)).astype(np.float32)
    mode = cv2.INTER_CUBIC if rng.random() < BLURRED else cv2.INTER_NEAREST
    out = cv2.resize(low, (size, size), interpolation=mode)
    for _ in range(int(rng.integers(0, SHAPES))):
        a = tuple(int(n) for n in rng.integers(-size // 4, size + size // 4, 2))
        b = tuple(int(n) for n in rng.integers(-size // 4, size + size // 4, 2))
        colour = tuple(float(n) for n in rng.uniform(0, 255, 3))
        shape = rng.integers(3)
        if shape == 0:
            cv2.rectangle(out, a, b, colour, -1)
        elif shape == 1:
            cv2.line(out, a, b, colour, int(rng.integers(1, LINE)), cv2.LINE_AA)
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
        (0, 0, max(LEAST_STRIP, low[0]), height),
        (min(high[0], width - LEAST_STRIP), 0, width, height),
        (0, min(high[1] + BELOW, height - LEAST_STRIP), width, height),
    )  # fmt: skip
    x0, y0, x1, y1 = strips[rng.integers(3)]
    part = photo.image[y0:y1, x0:x1]
    if min(part.shape[:2]) < LEAST_STRIP:
        return _clutter(rng, size)
    if rng.random() < 0.5:
        part = part[:, ::-1]
    return cv2.resize(part, (size, size), interpolation=cv2.INTER_LINEAR).astype(np.float32)
