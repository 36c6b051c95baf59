# SPDX-License-Identifier: GPL-3.0-or-later
"""How far the labelling tool's points lie from the head's on faces at rest.

A point that stands a millimetre off on everybody is explained by a weight that everybody then has: a lower lip that
the tool sees low opens every jaw. So what is left of the points on faces that the witness calls neutral, and what
the weights there make beyond what the witness says, is taken for the tool's own habit and given to the points.
"""

from typing import Any

import numpy as np
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.head import Head
from numpy.typing import NDArray

from ..geometry.landmarks import partners
from .evidence import read_evidence
from .fit import Fitter
from .mediapipe_tool import Found

FloatArray = NDArray[np.floating[Any]]

ROUNDS = 3
"""Each takes about two thirds of what is left of the habit away."""
NEUTRAL = 0.2
"""A face whose moving weights all score below this is at rest."""
MOST = 300
"""Faces that are asked; the mean over so many is known to a twentieth of a millimetre."""
NOT_ASKED = ("eyeLook", "eyeSquint", "eyeBlink", "browDown")
"""Weights by which a face at rest is not told: it may look anywhere, and the witness's squint, lids and lowered
brows score 0.2 to 0.4 on calm portraits."""


def is_neutral(witness: FloatArray) -> NDArray[np.bool_]:
    """Which of the faces ``(n, 52)`` are at rest by the witness's word."""
    moving = [k for k, name in enumerate(ARKIT_BLENDSHAPES) if not name.startswith(NOT_ASKED)]
    return np.asarray((witness[:, moving] < NEUTRAL).all(axis=1))


def measure_bias(head: Head, seen: list[Found], witness: FloatArray) -> FloatArray:
    """The tool's habit ``(468, 3)`` in metres of model space, the same on both sides.

    Args:
        head: the head.
        seen: what the tool found of each face.
        witness: ``(n, 52)`` scores of the same faces; where none is at rest there is no habit to be seen.
    """
    chosen = np.flatnonzero(is_neutral(witness))[:MOST]
    bias = np.zeros((len(head.mediapipe_corners), 3))
    if not len(chosen):
        return bias
    mirror = partners(head.mediapipe_model().mean)
    for _ in range(ROUNDS):
        fitter = Fitter(head, bias)
        habit = np.mean([_habit(fitter, seen[k], witness[k]) for k in chosen], axis=0)
        bias += (habit + habit[mirror] * [-1, 1, 1]) / 2
    return bias


def _habit(fitter: Fitter, found: Found, witness: FloatArray) -> FloatArray:
    """What one face at rest leaves of the points, and its weights make beyond the witness's, in model space."""
    fit = fitter.fit(found, witness)
    scale = np.linalg.norm(fit.transform[0, :3])
    left = (found.points * [1, -1, 1] - fitter.placed(fit)) / scale
    left[:, 2] = 0  # the tool's depth is no measure
    excess = fit.blendshapes - read_evidence(witness).mean
    excess[[k for k in range(len(excess)) if k not in fitter.fitted]] = 0
    return np.asarray(
        left @ (fit.transform[:, :3] / scale) + np.tensordot(excess, fitter.blendshapes, axes=1)
    )
