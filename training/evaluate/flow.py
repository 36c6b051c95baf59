# SPDX-License-Identifier: GPL-3.0-or-later
"""How wrongly points move from frame to frame of real footage: against the motion of the pixels."""

from collections.abc import Sequence

import cv2
import numpy as np
from mien.core.model.params import FloatArray
from numpy.typing import NDArray

from ..labels.mediapipe_tool import ImageArray

FACE = 160.0
"""Frames are enlarged until the face's box has this side, so that the window covers as much of it."""
WINDOW = 21
"""Side of a followed patch, enlarged pixels: OpenCV's usual one."""
RETURN = 0.3
"""A patch counts if following it there and back ends within this many enlarged pixels."""
LEAST_TEXTURE = 1e-3
"""Smallest eigenvalue of the patch's structure below which its motion is anybody's guess."""


def offset_errors(
    images: Sequence[ImageArray],
    numbers: NDArray[np.int64],
    sets: Sequence[FloatArray],
    boxes: FloatArray,
) -> list[FloatArray]:
    """Stability of several sets of points on the same frames, the pixels' motion being the truth.

    Args:
        images: n frames; numbers: ``(n,)`` of each in the footage; only neighbours are compared.
        sets: each ``(n, K, 2)`` in pixels. Patches are followed from where the first set has them
            and the second, each on its own, as the points may lie a little apart.
        boxes: ``(n,)`` side of the face's box.

    Returns:
        For each set the mean of ``|offset - motion|`` over the box for each pair of neighbours.
    """
    out: list[list[float]] = [[] for _ in sets]
    for k in range(len(images) - 1):
        if numbers[k + 1] - numbers[k] != 1:
            continue
        zoom = FACE / float(boxes[k])
        before, after = (_enlarged(image, zoom) for image in images[k : k + 2])
        for errors, points in zip(out, sets, strict=True):
            motion, good = _follow(before, after, points[k] * zoom)
            offset = (points[k + 1] - points[k]) * zoom
            if good.any():
                away = np.linalg.norm(offset - motion, axis=1)[good]
                errors.append(float(away.mean()) / FACE)
    return [np.array(errors, np.float32) for errors in out]


def _enlarged(image: ImageArray, zoom: float) -> ImageArray:
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    return cv2.resize(grey, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC).astype(np.uint8)


def _follow(
    one: ImageArray, other: ImageArray, points: FloatArray
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """How the patches at ``points (K, 2)`` move, and which of them can be told."""
    start = np.ascontiguousarray(points[:, None], np.float32)
    there, found = _lucas_kanade(one, other, start)
    back, again = _lucas_kanade(other, one, there)
    returned = np.linalg.norm((back - start)[:, 0], axis=1) < RETURN
    good = returned & found & again
    return (there - start)[:, 0].astype(np.float32), good


def _lucas_kanade(
    one: ImageArray, other: ImageArray, points: FloatArray
) -> tuple[FloatArray, NDArray[np.bool_]]:
    ends = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 30, 0.01)
    moved, found, _ = cv2.calcOpticalFlowPyrLK(
        one, other, points, None, winSize=(WINDOW, WINDOW), maxLevel=3, criteria=ends,
        minEigThreshold=LEAST_TEXTURE,
    )  # fmt: skip
    return moved, found[:, 0] > 0
