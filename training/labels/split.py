# SPDX-License-Identifier: GPL-3.0-or-later
"""Which portraits training never sees: a fixed tenth by name, and every picture like one of them."""

import hashlib

import cv2
import numpy as np
from numpy.typing import NDArray

from .store import LabelledPhoto

HELD_SHARE = 0.1
"""Share of all names."""
THUMB = 40
"""Pixels of the side to which faces are brought before they are compared."""
SAME_PICTURE = 0.8
"""Correlation of two aligned faces above which they are taken for one person's."""
# MediaPipe's points by which faces are aligned: outer eye corners and the mouth's corners.
ANCHORS = (33, 263, 61, 291)
PLACES = np.array([[8, 12], [32, 12], [12, 32], [28, 32]], np.float32)
"""Where these four come to lie in it, pixels."""


def is_held_out(name: str) -> bool:
    """Whether a portrait of this name belongs to the held-out tenth."""
    digest = hashlib.sha256(name.encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32 < HELD_SHARE


def split_photos(photos: list[LabelledPhoto]) -> tuple[list[LabelledPhoto], list[LabelledPhoto]]:
    """Part photos into those to train on and those to measure on.

    Some people are in several collections under other names. A photo whose aligned face correlates
    with that of a held-out one is left out of training, whatever its name. A different picture of
    the same person may pass; names alone cannot tell.
    """
    held = [p for p in photos if is_held_out(p.name)]
    rest = [p for p in photos if not is_held_out(p.name)]
    if not held or not rest:
        return rest, held
    alike = np.stack([_thumb(p) for p in rest]) @ np.stack([_thumb(p) for p in held]).T
    return [p for p, row in zip(rest, alike, strict=True) if row.max() < SAME_PICTURE], held


def _thumb(photo: LabelledPhoto) -> NDArray[np.float32]:
    matrix = cv2.estimateAffinePartial2D(photo.points[list(ANCHORS)], PLACES)[0]
    face = cv2.warpAffine(cv2.cvtColor(photo.image, cv2.COLOR_BGR2GRAY), matrix, (THUMB, THUMB))
    flat = face.astype(np.float32).ravel()
    flat -= flat.mean()
    return flat / (np.linalg.norm(flat) + 1e-6)
