# SPDX-License-Identifier: GPL-3.0-or-later
"""The two parts of a face that the network of contours sees: mouth and brows, cut out of a crop upright.

They lie where the regressor's parameters have laid the face, whatever it expresses.
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ..model.contour_points import BROW_POINTS, MOUTH_POINTS
from ..model.head import Head
from ..model.params import CROP_SIZE, FloatArray, split

MIDDLE = (CROP_SIZE - 1) / 2
"""Pixel where crop space begins."""
LEAST_UP = 1e-6
"""Added to a square before its root is taken: a head of no size has no up."""


class Region(NamedTuple):
    """A part of the face.

    Attributes:
        name: as the network has it.
        landmarks: of the 68, whose middle is the patch's.
        above: how much higher the patch's middle is, metres.
        reach: from the middle to the sides, and to top and bottom, metres.
        size: width and height of the patch in pixels: about as large as in the crop.
        points: numbers of MediaPipe's points that are told of it.
    """

    name: str
    landmarks: slice
    above: float
    reach: tuple[float, float]
    size: tuple[int, int]
    points: tuple[int, ...]


REGIONS = (
    Region("mouth", slice(48, 60), -0.0065, (0.045, 0.053), (56, 64), MOUTH_POINTS),
    Region("brows", slice(17, 27), -0.002, (0.066, 0.034), (72, 40), BROW_POINTS),
)
"""Mouth with nose and chin; both brows with the eyes' corners."""


class RegionFrames:
    """Where the regions lie in crops."""

    def __init__(self, head: Head) -> None:
        """Prepare for the parameters of a head."""
        model = head.landmark_model()
        up = np.array([0, 1, 0], np.float32)
        self._middles = np.stack(
            [model.mean[r.landmarks].mean(axis=0) + r.above * up for r in REGIONS]
        )
        self._traits = np.stack([model.identity[:, r.landmarks].mean(axis=1) for r in REGIONS], 1)

    def of(self, params: FloatArray) -> FloatArray:
        """Frames ``(n, 2, 3, 2)`` in pixels of the crops, x right, y down.

        For each region the way of a metre to the right of it, that of a metre up, and its middle.

        Args:
            params: ``(n, 62)`` raw.
        """
        transform, identity, _ = split(params)
        middles = self._middles + np.tensordot(identity, self._traits, axes=1)
        placed = middles @ transform[:, :2, :3].transpose(0, 2, 1) + transform[:, None, :2, 3]
        up = transform[:, :2, 1]
        scale = np.linalg.norm(transform[:, 0, :3], axis=1)
        up = up * (scale / np.sqrt((up * up).sum(axis=1) + LEAST_UP))[:, None]
        right = up[:, ::-1] * np.array([1, -1], np.float32)
        axes = np.broadcast_to(
            np.stack([right, up], axis=1)[:, None], (len(up), len(REGIONS), 2, 2)
        )
        frames = np.concatenate([axes, placed[:, :, None]], axis=2) * [1, -1]
        frames[:, :, 2] += MIDDLE
        return frames.astype(np.float32)


def cut_region(crop: NDArray[np.uint8], frame: FloatArray, region: Region) -> NDArray[np.uint8]:
    """A region's patch ``(height, width, 3)`` of a crop ``(120, 120, 3)``.

    Args:
        crop: of a face.
        frame: ``(3, 2)`` of :meth:`RegionFrames.of`.
        region: which.
    """
    step = (
        np.array(region.reach) * 2 / region.size * [1, -1]
    )  # metres from pixel to pixel, to the right and down
    axes = frame[:2].T * step
    begin = frame[2] - axes @ (np.array(region.size) - 1) / 2
    matrix = np.column_stack([axes, begin])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    patch = cv2.warpAffine(crop, matrix, region.size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(patch, np.uint8)
