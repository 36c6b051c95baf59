# SPDX-License-Identifier: GPL-3.0-or-later
"""In which frames the pixels are to be believed: the face large, turned to the camera, and seen."""

import numpy as np

from ..model.crop import LANDMARK_MARGIN
from ..take.take import Take
from .poses import Array, Poses, degrees_turned

SMALL, LARGE = 75.0, 95.0
"""Sides of the landmarks' box in pixels: up to the first the flow is noise, from the second it counts."""
TURNED, AHEAD = 60.0, 48.0
"""Degrees between the face's direction and the camera, likewise. Beyond 60 the far half is hidden, and the
outline, which is no place on the skin, takes part of the flow with it."""
STRANGE, USUAL = 0.65, 0.88
"""Likeness to the template over that of the take's middle frame, likewise: hands, microphones, cuts. On film
nothing falls below 0.94 that is not hidden; a hand over the mouth is at 0.78, over the face at 0.6."""


def frames_trust(take: Take, poses: Poses, likeness: Array) -> Array:
    """Trust ``(F,)`` from 0 to 1.

    Args:
        take: its boxes say how large the face is.
        poses: how it is turned.
        likeness: ``(F,)`` of each frame to the template, 0 where there is no picture.
    """
    sizes = take.boxes[:, 2] / LANDMARK_MARGIN
    turned = degrees_turned(poses.rotation)
    trust = ramp(sizes, SMALL, LARGE) * ramp(turned, TURNED, AHEAD)
    trust[~(likeness > 0)] = 0
    if not (trust > 0).any():
        return trust
    usual = float(np.median(likeness[trust > 0]))
    return trust * ramp(likeness / usual, STRANGE, USUAL)


def ramp(values: Array, none: float, full: float) -> Array:
    """0 at ``none`` and beyond, 1 at ``full`` and beyond, a straight line between; 0 for what is no number."""
    return np.nan_to_num(np.clip((values - none) / (full - none), 0, 1))
