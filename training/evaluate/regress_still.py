# SPDX-License-Identifier: GPL-3.0-or-later
"""One look at one face, as every protocol of stills takes it."""

import numpy as np
from mien.core.capture.regressor import Regressor
from mien.core.model.crop import CropBox, ImageArray, crop_to_image
from mien.core.model.params import FloatArray, split
from mien.core.model.point_model import PointModel


def regress_still(
    crop: ImageArray, box: CropBox, points: PointModel, regressor: Regressor
) -> tuple[FloatArray, FloatArray]:
    """Regress a crop and put points of the head into the picture that it was cut from.

    Args:
        crop: ``(120, 120, 3)`` BGR.
        box: where it lies in the picture.
        points: K points of the head.
        regressor: what is measured.

    Returns:
        ``(K, 2)`` pixels of the picture, and the raw parameters ``(62,)``.
    """
    params = regressor.run(crop[None]).params[0]
    placed = crop_to_image(points.project(*split(params)), np.array(box, np.float32))
    return placed[:, :2], params
