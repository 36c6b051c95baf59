# SPDX-License-Identifier: GPL-3.0-or-later
"""A performance of any origin, played by Mien's own head."""

import numpy as np

from ..model.gaze import set_gaze
from ..model.head import Head
from ..model.params import N_IDENTITY
from ..model.rotation import to_matrices, to_quaternions, unroll
from ..solve.motion import Motion
from ..solve.placement import USUAL_LENS, focal_length, toward
from .performance import Performance

WIDTH, HEIGHT = 1920, 1080
"""Of the picture in which the head is seen, where there is no footage."""


def performance_to_motion(performance: Performance, head: Head) -> Motion:
    """The motion by which a head shows a performance: the inverse of ``to_performance``.

    It has the mean identity, and the expression coefficients nearest to the weights.

    Args:
        performance: to be shown.
        head: that shows it.
    """
    focal = focal_length(WIDTH, HEIGHT, USUAL_LENS)
    seen = performance.translation
    depth = -seen[:, 2]
    away = seen[:, :2] / depth[:, None]
    centre = np.array([(WIDTH - 1) / 2, (HEIGHT - 1) / 2])
    direction = np.column_stack([-away, np.ones(len(away))])
    turned = toward(direction).transpose(0, 2, 1) @ to_matrices(performance.rotation)
    weights = set_gaze(performance.blendshapes, performance.eyes)
    return Motion(
        times=performance.times,
        identity=np.zeros(N_IDENTITY, np.float32),
        expression=(performance.blendshapes @ head.blendshapes_to_expression).astype(np.float32),
        blendshapes=weights,
        lips_closed=np.zeros(len(performance), np.float32),  # its weights say how the lips are
        scale=(focal / depth).astype(np.float32),
        rotation=unroll(to_quaternions(turned)),
        position=(centre + away * [focal, -focal]).astype(np.float32),
        confidence=performance.confidence,
        width=WIDTH,
        height=HEIGHT,
        fps=performance.fps,
    )
