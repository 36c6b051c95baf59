# SPDX-License-Identifier: GPL-3.0-or-later
"""MediaPipe's face mesh and blendshapes, to label and measure; tools of training, of which nothing is shipped."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from mien.core.model.arkit import ARKIT_BLENDSHAPES
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
        # Shares of the picture's size, yet counted from the centre of the first pixel as ours are: in a picture
        # enlarged k times, and in its mirror image, the points agree only so.
        points = np.array([(p.x * width, p.y * height, -p.z * width) for p in landmarks])
        return Found(points[:468].astype(np.float32), points[[473, 468], :2].astype(np.float32))


@dataclass(frozen=True)
class Blendshapes:
    """What the landmarker says of a face.

    Attributes:
        weights: ``(52,)`` in the order of :data:`mien.core.model.arkit.ARKIT_BLENDSHAPES`; tongueOut, which it does
            not know, is 0.
        points: ``(478, 2)`` image space: those of :class:`Found` and five of each iris.
    """

    weights: NDArray[np.float32]
    points: NDArray[np.float32]


class FaceLandmarker:
    """Scores one face's blendshapes in still pictures.

    Every picture is looked at afresh: what follows a face from frame to frame lags behind it.
    """

    def __init__(self, task: Path, confidence: float = 0.3) -> None:
        """Load the model.

        Args:
            task: MediaPipe's bundle ``face_landmarker.task``.
            confidence: least of a face that is reported.

        Raises:
            ValueError: it is not there, or not such a bundle.
        """
        from mediapipe.tasks import python as tasks
        from mediapipe.tasks.python import vision

        options = vision.FaceLandmarkerOptions(
            base_options=tasks.BaseOptions(model_asset_path=str(task)),
            running_mode=vision.RunningMode.IMAGE,
            num_faces=1,
            min_face_detection_confidence=confidence,
            output_face_blendshapes=True,
        )
        try:
            self._landmarker: Any = vision.FaceLandmarker.create_from_options(options)
        except (OSError, RuntimeError, ValueError) as error:
            raise ValueError(f"{task} is not MediaPipe's face_landmarker.task ({error})") from error

    def find(self, image: ImageArray) -> Blendshapes | None:
        """The most certain face of a BGR picture, or None."""
        import mediapipe as mp

        rgb = np.ascontiguousarray(image[..., ::-1])
        result = self._landmarker.detect(mp.Image(image_format=mp.ImageFormat.SRGB, data=rgb))
        if not result.face_blendshapes:
            return None
        scores = {shape.category_name: shape.score for shape in result.face_blendshapes[0]}
        height, width = image.shape[:2]
        points = [(p.x * width, p.y * height) for p in result.face_landmarks[0]]
        return Blendshapes(
            np.array([scores.get(name, 0.0) for name in ARKIT_BLENDSHAPES], np.float32),
            np.array(points, np.float32),
        )
