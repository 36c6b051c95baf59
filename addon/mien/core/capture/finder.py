# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding faces in a whole frame, which tracking needs at its start and when it has lost the face."""

import math
from pathlib import Path
from typing import NamedTuple, Protocol

import cv2
import numpy as np

from ..errors import ModelError
from ..model.crop import CropBox, ImageArray
from .onnx_file import open_shipped


class Face(NamedTuple):
    """A place where a face may be.

    Attributes:
        box: the crop that the regressor should look at.
        score: the higher the surer; comparable within one finder only.
    """

    box: CropBox
    score: float


class FaceFinder(Protocol):
    """Anything that finds faces. Its answers may be wrong: the regressor's confidence decides."""

    def find(self, image: ImageArray) -> list[Face]:
        """Faces of a BGR image ``(h, w, 3)``, the likeliest first; empty where there is none."""
        ...


LAYOUT = "1"
"""Version of the signature below, stored in the file."""
LONGER_SIDE = 320
"""Frames are searched at this size; a face of 1/12 of the height is 15 pixels high then."""
LEAST_SCORE = 0.2
"""Low: a wrong answer costs one look of the regressor, a missed face costs half a second of footage."""
APART = 0.5
"""Of answers whose middles are nearer than this share of the larger crop the surer one stays."""
MOST = 16
"""Faces of one frame at most: more than a scene that is captured holds, and each costs a look of the
regressor."""


class HeatmapFinder:
    """Faces by a small network that sees the whole frame at once (``models/finder``)."""

    def __init__(self, path: Path) -> None:
        """Load and check a finder.

        Args:
            path: the ``.onnx`` file.

        Raises:
            ModelError: the file is missing, damaged, or not a Mien finder.
        """
        self._session = open_shipped(path)
        stored = self._session.get_modelmeta().custom_metadata_map
        names = [o.name for o in self._session.get_outputs()]
        if stored.get("mien.finder") != LAYOUT or names != ["score", "box"]:
            raise ModelError(f"{path} is not a finder of this Mien; install Mien again.")
        self._multiple = int(stored["mien.multiple"])

    def find(self, image: ImageArray) -> list[Face]:
        """See :meth:`FaceFinder.find`."""
        small, scale = _reduced(image)
        height, width = small.shape[:2]
        step = self._multiple
        # What is added below and on the right is of the frame's own brightness.
        frame = np.empty((1, -(-height // step) * step, -(-width // step) * step, 3), np.uint8)
        frame[:] = small[::8, ::8].mean(axis=(0, 1)).astype(np.uint8)
        frame[0, :height, :width] = small
        score, box = self._session.run(["score", "box"], {"frame": frame})
        rows, columns = np.nonzero(score > LEAST_SCORE)
        found = [
            Face(CropBox(*(float(n) for n in box[:, row, column])), float(score[row, column]))
            for row, column in zip(rows, columns, strict=True)
        ]
        kept: list[Face] = []
        for face in sorted(found, key=lambda f: -f.score):
            if len(kept) < MOST and not any(_same(face.box, other.box) for other in kept):
                kept.append(face)
        # Pixel p of the small frame covers scale pixels of the whole one.
        shift = (scale - 1) / 2
        return [
            Face(CropBox(b.x * scale + shift, b.y * scale + shift, b.size * scale), score)
            for b, score in kept
        ]


def _reduced(image: ImageArray) -> tuple[ImageArray, float]:
    """The frame with :data:`LONGER_SIDE`, and how many of its pixels one of that covers."""
    longer = max(image.shape[:2])
    whole = max(1, longer // LONGER_SIDE)
    if whole > 1:  # whole factors are averaged some ten times faster than others
        height, width = (n // whole for n in image.shape[:2])
        image = cv2.resize(
            image[: height * whole, : width * whole], (width, height), interpolation=cv2.INTER_AREA
        ).astype(np.uint8)
    scale = LONGER_SIDE / max(image.shape[:2])
    if scale != 1:
        size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
        image = cv2.resize(image, size, interpolation=cv2.INTER_LINEAR).astype(np.uint8)
    return image, longer / LONGER_SIDE


def _same(one: CropBox, other: CropBox) -> bool:
    return math.hypot(one.x - other.x, one.y - other.y) < APART * max(one.size, other.size)
