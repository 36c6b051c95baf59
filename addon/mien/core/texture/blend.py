# SPDX-License-Identifier: GPL-3.0-or-later
"""Views of the skin made one: exposures matched, a robust mean, sides matched, the unseen filled."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix, diags, identity

from ..capture.flip_augmentation import Mirror
from ..model.head import Head
from ..model.params import FloatArray
from .texels import Places
from .views import View

OUTLIER = 18.0
"""Levels from the mean at which a view counts half (Cauchy)."""
ROUNDS = 2
"""Of reweighting: a few outliers among many views are out after two (chosen by eye)."""
SURE = 1.0
"""Sum of weights from which a texel is as it was seen."""
SMOOTHING = 60
"""Times that neighbouring vertices are averaged for what is light and not skin: some two centimetres."""
MATCHED = 0.85
"""How much of the difference between the sides is taken for light."""


def merge(views: list[View]) -> tuple[FloatArray, FloatArray]:
    """Colours ``(K, 3)`` on which the views agree, and how well each texel is seen ``(K,)``."""
    gains = _gains(views)
    total = np.sum([v.weights.astype(np.float32) for v in views], axis=0)
    mean = _mean(views, gains, [v.weights.astype(np.float32) for v in views])
    for _ in range(ROUNDS):
        robust = [
            v.weights / (1 + (((v.colours * g - mean) / OUTLIER) ** 2).mean(axis=1))
            for v, g in zip(views, gains, strict=True)
        ]
        mean = _mean(views, gains, robust)
    return mean, np.asarray(total, np.float32)


def _mean(views: list[View], gains: FloatArray, weights: list[FloatArray]) -> FloatArray:
    summed = np.zeros(views[0].colours.shape, np.float32)
    total = np.full(len(summed), 1e-6, np.float32)
    for view, gain, weight in zip(views, gains, weights, strict=True):
        summed += (view.colours * gain) * weight[:, None]
        total += weight
    return summed / total[:, None]


def _gains(views: list[View]) -> FloatArray:
    """Factors ``(n, 3)`` that bring every view to the exposure of the best seen one."""
    best = max(views, key=lambda v: float(v.weights.astype(np.float32).sum()))
    gains = []
    for view in views:
        both = np.minimum(view.weights, best.weights).astype(np.float32) > 0.3
        here, there = view.colours[both], best.colours[both]
        enough = both.sum() > 100
        gains.append(np.median((there + 8.0) / (here + 8.0), axis=0) if enough else np.ones(3))
    return np.asarray(np.clip(gains, 0.5, 2), np.float32)


class Filler:
    """Colours of a head's vertices, spread over its surface."""

    def __init__(self, head: Head, texels: Places, among: NDArray[np.bool_] | None = None) -> None:
        """Links of a head's vertices; of those ``among`` which colours are averaged, if they are fewer."""
        self.texels = texels
        count = len(head.vertices)
        ends = np.concatenate([head.quads[:, [k, (k + 1) % 4]] for k in range(4)])
        ends = np.concatenate([ends, ends[:, ::-1]])
        links = coo_matrix((np.ones(len(ends)), ends.T), shape=(count, count)).tocsr()
        links.data[:] = 1
        if among is not None:
            kept = diags(among.astype(np.float64))
            links = (kept @ links @ kept).tocsr()
            links.eliminate_zeros()
        self._average = (
            diags(1 / np.maximum(np.asarray(links.sum(axis=1)).ravel(), 1)) @ links
        ).tocsr()
        self._half = ((identity(count) + self._average) / 2).tocsr().astype(np.float32)
        flat = (
            texels.weights.ravel(),
            (texels.corners.ravel(), np.repeat(np.arange(len(texels.rows)), 3)),
        )
        self._gather = csr_matrix(flat, shape=(count, len(texels.rows)))

    def on_vertices(self, colours: FloatArray, sure: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Colours ``(N, 3)`` and weights ``(N,)`` of vertices from those of texels."""
        weight = self._gather @ sure
        summed = self._gather @ (colours * sure[:, None])
        return summed / np.maximum(weight, 1e-6)[:, None], weight

    def smooth(self, values: FloatArray, weights: FloatArray, rounds: int) -> FloatArray:
        """A weighted average over the surface, ``(N, C)``."""
        summed = np.column_stack([values * weights[:, None], weights]).astype(np.float32)
        for _ in range(rounds):
            summed = self._half @ summed
        return np.asarray(summed[:, :-1] / np.maximum(summed[:, -1:], 1e-9))

    def spread(self, values: FloatArray, known: NDArray[np.bool_], rounds: int) -> FloatArray:
        """Known colours stay; the others come to lie between them and what they were."""
        out = values.copy()
        for _ in range(rounds):
            out[~known] = (self._average @ out)[~known]
        return out


def match_sides(colours: FloatArray, sure: FloatArray, head: Head, filler: Filler) -> FloatArray:
    """Colours whose left and right half are equally lit: side light belongs to the room, not to the skin."""
    values, weights = filler.on_vertices(colours, np.minimum(sure, 1))
    level = np.log(filler.smooth(values, weights, SMOOTHING) + 4)
    mirror = Mirror(head).vertices
    both = np.minimum(weights, weights[mirror]) + 1e-6
    ratio = filler.smooth(np.clip(level[mirror] - level, -1, 1), both, SMOOTHING)
    gain = np.exp(MATCHED / 2 * filler.texels.at(ratio.astype(np.float32)))
    return np.asarray(colours * gain, np.float32)
