# SPDX-License-Identifier: GPL-3.0-or-later
"""The face at rest: which frames of a take show it, and what the network says of each weight there.

A network says a little of many weights on a face that does nothing: brows that stand high on this
person, lips that are a little apart. An animator wants a face at rest to be rest, so what is said
there is taken off everywhere.
"""

import re
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import MienError
from ..model.arkit import ARKIT_BLENDSHAPES, BLINKS
from ..model.gaze import gaze_from_blendshapes, set_gaze
from ..model.params import FloatArray
from ..modes import NeutralFace

Neutral = NeutralFace | Literal["auto", "off"] | tuple[float, float]
"""Where a take's face is at rest: found by itself, nowhere, or from one second to another."""

LOW = 0.1
"""What a weight is above, in all but this share of the frames, is no motion of it."""
QUIET = 0.08
"""Share of the frames, those in which least happens, that show the face at rest."""
USUAL = 0.25
"""A weight rests no higher than in all but this share of the frames, whatever the quiet ones say."""
LEAST_FRAMES = 5
"""From fewer no face at rest is told (chosen by eye)."""
LEAST_SECONDS = 1.0
"""A shorter take, or a picture, need not hold the face at rest at all."""
CONFIDENT = 0.9
"""Frames of less confidence say nothing about rest, unless there are no others."""
MOST_REST = {"eye": 0.0, "brow": 0.3, "mouthSmile": 0.1, "": 0.2}
"""By beginnings of names: a weight that is always higher than this acts and does not rest; a smile all the take
stays one. People's brows stand higher or lower by about half of what brows move (chosen on four clips).
Lids rest where they are open, the gaze and how wide an eye is have no rest."""
_MOST: FloatArray = np.array(
    [
        next(v for start, v in MOST_REST.items() if name.startswith(start))
        for name in ARKIT_BLENDSHAPES
    ],
    np.float32,
)
"""The same for each of the 52."""
MOST_LID_REST = 0.2
"""Lids hang no lower at rest: below that they are shut or look down (chosen by eye)."""
_FACE = np.flatnonzero(_MOST)
"""The weights that have a rest, by which it is told how much happens."""
GAZE = [i for i, name in enumerate(ARKIT_BLENDSHAPES) if name.startswith("eyeLook")]
"""Places of the eight weights of the gaze."""


class Rest(NamedTuple):
    """The face at rest.

    Attributes:
        blendshapes: ``(52,)`` what the network says of each weight there; 0 of the gaze.
        frames: ``(F,)`` which frames show it.
    """

    blendshapes: FloatArray
    frames: NDArray[np.bool_]

    def median(self, values: FloatArray) -> FloatArray:
        """Median ``(C,)`` of values ``(F, C)`` over the frames at rest; 0 if there are none."""
        if not self.frames.any():
            return np.zeros(values.shape[1], np.float32)
        return np.median(values[self.frames], axis=0).astype(np.float32)


def find_rest(
    blendshapes: FloatArray,
    times: NDArray[np.float64],
    confidence: FloatArray,
    neutral: Neutral = NeutralFace.AUTO,
) -> Rest:
    """What is to be taken off the weights of a take.

    Found by itself, it comes from the frames in which least happens: those whose weights add up to
    least above their low percentiles. A weight rests at its median there, if that is not above its
    own first quartile in the take, nor above what rest can be at most.

    Args:
        blendshapes: ``(F, 52)`` by the network, F at least 1.
        times: ``(F,)`` seconds.
        confidence: ``(F,)``.
        neutral: where to look. Of a range without a frame the nearest frame counts; in a range
            everything rests, the lids too, however high it is.
    """
    if neutral == NeutralFace.OFF:
        return Rest(np.zeros(len(ARKIT_BLENDSHAPES), np.float32), np.zeros(len(blendshapes), bool))
    if neutral != NeutralFace.AUTO:
        within = _between(times, *neutral)
        found = np.median(blendshapes[within], axis=0)
        found[GAZE] = 0
        return Rest(found.astype(np.float32), within)
    sure = confidence >= CONFIDENT
    if not sure.any():
        sure = np.ones(len(blendshapes), bool)
    quiet = np.zeros(len(blendshapes), bool)
    if sure.sum() < LEAST_FRAMES or times[-1] - times[0] < LEAST_SECONDS:
        return Rest(np.zeros(len(ARKIT_BLENDSHAPES), np.float32), quiet)
    low = np.quantile(blendshapes[sure], LOW, axis=0)
    activity = np.maximum(blendshapes - low, 0)[:, _FACE].sum(axis=1)
    activity[~sure] = np.inf
    quiet[np.argsort(activity, kind="stable")[: max(LEAST_FRAMES, int(QUIET * sure.sum()))]] = True
    found = np.minimum(
        np.median(blendshapes[quiet], axis=0), np.quantile(blendshapes[sure], USUAL, axis=0)
    )
    out = np.clip(found, 0, _MOST)
    # Quiet frames may be ones in which someone looks down; eyes are open as far as in most others.
    out[BLINKS] = np.minimum(low[BLINKS], MOST_LID_REST)
    return Rest(out.astype(np.float32), quiet)


def gaze_ahead(blendshapes: FloatArray, at_rest: NDArray[np.bool_]) -> FloatArray:
    """Weights ``(F, 52)`` of eyes that look ahead in the frames ``(F,)`` in which the face rests."""
    eyes = gaze_from_blendshapes(blendshapes)
    return set_gaze(blendshapes, eyes - np.median(eyes[at_rest], axis=0))


def parse_neutral(text: str) -> Neutral:
    """``auto``, ``off``, a second such as ``2.5``, or a range such as ``2.5-4``.

    Raises:
        MienError: it is none of these.
    """
    if text in (NeutralFace.AUTO, NeutralFace.OFF):
        return NeutralFace(text)
    number = r"(\d+(?:\.\d*)?|\.\d+)"
    match = re.fullmatch(f"{number}(?:-{number})?", text.strip())
    if match is None:
        raise MienError(
            f"The neutral face {text!r} makes no sense; give auto, off, a second, or a range such as 2.5-4."
        )
    first, last = float(match[1]), float(match[2] or match[1])
    return min(first, last), max(first, last)


def _between(times: NDArray[np.float64], first: float, last: float) -> NDArray[np.bool_]:
    within = (times >= first - 1e-6) & (times <= last + 1e-6)
    if not within.any():
        away = np.abs(times - first)
        within = away <= away.min()
    return np.asarray(within)
