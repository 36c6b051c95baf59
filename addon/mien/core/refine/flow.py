# SPDX-License-Identifier: GPL-3.0-or-later
"""Optical flow from the template to a stabilised frame: by how much the mesh misses the skin."""

from typing import Any, NamedTuple

import cv2
import numpy as np

from ..model.crop import FLIP, ImageArray
from ..model.params import FloatArray
from .canonical import CELLS, SIDE, Canonical
from .stabilise import SPREAD

UNLIKE = 0.5
"""Difference between template and frame at which a pixel counts half, in standard deviations."""


class Misses(NamedTuple):
    """By how much C measured cells are off in one frame.

    Attributes:
        away: ``(C, 2)`` pixels of the cut-out, x right, y up, from where the mesh has the cell to
            where the picture shows it.
        weights: ``(C,)`` 0 to 1, by how squarely it is seen and how like the template it looks.
        likeness: mean of the latter over what is seen squarely.
    """

    away: FloatArray
    weights: FloatArray
    likeness: float


class Flow:
    """Dense inverse search (Kroeger et al. 2016) from one template to many frames."""

    def __init__(self, canonical: Canonical) -> None:
        self._canonical = canonical
        self._search: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        rows, columns = np.indices((SIDE, SIDE), np.float32)
        self._grid = np.stack([columns, rows], axis=-1)

    def misses(
        self, template: ImageArray, frame: ImageArray, where: FloatArray, seen: FloatArray
    ) -> Misses:
        """Compare a stabilised frame with the template.

        Args:
            template, frame: ``(SIDE, SIDE)``.
            where: ``(SIDE, SIDE, 2)`` the frame's map into its cut-out.
            seen: ``(SIDE, SIDE)`` how squarely each pixel is seen.
        """
        flow = self._search.calc(template, frame, None)
        back = cv2.remap(frame, self._grid + flow, None, cv2.INTER_LINEAR)
        unlike = (template.astype(np.float32) - back) / np.float32(SPREAD * UNLIKE)
        alike = 1 / (1 + unlike * unlike)
        weights = seen * alike
        total = _binned(weights)
        mean = _binned(flow * weights[..., None]) / np.maximum(total, 1e-6)[..., None]
        middle = _binned(where)
        down, right = np.gradient(middle, SIDE // CELLS, axis=(0, 1))
        away = (mean[..., :1] * right + mean[..., 1:] * down) * FLIP[:2]
        cells = self._canonical.cells
        return Misses(
            away.reshape(-1, 2)[cells],
            total.ravel()[cells],
            float(weights.sum() / max(float(seen.sum()), 1e-6)),
        )


def _binned(values: FloatArray) -> FloatArray:
    """Means over the cells."""
    return cv2.resize(values, (CELLS, CELLS), interpolation=cv2.INTER_AREA).astype(np.float32)
