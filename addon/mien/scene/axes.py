# SPDX-License-Identifier: GPL-3.0-or-later
"""Model axes to Blender's: the only place that knows of both.

Model space has x to the subject's left, y up and z out of the face; Blender's scene has z up, and a
character faces -y with its left toward +x. So ``(x, y, z)`` becomes ``(x, -z, y)``. The camera's
axes (right, up, toward the viewer) go to the scene the same way: it looks along +y.
"""

import numpy as np
from numpy.typing import NDArray

from ..core.model.params import FloatArray

TO_SCENE: NDArray[np.float32] = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]], np.float32)
"""From y up, as cameras and the model have it, to Blender's z up."""


def points_to_scene(points: FloatArray) -> FloatArray:
    """Model points or directions ``(..., 3)`` in scene axes."""
    return np.ascontiguousarray(points @ TO_SCENE.T, np.float32)


def rotations_to_scene(matrices: FloatArray) -> FloatArray:
    """Rotations ``(..., 3, 3)`` of the head before the camera, as rotations in the scene."""
    return np.ascontiguousarray(TO_SCENE @ matrices @ TO_SCENE.T, np.float32)
