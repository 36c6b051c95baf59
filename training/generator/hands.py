# SPDX-License-Identifier: GPL-3.0-or-later
"""Hands: a palm with fingers, lit from one side; before a face they hide it, alone they are none."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .synthetic import SKINS

F = NDArray[np.float32]
Rng = np.random.Generator

FINGERS = np.radians([-28.0, -9.0, 7.0, 24.0])
"""Directions of the four fingers about the hand's own, spread out."""
LENGTHS = np.array([0.78, 0.95, 1.0, 0.85])
THUMB_ANGLE, THUMB_LENGTH = np.radians(62.0), 0.62
SUBPIXEL = 3


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
    palm, width = reach * 0.24, reach * rng.uniform(0.10, 0.13)
    curl = rng.uniform(0.25, 1.0)
    spread = rng.uniform(0.3, 1.2)
    skin = SKINS[rng.integers(len(SKINS))] * rng.uniform(0.7, 1.15)
    light = rng.uniform(0, 2 * np.pi)
    parts = [(FINGERS[k] * spread, LENGTHS[k] * curl * rng.uniform(0.85, 1.05)) for k in range(4)]
    parts.append((THUMB_ANGLE * rng.uniform(0.6, 1.1), THUMB_LENGTH))
    order = rng.permutation(len(parts))
    whole = np.zeros(size, np.uint8)
    cv2.ellipse(whole, (tuple(map(float, centre)), (palm * 2.1, palm * 2.3), float(np.degrees(away))),
                255, -1, cv2.LINE_AA)  # fmt: skip
    _paint(picture, whole, skin, light, rng)
    for k in order:
        angle, length = away + side * parts[k][0], parts[k][1]
        along = np.array([np.cos(angle), np.sin(angle)])
        mask = np.zeros(size, np.uint8)
        ends = [centre + along * palm * 0.5, centre + along * (palm + length * reach * 0.55)]
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
    shade = np.clip(0.55 + 0.35 * round_ + 0.18 * lit, 0.2, 1.3) * rng.uniform(0.92, 1.05)
    share = (mask / np.float32(255))[..., None]
    picture += share * (np.clip(skin * shade[..., None], 0, 255) - picture)
