# SPDX-License-Identifier: GPL-3.0-or-later
"""The square around a face that the network sees, and the way between crop and image space."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from .params import CROP_SIZE, FloatArray

ImageArray = NDArray[np.uint8]

FLIP: FloatArray = np.array([1, -1, 1], np.float32)
"""Crop space counts y up, image space down."""

LANDMARK_MARGIN = float(np.sqrt(2.0))
"""Side of the crop over the longer side of the landmarks' box, as in the paper's code."""


class CropBox(NamedTuple):
    """A square in image space.

    Attributes:
        x, y: its centre in image pixels.
        size: its side in image pixels.
    """

    x: float
    y: float
    size: float


def box_around_landmarks(points: FloatArray) -> CropBox:
    """The crop for a face whose 68 landmarks ``(68, 2 or 3)`` in image pixels are known.

    The rule is that of the paper's tracker: the square around the centre of the landmarks' bounding
    box, its side the diagonal of the square on the box's longer side.
    """
    low = points[:, :2].min(axis=0)
    high = points[:, :2].max(axis=0)
    x, y = (low + high) / 2
    return CropBox(float(x), float(y), float((high - low).max()) * LANDMARK_MARGIN)


def cut(image: ImageArray, box: CropBox, side: int = CROP_SIZE) -> ImageArray:
    """Resample the box out of a BGR image ``(h, w, 3)`` to ``(side, side, 3)`` uint8.

    What lies outside the image is black. A pixel ``(i, j)`` of the crop, counted from its centre,
    lies at ``box.x + i * box.size / side`` in the image. Boxes much larger than the crop are
    first reduced by area averaging, so that fine texture does not alias from frame to frame.
    """
    scale = box.size / side
    shrink = 1
    while scale / shrink >= 2.0:
        shrink *= 2
    source, x, y = image, box.x, box.y
    if shrink > 1:
        half = box.size / 2 + 2 * shrink
        left, top = (max(0, int(np.floor((c - half) / shrink) * shrink)) for c in (x, y))
        right, bottom = int(np.ceil(x + half)), int(np.ceil(y + half))
        window = image[top:bottom, left:right]
        height, width = (n // shrink for n in window.shape[:2])
        if height and width:
            window = window[: height * shrink, : width * shrink]
            source = _halved(window, shrink)
            x = (x - left + 0.5) / shrink - 0.5
            y = (y - top + 0.5) / shrink - 0.5
            scale /= shrink
    offset = (side - 1) / 2
    matrix = np.array([[scale, 0, x - offset * scale], [0, scale, y - offset * scale]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(source, matrix, (side, side), flags=flags)


def _halved(window: ImageArray, shrink: int) -> ImageArray:
    """A window averaged down by a power of two: by halves, which OpenCV does four times as fast as at once."""
    while shrink > 1:
        size = (window.shape[1] // 2, window.shape[0] // 2)
        window = cv2.resize(window, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        shrink //= 2
    return window


def crop_to_image(points: FloatArray, boxes: FloatArray) -> FloatArray:
    """Carry points from crop space to image space.

    Args:
        points: ``(..., n, 3)`` in crop space (y up, origin at the centre).
        boxes: ``(..., 3)`` crop boxes as x, y, size in image pixels.

    Returns:
        ``(..., n, 3)``: x right, y down in image pixels, z toward the viewer in the same scale.
    """
    boxes = np.asarray(boxes, np.float32)
    scale = boxes[..., None, 2:3] / CROP_SIZE
    out: FloatArray = np.array(points, np.float32)
    out *= scale * FLIP
    out[..., :2] += boxes[..., None, :2]
    return out


def image_to_crop(points: FloatArray, boxes: FloatArray) -> FloatArray:
    """Carry points ``(..., n, 3)`` from image space to crop space: undoes :func:`crop_to_image`."""
    boxes = np.asarray(boxes, np.float32)
    out: FloatArray = np.array(points, np.float32)
    out[..., :2] -= boxes[..., None, :2]
    out *= FLIP / (boxes[..., None, 2:3] / CROP_SIZE)
    return out


def recrop(transforms: FloatArray, boxes: FloatArray, box: FloatArray) -> FloatArray:
    """Tell poses in another crop.

    Args:
        transforms: ``(n, 3, 4)``, each in its own crop space.
        boxes: ``(n, 3)`` those crops' boxes as x, y, size in image pixels.
        box: ``(3,)`` of the other crop.

    Returns:
        ``(n, 3, 4)`` in the crop space of ``box``.
    """
    out: FloatArray = transforms * (boxes[:, 2] / box[2])[:, None, None]
    out[:, :2, 3] += (boxes[:, :2] - box[:2]) * (FLIP[:2] * CROP_SIZE / box[2])
    return out
