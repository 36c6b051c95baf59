# SPDX-License-Identifier: GPL-3.0-or-later
"""The witness: MediaPipe's landmarker says 52 blendshapes of its own, which labels listen to where it sees well.

It is a tool of training, as the face mesh is (:mod:`training.labels.mediapipe_tool`); nothing of it is shipped.
"""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from mien.core.capture.flip_augmentation import UNITS as MIRRORED
from mien.core.model.arkit import ARKIT_UNITS, N_UNITS
from numpy.typing import NDArray

from .mediapipe_tool import ImageArray
from .steady import VIEWS, view_of

CONFIDENCE = 0.3
"""Least confidence of a detection: what :class:`training.labels.mediapipe_tool.FaceMesh` asks for as well."""


class Witness:
    """Scores the 52 blendshapes of one face in stills, by the mean over several views of each.

    Args:
        task: MediaPipe's model bundle ``face_landmarker.task``.
    """

    def __init__(self, task: Path) -> None:
        from mediapipe.tasks import python as tasks
        from mediapipe.tasks.python import vision

        self._landmarker: Any = vision.FaceLandmarker.create_from_options(
            vision.FaceLandmarkerOptions(
                base_options=tasks.BaseOptions(model_asset_path=str(task)),
                running_mode=vision.RunningMode.IMAGE,
                num_faces=1,
                min_face_detection_confidence=CONFIDENCE,
                output_face_blendshapes=True,
            )
        )

    def scores(self, image: ImageArray) -> NDArray[np.float32] | None:
        """Weights ``(52,)`` in the order of ``ARKIT_UNITS``, or None where no view shows a face.

        Args:
            image: BGR picture.
        """
        seen = []
        for turn, flip in VIEWS:
            found = self._of_view(view_of(image, turn, flip)[0])
            if found is not None:
                seen.append(found[MIRRORED] if flip else found)
        return np.mean(seen, axis=0).astype(np.float32) if seen else None

    def _of_view(self, image: ImageArray) -> NDArray[np.float32] | None:
        import mediapipe as mp

        rgb = np.ascontiguousarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
        result = self._landmarker.detect(mp.Image(image_format=mp.ImageFormat.SRGB, data=rgb))
        if not result.face_blendshapes:
            return None
        out = np.zeros(N_UNITS, np.float32)  # it has no tongueOut
        for category in result.face_blendshapes[0]:
            if category.category_name in ARKIT_UNITS:
                out[ARKIT_UNITS.index(category.category_name)] = category.score
        return out
