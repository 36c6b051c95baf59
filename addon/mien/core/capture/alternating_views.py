# SPDX-License-Identifier: GPL-3.0-or-later
"""A face followed through footage, seen straight in one frame and in a mirror in the next.

Two looks at every frame would cost twice as much. What tells both views apart changes slowly while the face
is calm, so that it can be had from the frames around (:mod:`.view_mean`). Where the face moves fast it cannot,
and there both views are looked at.
"""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..model.arkit import N_BLENDSHAPES
from ..model.crop import CropBox, recrop
from ..model.params import N_PARAMS, POSE, FloatArray, split
from ..model.point_model import PointModel
from .regressor import Regression, Regressor
from .upright_view import LEANING, turn_of

CALM_WEIGHT, CALM_PIXELS = 0.2, 0.7
"""A face that has gone further in two frames is fast: one of its 52 weights, or its landmarks in the crop, in the
mean, as its pose moves them. On three real clips one frame in three is looked at both ways then, and the take is as
steady as with both views of every frame to .02 % of the face's box."""
CALM_FRAMES = 2
"""Both views are looked at for so long after a fast frame: a blink's lid may pass the same height twice, two frames
apart."""
SURE = 0.99
"""A face of which one view is less confident than this is looked at both ways; faces in film are above it."""
MEMORY = 0.2
"""Share of the newest frame in the running half difference of the views: some five count."""
_DIFFERENCE = np.array([1, 2, 1], np.float32) / 4
"""Over three frames that change sides: 1 for what changes sides with them, and 0 for an even motion."""


class SeenView(NamedTuple):
    """A face in one frame.

    Attributes:
        values: ``(114,)`` parameters and blendshapes by one view, told as of the straight crop.
        side: 1 for the straight view, -1 for that in the mirror.
        box: the crop.
        half: ``(114,)`` half of what the mirrored view says more than the straight one, so that the mean of both
            is ``values + side * half``; None where one alone was looked at.
    """

    values: FloatArray
    side: int
    box: CropBox
    half: FloatArray | None


def in_one_crop(frames: Sequence[SeenView], box: CropBox) -> FloatArray:
    """``(n, 114)`` what was seen in frames, told as of one crop, negative by the view in the mirror."""
    values = np.stack([seen.values for seen in frames])
    sides = np.array([[seen.side] for seen in frames], np.float32)
    boxes = np.array([seen.box for seen in frames], np.float32)
    transforms = split(values[:, :N_PARAMS]).transform
    there = recrop(transforms, boxes, np.array(box, np.float32))
    values[:, POSE] = there.reshape(len(frames), -1)
    return sides * values


class AlternatingViews:
    """The looks at one face that is followed.

    A regressor without a mirror sees all frames straight, as live from a camera. A head that leans is looked at
    upright, as far as it leant when it was last found to have gone over.
    """

    def __init__(self, regressor: Regressor, landmarks: PointModel) -> None:
        self._regressor = regressor
        self._landmarks = np.column_stack([landmarks.mean, np.ones(len(landmarks.mean))]).T
        self._side = 1
        self._past: deque[SeenView] = deque(maxlen=2)
        self._both_for = 0
        self._roll = 0.0
        self._half = np.zeros(N_PARAMS + N_BLENDSHAPES, np.float32)

    def begin(self, crop: NDArray[np.uint8], box: CropBox) -> tuple[Regression, SeenView]:
        """Look at the crop ``(120, 120, 3)`` of a box, which is none of a row of frames."""
        self._past.clear()
        self._roll = 0.0
        own, _ = self._look_upright(crop)
        if not self._regressor.mirrors:
            return own, _straight(own, box)
        return self._both(own, crop, SeenView(_values(own), 1, box, None), memory=1.0)

    def follow(self, crop: NDArray[np.uint8], box: CropBox) -> tuple[Regression, SeenView]:
        """Look at the crop ``(120, 120, 3)`` of a box in the next frame.

        Returns:
            What is known of it at once (by one view, the difference of the views is that of the frames before), and
            what was seen.
        """
        if not self._regressor.mirrors:
            own, _ = self._look_upright(crop)
            return own, _straight(own, box)
        side = self._side = -self._side
        own, gone_over = self._look_upright(crop, mirrored=side < 0)
        seen = SeenView(_values(own), side, box, None)
        frames = [*self._past, seen]
        fast = gone_over or self._is_fast(frames)
        self._past.append(seen)
        self._both_for = 1 + CALM_FRAMES if fast else max(0, self._both_for - 1)
        if self._both_for or own.confidence[0] < SURE:
            return self._both(own, crop, seen, MEMORY)
        self._remember(-_DIFFERENCE @ in_one_crop(frames, box), MEMORY)
        return _regression(seen.values + side * self._half, own.confidence), seen

    def _look(self, crop: NDArray[np.uint8], mirrored: bool = False) -> Regression:
        rolls = np.array([self._roll], np.float32) if self._roll else None
        return self._regressor.look(crop[None], mirrored, rolls)

    def _look_upright(
        self, crop: NDArray[np.uint8], mirrored: bool = False
    ) -> tuple[Regression, bool]:
        """A look, and whether the head has gone over since it was turned upright: then it is turned anew."""
        own = self._look(crop, mirrored)
        roll = float(turn_of(own.params)[0])
        gone_over = np.cos(roll - self._roll) < np.cos(LEANING)
        if gone_over:
            self._roll = roll
            own = self._look(crop, mirrored)
        return own, bool(gone_over)

    def _is_fast(self, frames: Sequence[SeenView]) -> bool:
        if len(frames) < 3:
            return True
        gone = frames[-1].values - frames[0].values  # by the same view
        moved = np.abs(gone[N_PARAMS:]).max()
        away = gone[POSE].reshape(3, 4)[:2] @ self._landmarks
        return not (moved < CALM_WEIGHT and np.hypot(*away).mean() < CALM_PIXELS)

    def _both(
        self, own: Regression, crop: NDArray[np.uint8], seen: SeenView, memory: float
    ) -> tuple[Regression, SeenView]:
        other = self._look(crop, mirrored=seen.side > 0)
        half = seen.side * (_values(other) - seen.values) / 2
        self._remember(half, memory)
        confidence = (own.confidence + other.confidence) / 2
        return _regression(seen.values + seen.side * half, confidence), seen._replace(half=half)

    def _remember(self, half: FloatArray, share: float) -> None:
        self._half = self._half + share * (half - self._half)


def _straight(said: Regression, box: CropBox) -> SeenView:
    values = _values(said)
    return SeenView(values, 1, box, np.zeros_like(values))


def _values(said: Regression) -> FloatArray:
    return np.concatenate([said.params[0], said.blendshapes[0]])


def _regression(values: FloatArray, confidence: FloatArray) -> Regression:
    return Regression(values[None, :N_PARAMS], values[None, N_PARAMS:].clip(0, 1), confidence)
