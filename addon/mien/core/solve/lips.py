# SPDX-License-Identifier: GPL-3.0-or-later
"""Lips that touch: seen on the landmarks that the network regresses, and sealed in the weights."""

import numpy as np
from numpy.typing import NDArray

from ..model.arkit import ARKIT_BLENDSHAPES
from ..model.head import Head
from ..model.params import FloatArray, split

PAIRS = ((61, 67), (62, 66), (63, 65))
"""Landmarks of the lips' inner edges that lie over each other."""
LEAST_GAP, MOST_GAP = 0.0015, 0.0026
"""How far apart the network has those of shut lips, metres: between these, by the take's own lowest tenth
(the middles over four clips of film are 1.1 to 1.9 mm)."""
LOW = 0.1
"""The share of frames, those with the lips nearest, by which a take's own gap is told."""
TOUCHING, APART = 0.0008, 0.0016
"""Lips that are nearer than this to shut are sealed; further than that they are left as they are. On the worst of
four clips of film 9 in 10 shut lips are within 0.9 mm, and 19 in 20 parted ones beyond 1.9."""
SPARE_JAW = 0.045
"""Of the jaw's weight so much may be taken away under shut lips: less is no sign of a jaw that hangs."""
ROLLS = [ARKIT_BLENDSHAPES.index(name) for name in ("mouthRollLower", "mouthRollUpper")]
"""They draw our head's lips over each other; on other heads they part them (ICT's upper one by 2 mm), so that they
make up for nothing."""
_JAW, _CLOSE = ARKIT_BLENDSHAPES.index("jawOpen"), ARKIT_BLENDSHAPES.index("mouthClose")
"""Places among the 52."""

Array = NDArray[np.float64]


def lips_closed(params: FloatArray, head: Head) -> FloatArray:
    """How surely the lips touch in each frame, ``(F,)`` from 0 to 1.

    Args:
        params: ``(F, 62)`` as regressed: what one identity for all frames and ten components leave of a
            mouth is too little to tell shut lips from lips a millimetre apart.
        head: that they belong to.
    """
    _, identity, expression = split(params)
    model = head.landmark_model()
    basis = np.concatenate([model.identity, model.expression])
    coefficients = np.concatenate([identity, expression], axis=1).astype(np.float64)
    # Of the skin: the landmarks themselves lie off it, the lips' inner edges toward each other.
    gap = _gap(model.mean - head.landmark_offsets) + coefficients @ _gap(basis)
    shut = float(np.clip(np.quantile(gap, LOW), LEAST_GAP, MOST_GAP))
    apart = np.clip((gap - shut - TOUCHING) / (APART - TOUCHING), 0, 1)
    return (1 - apart * apart * (3 - 2 * apart)).astype(np.float32)


def seal_lips(blendshapes: FloatArray, closed: FloatArray, head: Head) -> FloatArray:
    """Weights ``(F, 52)`` whose lips touch where they are seen to.

    A little of the jaw is taken away; the rest of its opening is made up for by mouthClose, and what
    else parts the lips is brought down until they meet. mouthClose is nowhere greater than the jaw is
    open: without a jaw to make up for, it would push the lips through each other.

    Args:
        blendshapes: ``(F, 52)``.
        closed: ``(F,)`` how surely the lips touch.
        head: whose units these are.
    """
    part = _parting(head)
    out = blendshapes.astype(np.float64)
    closed = closed.astype(np.float64)
    jaw = np.maximum(out[:, _JAW] - closed * np.minimum(out[:, _JAW], SPARE_JAW), 0)
    meet = np.minimum(jaw * part[_JAW] / -part[_CLOSE], 1)
    out[:, _JAW], out[:, _CLOSE] = (
        jaw,
        (1 - closed) * np.minimum(out[:, _CLOSE], meet) + closed * meet,
    )
    others = np.where(np.isin(np.arange(len(part)), [_JAW, _CLOSE]), 0, part)
    shutting = np.minimum(others, 0)
    shutting[ROLLS] = 0
    opening, pressing = out @ np.maximum(others, 0), out @ shutting
    excess = np.maximum(opening + pressing, 0) / np.maximum(opening, 1e-9)
    out[:, others > 0] *= (1 - closed * excess)[:, None]
    return out.astype(np.float32)


def _gap(points: FloatArray) -> Array:
    """How far the lips are apart in ``(..., 68, 3)`` points, or in what moves them: metres ``(...)``."""
    upper, lower = np.array(PAIRS).T
    gap: Array = (points[..., upper, 1] - points[..., lower, 1]).mean(axis=-1, dtype=np.float64)
    return gap


def _parting(head: Head) -> Array:
    """By how much each weight at 1 parts the lips, metres ``(52,)``."""
    part = _gap(head.landmark_places.on(head.blendshapes))
    # A sneer or a lid moves the landmarks by a hair's breadth, and is no part of this.
    part[[not name.startswith(("mouth", "jaw")) for name in ARKIT_BLENDSHAPES]] = 0
    return part
