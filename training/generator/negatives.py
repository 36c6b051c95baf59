# SPDX-License-Identifier: GPL-3.0-or-later
"""Crops that no face fills: what the confidence learns to refuse."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
from mien.core.model.params import CROP_SIZE
from numpy.typing import NDArray

from ..labels.store import LabelledPhoto
from .accessories import hide_part
from .anatomy import Anatomy
from .backgrounds import draw_background
from .hands import draw_hand
from .render import SIZE, draw_synthetic
from .sampling import Angles
from .scene import Recipe, place
from .synthetic import draw_appearance

F = NDArray[np.float32]
Rng = np.random.Generator

MADE_UP = 0.6
"""Share of the heads seen from behind that are made-up people."""
HANDS = 0.15
"""Of the crops without a face: trackers that have lost a face take a hand for one."""
SCENERY, HEADS = 0.4, 0.6
"""Up to the first the rest are scenery, up to the second heads from behind, and above it portraits cut amiss (these
and all below chosen by eye)."""
SECOND_HAND, HAND_PLACE, HAND_SIZE = 0.3, (0.25, 0.75), (0.5, 1.4)
"""Share of hands that are two; where they are and how large, over the crop's side."""
SOMETHING = 0.5
"""Share of scenery with something before it."""
FROM_BEHIND, TILT = (130, 230), 15
"""Yaw of a head whose face is turned away, and the spread of its pitch and roll, degrees."""
FULLER = 0.01
"""Metres by which hair stands further off such a head, so that it goes around it."""
BESIDE, BESIDE_SIZE, BESIDE_GAP = 0.5, (0.5, 1.6), 0.55
"""Share of portraits cut beside the face; the cut's side, and its distance from the face's middle less half a side,
over the face's length;"""
PART_SIZE = (0.15, 0.45)
"""the side of cuts that hold a part of the face only."""


def draw_negative(
    rng: Rng, anatomy: Anatomy, photos: list[LabelledPhoto], recipe: Callable[[], Recipe],
    person: Callable[[Recipe], F] | None = None,
) -> F:  # fmt: skip
    """Scenery, hands, the back of a head, a face cut off or far too small, ``(120, 120, 3)`` BGR.

    Args:
        rng: of all that is drawn.
        anatomy: of the head whose back is shown.
        photos: to cut from; without any there is a plain colour.
        recipe: draws a head.
        person: draws a made-up person by a recipe, ``(120, 120, 3)``.
    """
    kind = rng.random()
    if kind < HANDS:
        picture = draw_background(rng, photos, CROP_SIZE) if photos else _plain(rng)
        for _ in range(1 + (rng.random() < SECOND_HAND)):
            at = rng.uniform(*HAND_PLACE, 2) * CROP_SIZE
            draw_hand(rng, picture, at, float(rng.uniform(*HAND_SIZE)) * CROP_SIZE)
        return picture
    if kind < SCENERY or not photos:
        picture = draw_background(rng, photos, CROP_SIZE) if photos else _plain(rng)
        if rng.random() < SOMETHING:
            hide_part(rng, picture, picture[::-1].copy())
        return picture
    if kind < HEADS:
        drawn = recipe()
        back = Angles(
            float(rng.uniform(*FROM_BEHIND)), float(rng.normal(0, TILT)), float(rng.normal(0, TILT))
        )
        drawn = replace(drawn, angles=back)
        if person and rng.random() < MADE_UP:
            return person(drawn)
        background = draw_background(rng, photos, SIZE)
        look = draw_appearance(rng, anatomy)
        look.lift = look.lift + np.float32(FULLER)
        return draw_synthetic(anatomy, look, drawn, place(anatomy, drawn), background).crop()
    return _misplaced(rng, photos[int(rng.integers(len(photos)))])


def _plain(rng: Rng) -> F:
    return np.full((CROP_SIZE, CROP_SIZE, 3), rng.uniform(0, 255, 3), np.float32)


def _misplaced(rng: Rng, photo: LabelledPhoto) -> F:
    """A crop of a portrait that misses the face or holds little of it."""
    low, high = photo.points.min(axis=0), photo.points.max(axis=0)
    face = float((high - low).max())
    middle = (low + high) / 2
    if rng.random() < BESIDE:
        size = face * rng.uniform(*BESIDE_SIZE)
        angle = rng.uniform(0, 2 * np.pi)
        at = middle + (face * BESIDE_GAP + size * 0.5) * np.array([np.cos(angle), np.sin(angle)])
    else:  # only a part of it, much enlarged
        size = face * rng.uniform(*PART_SIZE)
        at = rng.uniform(low, high)
    scale = size / CROP_SIZE
    half = (CROP_SIZE - 1) / 2
    matrix = np.array([[scale, 0, at[0] - half * scale], [0, scale, at[1] - half * scale]])
    return cv2.warpAffine(
        photo.image, matrix, (CROP_SIZE, CROP_SIZE),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
    ).astype(np.float32)  # fmt: skip
