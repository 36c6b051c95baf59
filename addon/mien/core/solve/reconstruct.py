# SPDX-License-Identifier: GPL-3.0-or-later
"""From parameters to points: a whole take as one matrix product."""

import numpy as np

from ..model.crop import crop_to_image
from ..model.head import Head
from ..model.params import FloatArray, split
from ..model.rotation import to_matrices
from ..take.take import Take
from .motion import Motion

ALL = slice(None)
"""All frames."""
_CHUNK = 256
"""Frames per product, so that memory does not grow with the take."""


def take_landmarks(take: Take, head: Head) -> FloatArray:
    """The 68 landmarks ``(F, 68, 3)`` in image space of each frame as captured; NaN where lost."""
    points = head.landmark_model().project(*split(take.params))
    return crop_to_image(points, take.boxes)


def motion_vertices(motion: Motion, head: Head, frames: slice = ALL) -> FloatArray:
    """Every vertex ``(F, N, 3)`` in image space for some frames of a motion.

    The shapes are one product of ``(F, 50)`` coefficients with the ``(50, 3N)`` basis; equation 3
    then places them.
    """
    expression = motion.expression[frames]
    out = np.empty((len(expression), len(head.vertices), 3), np.float32)
    turns = to_matrices(motion.rotation[frames])
    for start in range(0, len(expression), _CHUNK):
        part = slice(start, start + _CHUNK)
        shape = head.shape(motion.identity, expression[part])
        placed = shape @ np.swapaxes(turns[part], 1, 2) * motion.scale[frames][part, None, None]
        placed[..., 1] *= -1
        placed[..., :2] += motion.position[frames][part, None]
        out[part] = placed
    return out
