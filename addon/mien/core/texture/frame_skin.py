# SPDX-License-Identifier: GPL-3.0-or-later
"""What one frame says of the face's skin that the still texture does not."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..model.arkit import BLINKS
from ..model.crop import ImageArray
from ..model.head import Head
from ..model.params import FloatArray
from ..solve.motion import Motion
from .blend import Filler
from .facial import Facial
from .views import SMALLEST, look, pose_head, ramp

DARKEST = 4.0
"""Levels added before a logarithm is taken, so that black has one."""
SEEN = 0.4
"""Confidence from which a frame begins to count; from :data:`mien.core.texture.views.SMALLEST` on it does."""
RESOLVED = (350.0, 600.0)
"""Image pixels a metre: a face of 50 pixels shows nothing that the still texture lacks, one of 85 does."""
MOVING = (0.35, 0.1)
"""Metres a second at which the head is smeared, and at which it is sharp."""
LIGHT, ROUGH = 160, 40
"""Times that neighbouring vertices are averaged for what is light and not skin: some three centimetres, more than
a fold of a cheek is wide; half of that to find what is neither."""
CODED = 1.0
"""Pixels by which a frame's colours are blurred, not its brightness: film holds them coarsely, in blocks."""
LARGEST = 1.5
"""Logarithm of the most that light is taken to differ by."""
CHANGED = 0.3
"""Logarithm of the difference beyond the light at which a place counts half when the light is found."""
STRANGE, SHADED = (0.35, 0.18), (1.1, 0.7)
"""Logarithms of a channel over the brightness, and of the brightness, over the still texture's, that no crease,
lip or brow makes, and that one does."""
CAST, SHADOWED = (0.5, 0.3), (1.6, 1.2)
"""The same for what is light: cloth before half of a face is smooth, and yet no lamp."""
SURE = 0.2
"""Share of what the best seen vertex is seen by, from which one says what the light is like."""
SOFTENED = 3
"""Times that neighbours are averaged so that what is taken to be strange has no edge."""


@dataclass(frozen=True)
class Change:
    """How a frame's skin differs from the still texture at K texels.

    Attributes:
        amount: ``(K, 3)`` logarithm of its colours over the still ones, the frame's light taken off.
        weights: ``(K,)`` 0 to 1, how far it is to be believed.
    """

    amount: NDArray[np.float16]
    weights: NDArray[np.float16]


class FrameSkin:
    """Compares the frames of a take with its still texture."""

    def __init__(self, motion: Motion, head: Head, facial: Facial, still: ImageArray) -> None:
        self._motion, self._head, self._facial = motion, head, facial
        places = facial.places
        among = np.zeros(len(head.vertices), bool)
        among[places.corners] = True
        self._filler = Filler(head, places, among)
        self._still = np.log(still[places.rows, places.columns].astype(np.float32) + DARKEST)
        self._sharp = sharpness(motion)

    def look(self, image: ImageArray, row: int) -> Change | None:
        """What a frame ``(h, w, 3)`` says; None if it shows nothing.

        Its light is what differs smoothly over the face, by some three centimetres: this the still texture
        keeps, so that no lamp flickers on the head and no seam is seen.
        """
        if not self._sharp[row]:
            return None
        posed = pose_head(self._motion, row, self._head)
        places, filler = self._facial.places, self._filler
        view = look(_with_calm_colours(image), posed, places)
        motion = self._motion
        free = self._facial.free(posed, float(motion.scale[row]), motion.blendshapes[row, BLINKS])
        weights = view.weights.astype(np.float32) * free
        amount = np.log(view.colours.astype(np.float32) + DARKEST) - self._still
        off, sure = filler.on_vertices(amount, weights)
        if not (sure > 0).any():
            return None
        off = np.clip(off, -LARGEST, LARGEST)
        light = filler.smooth(off, sure, ROUGH)
        differs = ((off - light) / CHANGED) ** 2
        light = filler.smooth(off, sure / (1 + differs.mean(axis=1)), LIGHT)
        usual = np.median(light[sure > SURE * sure.max()], axis=0)
        skin = _likely(off - light, STRANGE, SHADED) * _likely(light - usual, CAST, SHADOWED)
        skin = filler.smooth(skin[:, None], sure + np.float32(1e-6), SOFTENED)
        amount -= places.at(light)
        weights *= places.at(skin)[:, 0] * self._sharp[row]
        return Change(amount.astype(np.float16), weights.astype(np.float16))


def _likely(
    off: FloatArray, tinted: tuple[float, float], shaded: tuple[float, float]
) -> FloatArray:
    """How far differences ``(N, 3)`` of logarithms can be skin's, ``(N,)`` 0 to 1."""
    bright = off.mean(axis=1)
    tint = np.abs(off - bright[:, None]).max(axis=1)
    return ramp(tint, tinted) * ramp(np.abs(bright), shaded)


def _with_calm_colours(image: ImageArray) -> ImageArray:
    """A frame whose colours are blurred and whose brightness is as it was."""
    bright, *tints = cv2.split(cv2.cvtColor(image, cv2.COLOR_BGR2YCrCb))
    calm = [cv2.GaussianBlur(tint, (0, 0), CODED) for tint in tints]
    return cv2.cvtColor(cv2.merge([bright, *calm]), cv2.COLOR_YCrCb2BGR).astype(np.uint8)


def sharpness(motion: Motion) -> FloatArray:
    """``(F,)`` 0 to 1, how far each frame of a motion shows skin: found, large enough, and not smeared."""
    seconds = np.gradient(motion.times) if len(motion.times) > 1 else np.ones(1)
    speed = np.zeros(len(motion.times))
    if len(motion.times) > 1:
        moved = np.gradient(motion.position.astype(np.float64), axis=0) / motion.scale[:, None]
        speed = np.linalg.norm(moved, axis=1) / seconds
    smeared = ramp(speed.astype(np.float32), MOVING)
    return np.asarray(
        ramp(motion.confidence, (SEEN, SMALLEST)) * ramp(motion.scale, RESOLVED)
        * smeared, np.float32,
    )  # fmt: skip
