# SPDX-License-Identifier: GPL-3.0-or-later
"""The error that everything is quoted in: mean point distance over the size of the face's box."""

from dataclasses import dataclass

import numpy as np
from mien.core.model.params import FloatArray

from ..labels.mediapipe_tool import ImageArray

FIRST_PIXEL = np.float32(1.0)
"""What sets whose pixels count from 1 call the first; ours count from 0."""
ALL = slice(None)


@dataclass(frozen=True)
class Measured:
    """One face with both sets of points.

    Attributes:
        name: which face.
        image: BGR, for the picture of the worst.
        predicted, truth: ``(K, 2)`` in pixels of the image.
        box: side of the face's box in pixels, by which the error is divided.
    """

    name: str
    image: ImageArray
    predicted: FloatArray
    truth: FloatArray
    box: float

    @property
    def error(self) -> float:
        """Mean distance of all points, as a share of the box."""
        return self.error_of(ALL)

    def error_of(self, part: slice) -> float:
        """Mean distance of some points, still as a share of the whole box."""
        away = np.linalg.norm(self.predicted[part] - self.truth[part], axis=1)
        return float(away.mean() / self.box)


def mean_error(faces: list[Measured], part: slice = ALL) -> float:
    """Mean over faces, each counting once.

    Raises:
        ValueError: there are no faces.
    """
    if not faces:
        raise ValueError("no face to measure")
    return float(np.mean([f.error_of(part) for f in faces]))
