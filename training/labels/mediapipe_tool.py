# SPDX-License-Identifier: GPL-3.0-or-later
"""MediaPipe's face mesh as a labelling tool. Used in training alone; nothing of it is shipped."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

ImageArray = NDArray[np.uint8]


@dataclass(frozen=True)
class Found:
    """A face in a picture.

    Attributes:
        points: ``(468, 3)`` image space: x right, y down in pixels, z toward the viewer in the same
            scale.
        iris: ``(2, 2)`` centre of the subject's left and right iris in pixels.
    """

    points: NDArray[np.float32]
    iris: NDArray[np.float32]


class FaceMesh:
    """Finds one face's 468 points, in still pictures or following it from frame to frame."""

    def __init__(self, confidence: float = 0.3, still: bool = True) -> None:
        import mediapipe as mp

        self._mesh: Any = mp.solutions.face_mesh.FaceMesh(
            static_image_mode=still,
            max_num_faces=1,
            refine_landmarks=True,
            min_detection_confidence=confidence,
        )

    def find(self, image: ImageArray) -> Found | None:
        """The most certain face of a BGR picture, or None."""
        result = self._mesh.process(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
        if not result.multi_face_landmarks:
            return None
        height, width = image.shape[:2]
        landmarks = result.multi_face_landmarks[0].landmark
        # MediaPipe's pixels are counted from the corner of the first; ours from its centre.
        points = np.array(
            [(p.x * width - 0.5, p.y * height - 0.5, -p.z * width) for p in landmarks]
        )
        return Found(points[:468].astype(np.float32), points[[473, 468], :2].astype(np.float32))
