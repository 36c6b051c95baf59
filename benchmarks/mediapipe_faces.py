# SPDX-License-Identifier: GPL-3.0-or-later
"""Two of MediaPipe's face trackers, to stand beside a capture: one with blendshapes, one without."""

from collections.abc import Callable
from pathlib import Path

import cv2
import mediapipe as mp
from mien.core.capture.sources import Frame
from mien.core.model.crop import ImageArray


def landmarker(task: Path, frames: list[Frame]) -> Callable[[], None]:
    """What follows a face through frames and scores the 52 blendshapes, by ``face_landmarker.task``."""
    tasks = mp.tasks.vision
    options = tasks.FaceLandmarkerOptions(
        base_options=mp.tasks.BaseOptions(model_asset_buffer=task.read_bytes()),
        running_mode=tasks.RunningMode.VIDEO,
        output_face_blendshapes=True,
    )
    pictures = [_rgb(frame.image) for frame in frames]
    images = [mp.Image(image_format=mp.ImageFormat.SRGB, data=picture) for picture in pictures]

    def run() -> None:
        with tasks.FaceLandmarker.create_from_options(options) as faces:
            for frame, image in zip(frames, images, strict=True):
                faces.detect_for_video(image, round(1000 * frame.time))

    return run


def face_mesh(frames: list[Frame]) -> Callable[[], None]:
    """The older FaceMesh, which gives 468 points and nothing else."""
    pictures = [_rgb(frame.image) for frame in frames]

    def run() -> None:
        with mp.solutions.face_mesh.FaceMesh(max_num_faces=1) as faces:
            for picture in pictures:
                faces.process(picture)

    return run


def _rgb(image: ImageArray) -> ImageArray:
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB).astype("uint8")
