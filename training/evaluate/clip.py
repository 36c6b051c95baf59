# SPDX-License-Identifier: GPL-3.0-or-later
"""A clip through the whole capture, measured frame by frame against the labelling tool."""

from dataclasses import dataclass
from pathlib import Path

from mien.core.capture import Models, capture
from mien.core.crop import crop_to_image
from mien.core.params import split
from mien.core.sources import open_source

from ..mediapipe_tool import FaceMesh
from .errors import Measured, box_side


@dataclass(frozen=True)
class ClipResult:
    """Frames in which both the capture and the tool saw the face.

    Attributes:
        faces: with 468 points each.
        frames: of the clip.
        lost: frames in which the tool saw a face and the capture had none.
    """

    faces: list[Measured]
    frames: int
    lost: int


def measure_clip(path: Path, models: Models) -> ClipResult:
    """Capture a video as the add-on does, finder and tracker included, and compare every frame."""
    take = capture(open_source(path), models)
    points = crop_to_image(models.head.at_mediapipe().project(*split(take.params)), take.boxes)
    tool = FaceMesh()
    faces, lost = [], 0
    for index, frame in enumerate(open_source(path)):
        seen = tool.find(frame.image)
        if seen is None:
            continue
        if not take.found[index]:
            lost += 1
            continue
        truth = seen.points[:, :2]
        name = f"{path.stem} {index}"
        faces.append(Measured(name, frame.image, points[index, :, :2], truth, box_side(truth)))
    return ClipResult(faces, len(take.found), lost)
