# SPDX-License-Identifier: GPL-3.0-or-later
"""The head's eyeballs: which vertices they are, where they lie, how they turn."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from .head import MATERIALS, Head
from .params import FloatArray

EYEBALLS = ("eyeball_left", "eyeball_right")
"""The materials of the subject's left and right eyeball."""


def eyeballs(head: Head) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Indices of the vertices of the left and of the right eyeball; no other face has them."""
    left, right = (np.unique(head.quads[head.materials == MATERIALS.index(n)]) for n in EYEBALLS)
    return left, right


def eye_centres(head: Head, identity: FloatArray) -> FloatArray:
    """Centres ``(2, 3)`` of the eyeballs of a person of identity ``(40,)``, model space.

    An identity moves the eyeballs, expressions leave them where they are.
    """
    moved = [
        np.tensordot(identity, head.identity[:, vertices].mean(axis=1), axes=1)
        for vertices in eyeballs(head)
    ]
    return (head.eye_centres + np.stack(moved)).astype(np.float32)


def eye_turns(eyes: FloatArray) -> FloatArray:
    """Rotations ``(..., 3, 3)`` in model axes of eyes that look along yaw and pitch ``(..., 2)``.

    See :func:`mien.core.model.gaze.gaze_from_blendshapes` for the angles. An eye does not roll.
    """
    flat = np.asarray(eyes).reshape(-1, 2) * np.array([1, -1], np.float32)
    turns = Rotation.from_euler("YX", flat).as_matrix()
    return turns.reshape(*eyes.shape[:-1], 3, 3).astype(np.float32)
