# SPDX-License-Identifier: GPL-3.0-or-later
"""How often each photo is shown as it is: portraits look ahead, and a face that turns must be learnt from few."""

import numpy as np
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from numpy.typing import NDArray

from ..labels.store import LabelledPhoto

MOVING = np.array([not name.startswith("eye") for name in ARKIT_BLENDSHAPES])
"""Weights that leave creases: all but those of lids and gaze."""
LEAST_CALM = 0.1
"""Chance of a photo with a full smile beside that of one at rest."""
BINS = (0.0, 5.0, 10.0, 15.0, 20.0, 30.0, 90.0)
"""Degrees of yaw to either side, each span shown as often as any other."""
BALANCED = 0.5
"""Share of the photos that are drawn so; the others are drawn as they come."""


def by_turn(photos: list[LabelledPhoto]) -> NDArray[np.float64]:
    """Chances ``(P,)`` of each photo to be drawn, together 1.

    A network that sees turned heads almost only in drawn pictures takes real ones for less turned than they are.
    """
    yaw = np.array([turned(photo) for photo in photos])
    span = np.clip(np.digitize(yaw, BINS) - 1, 0, len(BINS) - 2)
    held = np.bincount(span, minlength=len(BINS) - 1)
    even = 1 / held[span] / np.count_nonzero(held)
    return BALANCED * even + (1 - BALANCED) / len(photos)


def by_turn_and_calm(photos: list[LabelledPhoto]) -> NDArray[np.float64]:
    """Chances ``(P,)`` of each photo to be shown as it is: :func:`by_turn`, and calm ones more often.

    Most sitters smile; a network that sees few faces at rest takes their skin's creases for a smile.
    """
    chances = by_turn(photos) * np.sqrt(by_calm(photos))
    return np.asarray(chances / chances.sum())


def by_calm(photos: list[LabelledPhoto]) -> NDArray[np.float64]:
    """Chances ``(P,)`` of each photo to be given another face, together 1.

    What a smile leaves on a face's pixels, creases and teeth, is not taken away by moving them.
    """
    most = np.array([photo.blendshapes[MOVING].max() for photo in photos])
    chances = np.clip(1 - most, LEAST_CALM, None)
    return np.asarray(chances / chances.sum())


def turned(photo: LabelledPhoto) -> float:
    """Yaw of a photo's face to either side, in degrees."""
    row = photo.transform[0, :3]
    return float(np.degrees(np.arcsin(np.clip(abs(row[2]) / np.linalg.norm(row), 0, 1))))
