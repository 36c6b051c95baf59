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
PATCH = 9
"""Side of the window in which texture is looked for, pixels: about that of the search's patches."""
LEAST_AREA = 0.1
"""Pixels of the cut-out that a canonical pixel covers at least, to be measured."""
PLAIN = 10.0
"""Mean square of the template's slope, grey levels a pixel, at which flow is believed by half (chosen by
measurement on film and on clips whose motion is known)."""
DESCENT, SMOOTHING, APART = 12, 2, 4
"""Steps of the search in each patch and of the smoothing after it, half as many as usual, and pixels from patch to
patch, where 3 are usual: nearly half the time is saved and nothing changed that could be measured."""
FOUND = 0.85
"""Share of a miss that the search finds: of smooth misses of half a pixel to two, laid over frames of film, it
finds .83 to .87."""


class Misses(NamedTuple):
    """By how much C measured cells are off in one frame.

    Attributes:
        away: ``(C, 2)`` pixels of the cut-out, x right, y up, from where the mesh has the cell to
            where the picture shows it.
        weights: ``(C,)`` 0 to 1, by how squarely it is seen and how like the template it looks.
        tellings: ``(C, 2, 2)`` how a cell's error counts: an error e of ``away`` as the length of ``tellings @ e``.
            Along an edge and on skin without a spot flow tells little, and that little is none.
        likeness: mean of the latter over what is seen squarely.
    """

    away: FloatArray
    weights: FloatArray
    tellings: FloatArray
    likeness: float


class Flow:
    """Dense inverse search (Kroeger et al. 2016) from one template to many frames."""

    def __init__(self, canonical: Canonical, template: ImageArray) -> None:
        """Prepare.

        Args:
            canonical: whose cells are measured.
            template: ``(SIDE, SIDE)``.
        """
        self._canonical, self._template = canonical, template
        self._root = _texture_root(template).reshape(-1, 2, 2)[canonical.cells]
        self._search: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        self._search.setGradientDescentIterations(DESCENT)
        self._search.setVariationalRefinementIterations(SMOOTHING)
        self._search.setPatchStride(APART)
        rows, columns = np.indices((SIDE, SIDE), np.float32)
        self._grid = np.stack([columns, rows], axis=-1)

    def misses(self, frame: ImageArray, where: FloatArray, seen: FloatArray) -> Misses:
        """Compare a stabilised frame with the template.

        Args:
            frame: ``(SIDE, SIDE)``.
            where: ``(SIDE, SIDE, 2)`` the frame's map into its cut-out.
            seen: ``(SIDE, SIDE)`` how squarely each pixel is seen.
        """
        template = self._template
        flow = self._search.calc(template, frame, None)
        back = cv2.remap(frame, self._grid + flow, None, cv2.INTER_LINEAR)
        unlike = (template.astype(np.float32) - back) / np.float32(SPREAD * UNLIKE)
        alike = 1 / (1 + unlike * unlike)
        weights = seen * alike
        total = _binned(weights)
        mean = _binned(flow * cv2.merge([weights, weights])) / np.maximum(total, 1e-6)[..., None]
        middle = _binned(where)
        down, right = _slope(middle), _slope(middle.transpose(1, 0, 2)).transpose(1, 0, 2)
        away = (mean[..., :1] * right + mean[..., 1:] * down) * (FLIP[:2] / np.float32(FOUND))
        cells = self._canonical.cells
        axes = np.stack([right * FLIP[:2], down * FLIP[:2]], axis=-1).reshape(-1, 2, 2)[cells]
        return Misses(
            away.reshape(-1, 2)[cells],
            total.ravel()[cells],
            self._root @ _inverse(axes),
            float(weights.sum() / max(float(seen.sum()), 1e-6)),
        )


def _slope(middle: FloatArray) -> FloatArray:
    """Change ``(CELLS, CELLS, 2)`` along the first axis for each pixel of the canonical picture.

    What ``numpy.gradient`` gives, in a quarter of its time on so small an array.
    """
    ahead = np.concatenate([middle[1:2], middle[2:], middle[-1:]])
    behind = np.concatenate([middle[:1], middle[:-2], middle[-2:-1]])
    ends = np.array([1.0, *[2.0] * (CELLS - 2), 1.0], np.float32) * (SIDE // CELLS)
    return np.asarray((ahead - behind) / ends[:, None, None])


def _inverse(axes: FloatArray) -> FloatArray:
    """Inverses of matrices ``(C, 2, 2)``; zeros where a cell is seen from its edge and has none."""
    (a, b), (c, d) = axes.transpose(1, 2, 0)
    area = a * d - b * c
    share = np.where(np.abs(area) > LEAST_AREA, 1 / np.where(area == 0, 1, area), 0)
    return np.asarray(np.array([[d, -b], [-c, a]]).transpose(2, 0, 1) * share[:, None, None])


def _texture_root(template: ImageArray) -> FloatArray:
    """Roots ``(CELLS, CELLS, 2, 2)`` of how much of a motion each cell's texture tells, in either direction.

    Of the structure tensor's eigenvalues l, each becomes ``l / (l + PLAIN)``: 1 across a clear edge, 0 along it.
    """
    level = template.astype(np.float32)
    across, down = (
        cv2.Sobel(level, cv2.CV_32F, *d, ksize=3, scale=1 / 8) for d in ((1, 0), (0, 1))
    )
    parts = (across * across, across * down, across * down, down * down)
    tensor = np.stack([_binned(cv2.blur(p, (PATCH, PATCH))) for p in parts], axis=-1)
    values, vectors = np.linalg.eigh(tensor.reshape(CELLS, CELLS, 2, 2))
    values = np.maximum(values, 0)
    shares = np.sqrt(values / (values + PLAIN))
    return np.asarray(shares[..., None] * np.swapaxes(vectors, -1, -2), np.float32)


def _binned(values: FloatArray) -> FloatArray:
    """Means over the cells."""
    return cv2.resize(values, (CELLS, CELLS), interpolation=cv2.INTER_AREA).astype(np.float32)
