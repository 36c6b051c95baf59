# SPDX-License-Identifier: GPL-3.0-or-later
"""How well the 52 weights are met: blinks, and each weight's curve."""

import numpy as np
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.params import FloatArray

BLINKS = [ARKIT_BLENDSHAPES.index("eyeBlinkLeft"), ARKIT_BLENDSHAPES.index("eyeBlinkRight")]
CLOSED = 0.5
"""Weight from which an eye counts as closed: half."""
LEAST_MOTION = 0.02
"""Standard deviation below which a weight does not move enough to speak of its curve."""
# MediaPipe's points of the subject's left and right eye: outer corner, two of the upper lid, inner
# corner, two of the lower lid.
EYES = ((263, 387, 385, 362, 380, 373), (33, 160, 158, 133, 153, 144))
SHAPES = ("lips", "mouth_width", "brows")
EYES_SPAN, LIPS_APART, MOUTH_CORNERS = (33, 263), (13, 14), (61, 291)
"""Among MediaPipe's points: outer corners of the eyes, middle of the lips' inner edges, corners of the mouth."""
# Middle of a brow, outer and inner corner of the eye below it.
BROWS = ((334, 263, 362), (105, 33, 133))


def blink_f1(predicted: FloatArray, truth: FloatArray) -> float:
    """F1 of "this eye is closed in this frame", both weights ``(n,)`` taken as closed above a half.

    Returns:
        NaN where no eye is closed in truth.
    """
    said, closed = predicted > CLOSED, truth > CLOSED
    if not closed.any():
        return float("nan")
    return float(2 * (said & closed).sum() / (said.sum() + closed.sum()))


def correlations(predicted: FloatArray, truth: FloatArray) -> dict[str, float]:
    """Correlation of each weight ``(n, 52)`` with the true one; NaN for those that do not move."""
    out = {}
    for k, name in enumerate(ARKIT_BLENDSHAPES):
        said, true = predicted[:, k], truth[:, k]
        moves = true.std() > LEAST_MOTION and said.std() > 0
        out[name] = float(np.corrcoef(said, true)[0, 1]) if moves else float("nan")
    return out


def eye_aspect(points: FloatArray) -> FloatArray:
    """Height over width of the subject's left and right eye ``(..., 2)`` of 468 points."""
    out = []
    for outer, high, higher, inner, lower, low in EYES:
        height = _distance(points, high, low) + _distance(points, higher, lower)
        out.append(height / (2 * _distance(points, outer, inner)))
    return np.stack(out, axis=-1).astype(np.float32)


def face_shape(points: FloatArray) -> FloatArray:
    """:data:`SHAPES` ``(..., 3)`` of 468 points: how far the lips are apart, how wide the mouth is, how high
    the brows stand over the eyes, each over the distance between the eyes' outer corners."""
    brows = sum(
        _distance(points, brow, outer) + _distance(points, brow, inner)
        for brow, outer, inner in BROWS
    )
    sizes = [_distance(points, *LIPS_APART), _distance(points, *MOUTH_CORNERS), brows / 4]
    return (np.stack(sizes, axis=-1) / _distance(points, *EYES_SPAN)[..., None]).astype(np.float32)


def _distance(points: FloatArray, one: int, other: int) -> FloatArray:
    return np.asarray(np.linalg.norm(points[..., one, :2] - points[..., other, :2], axis=-1))
