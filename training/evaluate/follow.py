# SPDX-License-Identifier: GPL-3.0-or-later
"""A face followed through the frames of a video whose true points are known.

Each frame is cropped by the landmarks found in the frame before, the first by the true ones.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from mien.core.capture.alternating_views import AlternatingViews
from mien.core.capture.regressor import Regressor
from mien.core.capture.tracker import MIN_CONFIDENCE
from mien.core.capture.view_mean import ViewMean
from mien.core.model.crop import CropBox, ImageArray, box_around_landmarks, crop_to_image, cut
from mien.core.model.params import FloatArray, split
from mien.core.model.point_model import PointModel
from mien.core.take.take import RECORD
from numpy.typing import NDArray

STRAYED = 0.5
"""A crop this far (in true crops) from the true one has lost the face; it is put back and counted."""


class Followed(NamedTuple):
    """A video of n frames, followed.

    Attributes:
        predicted: ``(n, K, 2)`` pixels of the frames.
        params: ``(n, 62)`` raw; blendshapes: ``(n, 52)``.
        boxes: of the crops; crops: what the network saw.
        strayed, unsure: ``(n,)`` whether the crop had to be put back, and whether the network took the crop for
            no face.
    """

    predicted: FloatArray
    params: FloatArray
    blendshapes: FloatArray
    boxes: list[CropBox]
    crops: list[ImageArray]
    strayed: NDArray[np.bool_]
    unsure: NDArray[np.bool_]


def follow(
    images: Iterable[ImageArray], truth: FloatArray, landmarks: PointModel, regressor: Regressor
) -> Followed:
    """Regress every frame, as a capture does.

    Args:
        images: n frames, BGR, which are not kept.
        truth: ``(n, K, 2 or more)`` true points in pixels of the frames.
        landmarks: the K points of the head.
        regressor: what is measured.
    """
    strayed, unsure = np.zeros(len(truth), bool), np.zeros(len(truth), bool)
    views, mean = AlternatingViews(regressor, landmarks), ViewMean()
    rows, boxes, crops = [], [], []
    box = box_around_landmarks(truth[0])
    for k, (image, points) in enumerate(zip(images, truth, strict=True)):
        true_box = box_around_landmarks(points)
        if _far(box, true_box):
            box, strayed[k] = true_box, True
        crop = cut(image, box)
        if strayed[k]:
            rows += mean.rest()
        out, seen = (views.begin if k == 0 or strayed[k] else views.follow)(crop, box)
        rows += mean.add(np.zeros(1, RECORD), seen)
        unsure[k] = out.confidence[0] < MIN_CONFIDENCE
        boxes.append(box)
        crops.append(crop)
        placed = landmarks.project(*split(out.params[0]))
        box = box_around_landmarks(crop_to_image(placed, np.array(box, np.float32)))
    whole = np.concatenate([*rows, *mean.rest()])
    placed = landmarks.project(*split(whole["params"]))
    predicted = crop_to_image(placed, np.array(boxes, np.float32))[..., :2]
    return Followed(predicted, whole["params"], whole["units"], boxes, crops, strayed, unsure)


def _far(box: CropBox, true: CropBox) -> bool:
    away = np.hypot(box.x - true.x, box.y - true.y) / true.size
    return not (away < STRAYED and 0.4 < box.size / true.size < 2.5)


def stability(
    predicted: FloatArray, truth: FloatArray, sides: FloatArray, restarted: NDArray[np.bool_]
) -> FloatArray:
    """Section 3.1: ``|(q_t - q_t-1) - (p_t - p_t-1)|`` over the box ``(n,)`` for a video's frames.

    NaN where there is no frame before, or the crop did not come from it.

    Args:
        predicted, truth: ``(n, K, 2)`` q and p in pixels.
        sides: ``(n,)`` of the true points' boxes.
        restarted: ``(n,)`` whether the crop was put back.
    """
    steps = np.linalg.norm(np.diff(predicted - truth, axis=0), axis=2).mean(axis=1)
    out = np.full(len(predicted), np.nan, np.float32)
    out[1:] = steps / np.asarray(sides)[1:]
    out[restarted] = np.nan
    return out
