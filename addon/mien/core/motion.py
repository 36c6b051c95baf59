# SPDX-License-Identifier: GPL-3.0-or-later
"""From a take to motion: one identity, a pose and a face for every frame, no gaps, no flips."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .errors import TakeError
from .eyelids import with_lids_closed
from .head import Head
from .params import CROP_SIZE, FloatArray, decompose, split
from .rotation import interpolate, to_quaternions, unroll
from .take import Take

OUTLIER = 1.5
"""A frame's coefficient further than this from the average, in standard deviations of the model,
counts less the further it is (Huber's rule)."""
ROUNDS = 8


@dataclass(frozen=True)
class Motion:
    """What a scene is built from; F frames, every number finite.

    Attributes:
        times: ``(F,)`` seconds.
        identity: ``(40,)`` of the whole take.
        expression: ``(F, 10)``.
        units: ``(F, 52)`` ARKit weights in [0, 1].
        scale: ``(F,)`` image pixels a metre.
        rotation: ``(F, 4)`` unit quaternions w, x, y, z; model axes to x right, y up, z to viewer.
            Neighbours have the same sign.
        position: ``(F, 2)`` where the model's origin lies in the image: pixels, x right, y down.
        confidence: ``(F,)`` 0 where the face was lost and the numbers are filled in.
        width, height: of the footage in pixels.
        fps: its nominal frame rate.
    """

    times: NDArray[np.float64]
    identity: FloatArray
    expression: FloatArray
    units: FloatArray
    scale: FloatArray
    rotation: FloatArray
    position: FloatArray
    confidence: FloatArray
    width: int
    height: int
    fps: float


def motion_of(take: Take, head: Head | None = None) -> Motion:
    """Solve a take for what stays the same and what moves.

    Lost frames are interpolated between their neighbours (rotations along the shortest arc) and
    held at the ends. Nothing is smoothed.

    Args:
        take: of one face.
        head: that it was captured with; its expressions then blink as far as the weights do. Not
            needed where the weights alone are used.

    Raises:
        TakeError: the face was lost in every frame.
    """
    found = take.found
    if not found.any():
        raise TakeError("The take holds no frame with a face; capture it again.")
    times, known = take.times, take.times[found]
    params = split(take.params[found])
    boxes = take.boxes[found]
    pose = decompose(params.transform)
    zoom = boxes[:, 2] / CROP_SIZE
    position = boxes[:, :2] + zoom[:, None] * pose.translation[:, :2] * np.array(
        [1, -1], np.float32
    )
    units = np.clip(_fill(times, known, take.units[found]), 0, 1)
    expression = _fill(times, known, params.expression)
    if head is not None:
        expression = with_lids_closed(expression, units, head)
    return Motion(
        times=times,
        identity=average_identity(params.identity, take.confidence[found]),
        expression=expression,
        units=units,
        scale=_fill(times, known, (pose.scale * zoom)[:, None])[:, 0],
        rotation=unroll(to_quaternions(interpolate(times, known, pose.rotation))),
        position=_fill(times, known, position),
        confidence=take.confidence,
        width=take.info.width,
        height=take.info.height,
        fps=take.info.fps,
    )


def average_identity(identity: FloatArray, confidence: FloatArray) -> FloatArray:
    """One identity ``(40,)`` for a take: the robust, confidence-weighted average over frames.

    Args:
        identity: ``(F, 40)`` per frame.
        confidence: ``(F,)``.
    """
    mean = np.median(identity, axis=0)
    for _ in range(ROUNDS):
        away = np.abs(identity - mean)
        weights = np.minimum(1.0, OUTLIER / np.maximum(away, 1e-6)) * confidence[:, None]
        mean = (weights * identity).sum(axis=0) / weights.sum(axis=0)
    return mean.astype(np.float32)


def _fill(times: NDArray[np.float64], known: NDArray[np.float64], values: FloatArray) -> FloatArray:
    """Values ``(K, C)`` at known times, linearly at all ``(F,)`` times, held at the ends."""
    columns = [np.interp(times, known, column) for column in values.T]
    return np.stack(columns, axis=1).astype(np.float32)
