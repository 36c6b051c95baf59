# SPDX-License-Identifier: GPL-3.0-or-later
"""The 52 weights as an animator wants them: 0 at rest, few at a time, opposites never together.

The network tells each weight by itself. Held against the mesh that it regresses beside them, they
are the better witness: fitting weights to that mesh brought the error of motion on generated clips
from 0.63 to 0.62 mm, and on film it filled resting weights and narrowed the mouth. So the mesh has no
say here, but in one place: whether the lips touch (:mod:`mien.core.solve.lips`).
"""

import numpy as np
from numpy.typing import NDArray

from ..model.arkit import ARKIT_BLENDSHAPES, UNSEEN
from ..model.params import FloatArray
from .reliability import reliability

SURE, UNSURE = 0.01, 0.03
"""What a weight that is surely seen, or not seen at all, has to rise above rest before it counts."""
BEND = 0.05
"""From about this weight on hardly anything is taken off any more."""
CLEAR = 3.0
"""A weight this many times its opposite stands alone; at equal height both are nothing."""

AXES = (
    ("mouthLeft", "mouthRight"), ("jawLeft", "jawRight"),
    *((f"eyeLookUp{side}", f"eyeLookDown{side}") for side in ("Left", "Right")),
    *((f"eyeLookIn{side}", f"eyeLookOut{side}") for side in ("Left", "Right")),
)  # fmt: skip
"""Two ways along one line: only the difference is a motion."""
RIVALS = tuple(
    pair
    for side in ("Left", "Right")
    for pair in (
        (f"mouthSmile{side}", f"mouthFrown{side}"),
        (f"browDown{side}", f"browOuterUp{side}"),
        (f"eyeBlink{side}", f"eyeWide{side}"),
    )
)
"""One of the two is what happens, the other is doubt about it."""
_INNER_UP = ARKIT_BLENDSHAPES.index("browInnerUp")
"""Its place among the 52; it has no side."""
_BROWS_DOWN = [ARKIT_BLENDSHAPES.index(f"browDown{side}") for side in ("Left", "Right")]
"""Its opposites, left and right."""
_EYES = np.array([name.startswith("eye") for name in ARKIT_BLENDSHAPES])
"""Which of the 52 are of lids and gaze."""
_UNSEEN = np.array([name in UNSEEN for name in ARKIT_BLENDSHAPES])
"""Which of the 52 no picture shows."""

Array = NDArray[np.float64]


def fit_blendshapes(said: FloatArray, rest: FloatArray) -> FloatArray:
    """Weights ``(F, 52)`` in [0, 1].

    Rest is taken off, then every weight w of the seen n minimises ``(w - n)^2 / 2 + t b log(1 + w / b)``:
    the L1 penalty t for small weights, which are made nothing, and next to none for large ones, which
    stay as they are. t is the greater the less surely a weight is seen. Opposites exclude each other.
    Lids and gaze are not shrunk; what no picture shows stays nothing.

    Args:
        said: ``(F, 52)`` by the network.
        rest: ``(52,)`` at rest, see :func:`mien.core.solve.neutral.find_rest`.
    """
    weights = beyond_rest(said.astype(np.float64), rest)
    weights[:, _UNSEEN] = 0
    doubt = UNSURE + (SURE - UNSURE) * reliability().blendshapes.astype(np.float64)
    weights = np.where(_EYES, weights, shrunk(weights, np.where(_EYES, 0, doubt)))
    return exclusive(weights).astype(np.float32)


def beyond_rest(said: Array, rest: FloatArray) -> Array:
    """Weights ``(F, 52)`` less what they are at rest ``(52,)``; a lid that is shut stays shut."""
    weights = said - rest
    weights[:, _EYES] /= np.maximum(1 - rest[_EYES], 0.1)
    return np.clip(weights, 0, 1)


def shrunk(weights: Array, threshold: Array) -> Array:
    """The minimum over w >= 0 of ``(w - n)^2 / 2 + t b log(1 + w / b)``, b being :data:`BEND`.

    Args:
        weights: ``(F, U)`` n.
        threshold: ``(U,)`` t, less than b.
    """
    root = np.sqrt(np.maximum((weights + BEND) ** 2 - 4 * BEND * threshold, 0))
    return np.where(weights > threshold, (weights - BEND + root) / 2, 0)


def exclusive(weights: Array) -> Array:
    """Weights ``(F, 52)`` of which opposites are never together; continuous, so that nothing pops."""
    out = weights.copy()
    for one, other in AXES:
        a, b = ARKIT_BLENDSHAPES.index(one), ARKIT_BLENDSHAPES.index(other)
        motion = out[:, a] - out[:, b]
        out[:, a], out[:, b] = np.maximum(motion, 0), np.maximum(-motion, 0)
    for one, other in RIVALS:
        a, b = ARKIT_BLENDSHAPES.index(one), ARKIT_BLENDSHAPES.index(other)
        out[:, a], out[:, b] = _winner(out[:, a], out[:, b])
    lowered = out[:, _BROWS_DOWN].mean(axis=1)
    out[:, _INNER_UP], left = _winner(out[:, _INNER_UP], lowered)
    out[:, _BROWS_DOWN] *= (left / np.maximum(lowered, 1e-9))[:, None]
    return out


def _winner(one: Array, other: Array) -> tuple[Array, Array]:
    """The greater of two weights, less so the nearer the other is; the lesser is nothing."""
    lead = (one - other) / np.maximum(one + other, 1e-9) * (CLEAR + 1) / (CLEAR - 1)
    return one * np.clip(lead, 0, 1), other * np.clip(-lead, 0, 1)
