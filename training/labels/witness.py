# SPDX-License-Identifier: GPL-3.0-or-later
"""The witness: MediaPipe's landmarker says 52 blendshapes of its own, which labels listen to where it sees well.

It is a tool of training, as the face mesh is (:mod:`training.labels.mediapipe_tool`); nothing of it is shipped.
"""

from pathlib import Path

import numpy as np
from mien.core.capture.flip_augmentation import FLIPPED_BLENDSHAPES as MIRRORED
from numpy.typing import NDArray

from .mediapipe_tool import FaceLandmarker, ImageArray
from .steady import VIEWS, view_of


class Witness:
    """Scores the 52 blendshapes of one face in stills, by the mean over several views of each.

    Args:
        task: MediaPipe's model bundle ``face_landmarker.task``.
    """

    def __init__(self, task: Path) -> None:
        self._landmarker = FaceLandmarker(task)

    def scores(self, image: ImageArray) -> NDArray[np.float32] | None:
        """Weights ``(52,)`` in the order of ``ARKIT_BLENDSHAPES``, or None where no view shows a face.

        Args:
            image: BGR picture.
        """
        seen = []
        for turn, flip in VIEWS:
            found = self._landmarker.find(view_of(image, turn, flip)[0])
            if found is not None:
                seen.append(found.weights[MIRRORED] if flip else found.weights)
        return np.mean(seen, axis=0).astype(np.float32) if seen else None
