# SPDX-License-Identifier: GPL-3.0-or-later
"""The skin in motion: a texture for every frame of a take, from its still texture and its footage."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from ..capture.sources.frames import Frame
from ..errors import changed_footage
from ..model.crop import ImageArray
from ..model.head import Head
from ..model.params import FloatArray
from ..solve.motion import Motion
from .facial import facial_of
from .frame_skin import DARKEST, Change, FrameSkin
from .texels import texels_of

STEADY = 0.035
"""Seconds, the deviation of the bell over which frames are averaged: noise goes, a wrinkle takes a tenth of one."""
REACH = 4
"""Frames to either side that are averaged at most, whatever the rate."""
FAINT = 0.02
"""Weight in the bell below which a frame is left out."""


def texture_sequence(
    motion: Motion,
    numbers: NDArray[np.int32],
    footage: Iterable[Frame],
    head: Head,
    still: ImageArray,
    should_stop: Callable[[], bool] | None = None,
) -> Iterator[ImageArray]:
    """Paint a texture for every frame of a motion, in order; fewer if it is stopped.

    A frame's skin is laid over the still texture where it is seen squarely and sharply
    (:mod:`.views`), away from eyes and mouth (:mod:`.facial`), its light taken off
    (:mod:`.frame_skin`); neighbouring frames are averaged. What no frame shows then is the still
    texture. A window of frames is held and no more, however long the take is.

    Args:
        motion: of the take, not smoothed.
        numbers: ``(F,)`` of the motion's frames in the footage.
        footage: read anew.
        head: of the take.
        still: ``(side, side, 3)`` BGR, as :func:`mien.core.texture.bake.bake_texture` gives it.
        should_stop: asked before every frame.

    Yields:
        ``(side, side, 3)`` BGR, one for each frame of the motion.

    Raises:
        SourceError: none of the frames is in the footage any more.
    """
    facial = facial_of(head, texels_of(head, len(still)))
    base = still[facial.places.rows, facial.places.columns].astype(np.float32) + DARKEST
    rows, columns, texel = facial.pixels
    changes = _changes(motion, numbers, footage, FrameSkin(motion, head, facial, still))
    held: deque[tuple[int, Change | None]] = deque()
    coming = 0
    for row in range(len(motion.times)):
        if should_stop is not None and should_stop():
            return
        near = _bell(motion.times, row)
        while coming <= max(near):
            held.append((coming, next(changes)))
            coming += 1
        while held[0][0] < min(near):
            held.popleft()
        picture = still.copy()
        seen = [(near[k], change) for k, change in held if k in near and change is not None]
        if seen:
            amount, share = _average(seen)
            colours = base * np.exp(share[:, None] * amount) - DARKEST
            picture[rows, columns] = np.clip(np.rint(colours), 0, 255).astype(np.uint8)[texel]
        yield picture


def _changes(
    motion: Motion, numbers: NDArray[np.int32], footage: Iterable[Frame], skin: FrameSkin
) -> Iterator[Change | None]:
    """What each frame of a motion says, in order; None for one that is not in the footage."""
    row, met = 0, False
    for frame in footage:
        while row < len(numbers) and numbers[row] < frame.number:
            yield None
            row += 1
        if row == len(numbers):
            break
        if numbers[row] == frame.number:
            met = True
            yield skin.look(frame.image, row)
            row += 1
    if not met:
        raise changed_footage()
    yield from [None] * (len(numbers) - row)


def _bell(times: NDArray[np.float64], row: int) -> dict[int, float]:
    """The frames that are averaged with one, itself among them, and their weights, which add up to 1."""
    near = np.arange(max(0, row - REACH), min(len(times), row + REACH + 1))
    weights = np.exp(-0.5 * ((times[near] - times[row]) / STEADY) ** 2)
    kept = weights >= FAINT
    weights = weights[kept] / weights[kept].sum()
    return dict(zip(near[kept].tolist(), weights.tolist(), strict=True))


def _average(seen: list[tuple[float, Change]]) -> tuple[FloatArray, FloatArray]:
    """The mean ``(K, 3)`` of what frames say, by weights, and how far it is to be believed ``(K,)``."""
    total = np.zeros(seen[0][1].amount.shape, np.float32)
    share = np.zeros(len(total), np.float32)
    for bell, change in seen:
        weights = np.float32(bell) * change.weights.astype(np.float32)
        total += weights[:, None] * change.amount
        share += weights
    return total / np.maximum(share, 1e-6)[:, None], share
