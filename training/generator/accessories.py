# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands anywhere before a face: fingers, cloth, arbitrary shapes."""

import cv2
import numpy as np
from numpy.typing import NDArray

from .synthetic import draw_skin

F = NDArray[np.float32]
Rng = np.random.Generator

# All chosen by eye; lengths are shares of the picture's side.
FINGERS, ROUND = 0.4, 0.7
"""Cumulative shares of what hides: fingers, then something round; the rest has corners."""
GRAIN = 6
"""Spread of the skin's levels from pixel to pixel."""
THICK, LONG, BESIDE = (0.05, 0.1), (0.25, 0.6), 1.1
"""Of fingers: thickness, length, and from one to the next in thicknesses."""
MOST_FINGERS = 4
"""As many as one hand holds side by side."""
PATTERNED = 0.6
"""Of the others, those that show a piece of the backdrop; the rest have one colour."""
HALF_AXES = (0.08, 0.32)
"""Half of their width and of their height."""


def hide_part(rng: Rng, picture: F, backdrop: F) -> None:
    """Put a hand-like, cloth-like or arbitrary shape over part of the picture, in place."""
    size = len(picture)
    kind = rng.random()
    mask = np.zeros((size, size), np.uint8)
    at = rng.uniform(0, size, 2)
    if kind < FINGERS:  # a few thick strokes side by side
        skin = draw_skin(rng)
        fill = np.clip(skin + rng.normal(0, GRAIN, (size, size, 3)), 0, 255)
        angle = rng.uniform(0, 2 * np.pi)
        along, across = (
            np.array([np.cos(angle), np.sin(angle)]),
            np.array([-np.sin(angle), np.cos(angle)]),
        )
        thick = int(rng.uniform(*THICK) * size)
        for k in range(int(rng.integers(1, MOST_FINGERS + 1))):
            start = at + across * k * thick * BESIDE
            end = start + along * size * rng.uniform(*LONG)
            cv2.line(mask, tuple(map(int, start)), tuple(map(int, end)), 255, thick, cv2.LINE_AA)
    else:
        patterned = rng.random() < PATTERNED
        fill = backdrop[::-1] if patterned else np.full_like(picture, rng.uniform(0, 255, 3))
        axes = rng.uniform(*HALF_AXES, 2) * size
        if kind < ROUND:
            cv2.ellipse(
                mask, (tuple(at), tuple(axes * 2), rng.uniform(0, 180)), 255, -1, cv2.LINE_AA
            )
        else:
            box = cv2.boxPoints((tuple(at), tuple(axes * 2), rng.uniform(0, 180)))
            cv2.fillPoly(mask, [box.astype(np.int32)], 255, cv2.LINE_AA)
    picture += (mask[..., None] / 255.0) * (fill - picture)
