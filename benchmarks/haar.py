# SPDX-License-Identifier: GPL-3.0-or-later
"""The peer of the face finder: OpenCV's Haar cascades, helped as far as they can be."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from mien.core.capture.finder import Face
from mien.core.model.crop import CropBox, ImageArray
from numpy.typing import NDArray


class Cascade(NamedTuple):
    """One of OpenCV's cascades and how its boxes relate to crops (measured on portraits).

    Attributes:
        file: name in OpenCV's data folder.
        mirrored: whether it is also run on the mirrored image.
        size: side of the crop over side of the box.
        down: how far the crop's centre lies below the box's, in sides of the box.
    """

    file: str
    mirrored: bool
    size: float
    down: float


FRONTAL = Cascade("haarcascade_frontalface_alt2.xml", False, 1.28, 0.165)
"""The cascades, whose sizes and shifts bring their boxes to the rule of the crop: of faces from the front,"""
PROFILE = Cascade("haarcascade_profileface.xml", True, 1.15, 0.15)
"""and of profiles."""

WORKING_HEIGHT = 480
"""Frames are searched at this height at most; a face of 1/8 of it is still well above the least."""
LEAST_SHARE = 1 / 11
"""The least face that is searched, over the frame's shorter side."""
STEP = 1.15
"""From one size to the next."""
TILTS = (-30.0, 30.0)
"""Degrees to which a frame is turned where nothing is found."""
DARK = 90.0
"""Mean level below which a frame's contrast is raised first."""


class HaarFinder:
    """Faces by OpenCV's Haar cascades: upright and frontal first, then turned, then tilted.

    Each further search runs only when the ones before have found nothing.
    """

    def __init__(self) -> None:
        self._cascades = {c: _load(c.file) for c in (FRONTAL, PROFILE)}

    def find(self, image: ImageArray) -> list[Face]:
        """See :meth:`mien.core.capture.finder.FaceFinder.find`."""
        scale = min(1.0, WORKING_HEIGHT / min(image.shape[:2]))
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        if scale < 1.0:
            grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        if float(grey.mean()) < DARK:
            grey = _brighten(grey)
        search = _Search(grey, self._cascades)
        faces = search.upright(FRONTAL) or search.upright(PROFILE) or search.tilted(FRONTAL)
        found = [
            Face(CropBox(f.box.x / scale, f.box.y / scale, f.box.size / scale), f.score)
            for f in faces
        ]
        return sorted(found, key=lambda f: -f.box.size)


class _Search:
    """One grey frame being searched."""

    def __init__(self, grey: ImageArray, cascades: dict[Cascade, cv2.CascadeClassifier]) -> None:
        self.grey = grey
        self._cascades = cascades

    @cached_property
    def _least(self) -> int:
        return max(20, int(min(self.grey.shape) * LEAST_SHARE))

    def _detect(self, grey: ImageArray, cascade: Cascade) -> list[Face]:
        boxes, _, weights = self._cascades[cascade].detectMultiScale3(
            grey, STEP, 4, minSize=(self._least, self._least), outputRejectLevels=True
        )
        return [
            Face(CropBox(x + w / 2, y + h * (0.5 + cascade.down), w * cascade.size), float(weight))
            for (x, y, w, h), weight in zip(boxes, np.ravel(weights), strict=True)
        ]

    def upright(self, cascade: Cascade) -> list[Face]:
        faces = self._detect(self.grey, cascade)
        if not faces and cascade.mirrored:
            width = self.grey.shape[1]
            flipped = np.ascontiguousarray(self.grey[:, ::-1])
            faces = [
                Face(CropBox(width - 1 - f.box.x, f.box.y, f.box.size), f.score)
                for f in self._detect(flipped, cascade)
            ]
        return faces

    def tilted(self, cascade: Cascade, tilts: Sequence[float] = TILTS) -> list[Face]:
        height, width = self.grey.shape
        for tilt in tilts:
            forward = cv2.getRotationMatrix2D((width / 2, height / 2), tilt, 1.0)
            turned = cv2.warpAffine(self.grey, forward, (width, height))
            faces = self._detect(turned, cascade)
            if faces:
                back = cv2.invertAffineTransform(forward)
                return [Face(_moved(f.box, back), f.score) for f in faces]
        return []


def _moved(box: CropBox, matrix: NDArray[np.float64]) -> CropBox:
    x, y = matrix @ [box.x, box.y, 1.0]
    return CropBox(float(x), float(y), box.size)


def _brighten(grey: ImageArray) -> ImageArray:
    mean = max(2.0, float(grey.mean())) / 255
    gamma = np.log(0.45) / np.log(mean)
    table = (255 * (np.arange(256) / 255.0) ** gamma).astype(np.uint8)
    return cv2.LUT(grey, table)


def _load(file: str) -> cv2.CascadeClassifier:
    path = Path(cv2.__file__).with_name("data") / file
    cascade = cv2.CascadeClassifier(str(path))
    if cascade.empty():
        raise FileNotFoundError(path)
    return cascade
