# SPDX-License-Identifier: GPL-3.0-or-later
"""What the turning of the head lends to one side of the face, taken off it again.

Of a turned head the near side is seen larger, and the network says more of it: nobody's smile leans because he
looks aside. How much is a slope of left minus right over the sine of the yaw, measured on portraits of many
people (``python -m benchmarks.reliability``), whose faces do not lean on average.
"""

import numpy as np
from numpy.typing import NDArray

from ..model.arkit import ARKIT_BLENDSHAPES
from ..model.params import FloatArray
from .pose_leakage import pose_features
from .reliability import reliability

MOST_TURNED = np.radians(45.0)
"""Beyond this yaw one side is not seen, and says nothing of how the sides lean."""
SIDES: list[tuple[int, int]] = [
    (k, ARKIT_BLENDSHAPES.index(f"{name.removesuffix('Left')}Right"))
    for k, name in enumerate(ARKIT_BLENDSHAPES)
    if name.endswith("Left") and not name.startswith("eyeLook")
]
"""Places of the left and the right weight of each pair; gaze is the eyeballs' own."""


def level_sides(
    blendshapes: FloatArray, rotation: NDArray[np.float64], slopes: FloatArray | None = None
) -> FloatArray:
    """Weights ``(F, 52)`` less what the turn of the head adds to one side; no weight is raised.

    Args:
        blendshapes: as the network says them.
        rotation: ``(F, 3, 3)`` of the head.
        slopes: ``(P,)`` of left minus right over the sine of the yaw, one for each of :data:`SIDES`; the shipped
            network's if they are not given.
    """
    slopes = reliability().sides if slopes is None else slopes
    sine = np.sin(pose_features(rotation)[:, 0])
    out = blendshapes.copy()
    for (left, right), slope in zip(SIDES, slopes, strict=True):
        excess = slope * sine
        out[:, left] = np.maximum(out[:, left] - np.maximum(excess, 0), 0)
        out[:, right] = np.maximum(out[:, right] - np.maximum(-excess, 0), 0)
    return out


def side_slopes(blendshapes: FloatArray, rotation: NDArray[np.float64]) -> FloatArray:
    """Slopes ``(P,)`` of left minus right over the sine of the yaw, for each of :data:`SIDES`.

    Args:
        blendshapes: ``(n, 52)`` of many people, whose faces do not lean on average whichever way they look.
        rotation: ``(n, 3, 3)`` of their heads; those turned beyond :data:`MOST_TURNED` are left out.
    """
    sine = np.sin(pose_features(rotation)[:, 0])
    seen = np.abs(sine) < np.sin(MOST_TURNED)
    lean = np.stack([blendshapes[:, left] - blendshapes[:, right] for left, right in SIDES], axis=1)
    slopes = sine[seen] @ lean[seen] / max(float(sine[seen] @ sine[seen]), 1e-9)
    return np.asarray(slopes, np.float32)
