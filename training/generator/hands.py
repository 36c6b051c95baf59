# SPDX-License-Identifier: GPL-3.0-or-later
"""Hands: a palm with fingers, lit from one side; before a face they hide it, alone they are none."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .synthetic import draw_skin

F = NDArray[np.float32]
Rng = np.random.Generator

FINGERS = np.radians([-28.0, -9.0, 7.0, 24.0])
"""Directions of the four fingers about the hand's own, spread out."""
LENGTHS = np.array([0.78, 0.95, 1.0, 0.85])
"""Their lengths over that of the longest, from the index finger on."""
THUMB_ANGLE, THUMB_LENGTH = np.radians(62.0), 0.62
"""The same of the thumb; this and all below is chosen by eye."""
SUBPIXEL = 3
"""OpenCV draws with eighths of a pixel."""
PALM, WIDTH, FINGER = 0.24, (0.10, 0.13), 0.55
"""Half of the palm's width, half of a finger's, and a finger's length past the palm, over the hand's reach."""
PALM_AXES, ROOT = (2.1, 2.3), 0.5
"""Axes of the palm, across and along, and where fingers leave it, over half of its width."""
CURL, SPREAD, UNEVEN = (0.25, 1.0), (0.3, 1.2), (0.85, 1.05)
"""How far fingers are stretched out, how far apart they are held, and how a finger differs from the others."""
THUMB_SPREAD = (0.6, 1.1)
"""How far the thumb is held away, over its usual angle."""
DARKEST, ROUNDED, LIT = 0.55, 0.35, 0.18
"""Light at a finger's edge, what its roundness adds, and what its side toward the lamp does;"""
SHADES, PARTS = (0.2, 1.3), (0.92, 1.05)
"""limits of the sum, and how a part of the hand differs from the others."""


def draw_hand(rng: Rng, picture: F, centre: NDArray[np.floating[Any]], reach: float) -> None:
    """Draw a hand in place.

    Args:
        rng: draws its pose, skin and light.
        picture: ``(h, w, 3)`` BGR.
        centre: ``(2,)`` of the palm in pixels.
        reach: from the wrist to the longest finger's tip, in pixels.
    """
    size = picture.shape[:2]
    away = rng.uniform(0, 2 * np.pi)
    side = rng.choice([-1.0, 1.0])
    palm, width = reach * PALM, reach * rng.uniform(*WIDTH)
    curl = rng.uniform(*CURL)
    spread = rng.uniform(*SPREAD)
    skin = draw_skin(rng)
    light = rng.uniform(0, 2 * np.pi)
    parts = [(FINGERS[k] * spread, LENGTHS[k] * curl * rng.uniform(*UNEVEN)) for k in range(4)]
    parts.append((THUMB_ANGLE * rng.uniform(*THUMB_SPREAD), THUMB_LENGTH))
    order = rng.permutation(len(parts))
    whole = np.zeros(size, np.uint8)
    axes = (palm * PALM_AXES[0], palm * PALM_AXES[1])
    cv2.ellipse(whole, (tuple(map(float, centre)), axes, float(np.degrees(away))),
                255, -1, cv2.LINE_AA)  # fmt: skip
    _paint(picture, whole, skin, light, rng)
    for k in order:
        angle, length = away + side * parts[k][0], parts[k][1]
        along = np.array([np.cos(angle), np.sin(angle)])
        mask = np.zeros(size, np.uint8)
        ends = [centre + along * palm * ROOT, centre + along * (palm + length * reach * FINGER)]
        a, b = (tuple(map(int, np.rint(p * 2**SUBPIXEL))) for p in ends)
        cv2.line(mask, a, b, 255, max(1, round(float(width * 2))), cv2.LINE_AA, SUBPIXEL)
        _paint(picture, mask, skin, light, rng)


def _paint(picture: F, mask: NDArray[np.uint8], skin: F, light: float, rng: Rng) -> None:
    """Fill a mask with skin that darkens toward its edge, more on the side away from the light."""
    inside = cv2.distanceTransform((mask > 127).astype(np.uint8), cv2.DIST_L2, 3)
    thick = max(1.0, float(inside.max()))
    round_ = np.sqrt(np.clip(inside / thick, 0, 1))
    down, across = np.gradient(cv2.GaussianBlur(inside, (0, 0), 1.0))
    lit = np.cos(light) * across + np.sin(light) * down
    shade = np.clip(DARKEST + ROUNDED * round_ + LIT * lit, *SHADES) * rng.uniform(*PARTS)
    share = (mask / np.float32(255))[..., None]
    picture += share * (np.clip(skin * shade[..., None], 0, 255) - picture)
