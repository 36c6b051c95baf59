# SPDX-License-Identifier: GPL-3.0-or-later
"""A performance that Mien's own head plays is the performance."""

from dataclasses import replace

import numpy as np
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.head import Head
from mien.core.performance.performance import to_performance
from mien.core.performance.performance_to_motion import performance_to_motion
from mien.core.solve.motion import solve_take

from ..conftest import made_take


def test_a_played_performance_is_the_same(head: Head) -> None:
    performance = to_performance(solve_take(made_take(head)))
    again = to_performance(performance_to_motion(performance, head))
    assert np.allclose(again.translation, performance.translation, atol=1e-4)
    assert np.allclose(again.rotation, performance.rotation, atol=1e-5)
    assert np.allclose(again.eyes, performance.eyes, atol=1e-2)
    assert (again.times == performance.times).all()


def test_a_jaw_that_opens_opens_the_mouth(head: Head) -> None:
    performance = to_performance(solve_take(made_take(head, 2)))
    weights = np.zeros_like(performance.blendshapes)
    weights[1, ARKIT_BLENDSHAPES.index("jawOpen")] = 1.0
    motion = performance_to_motion(replace(performance, blendshapes=weights), head)
    shapes = head.shape(motion.identity, motion.expression)
    marks = np.einsum("lc,flcx->flx", head.landmark_weights, shapes[:, head.landmark_corners])
    shut, opened = np.linalg.norm(marks[:, 62] - marks[:, 66], axis=1)  # between the lips
    assert opened - shut > 0.008
