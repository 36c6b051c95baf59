# SPDX-License-Identifier: GPL-3.0-or-later
"""What a refined take's pixels said, in the place of what the network said."""

from typing import NamedTuple

import numpy as np

from ..model.arkit import ARKIT_BLENDSHAPES, UNSEEN
from ..model.eyelids import close_eyelids
from ..model.head import Head
from ..model.params import FloatArray
from ..take.refinement import Refinement
from .arkit_fit import exclusive

_FACE = np.array([not name.startswith("eye") and name not in UNSEEN for name in ARKIT_BLENDSHAPES])
"""Lids and gaze stay the network's: the eyes are too small for the pixels to say more. What no photo is
labelled with is not asked of them either."""


class Face(NamedTuple):
    """What a face does in F frames, beyond rest: weights ``(F, 52)`` and expression ``(F, 10)``."""

    blendshapes: FloatArray
    expression: FloatArray


def refined_face(solved: Face, refined: Refinement, rest: FloatArray, head: Head) -> Face:
    """A solved face with the weights that the pixels found; its expression follows the weights.

    Args:
        solved: by the network.
        refined: of the same frames.
        rest: ``(52,)`` the refined weights of the face when it does nothing.
        head: of the take.
    """
    beyond = exclusive(np.clip(refined.weights - rest, 0, 1).astype(np.float64))
    blendshapes = np.where(_FACE, beyond, solved.blendshapes).astype(np.float32)
    expression = (blendshapes @ head.blendshapes_to_expression).astype(np.float32)
    return Face(blendshapes, close_eyelids(expression, blendshapes, head))
