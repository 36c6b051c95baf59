# SPDX-License-Identifier: GPL-3.0-or-later
"""Baking: from footage and motion to a picture of the skin on the head's texture coordinates."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..capture.sources.frames import Frame
from ..errors import changed_footage
from ..model.crop import LANDMARK_MARGIN, ImageArray
from ..model.head import Head
from ..model.params import FloatArray
from ..solve.motion import Motion, solve_take
from ..take.take import Take
from .blend import SURE, Filler, match_sides, merge
from .delight import without_light
from .packed import pack
from .plausible import crown_of, face_of, hair_among, hidden_of, plausible
from .texels import Texels, texels_of
from .views import View, choose_frames, look, pose_head

SIDE, LARGE_SIDE = 1024, 2048
"""Pixels of the texture's side, and of one from close footage."""
LARGE_FACE = 250.0
"""Side of the landmarks' box, in image pixels, from which the larger picture shows more."""
SPREADING, FILLING = 120, 120
"""Times that neighbours are averaged where seen colours go over into usual ones, and to find where that is."""
NEAR_WALL = 6
"""Times that they are to find what lies near something that is not the actor."""
GRAIN = 0.05
"""Spread of the strands' brightness where hair is filled in."""


def bake_texture(
    motion: Motion,
    numbers: NDArray[np.int32],
    footage: Iterable[Frame],
    head: Head,
    side: int = SIDE,
    should_stop: Callable[[], bool] | None = None,
) -> ImageArray | None:
    """Bake the skin that the footage shows.

    The mean of some frames, spread over the directions that the head takes, each weighted by how
    squarely it sees each place (facing squared, depth tested, away from the outline); what none sees
    comes from the other side, and beyond that from the skin's and the hair's own colour.

    Args:
        motion: of the take, not smoothed.
        numbers: ``(F,)`` of the motion's frames in the footage.
        footage: read anew.
        head: of the take.
        side: of the picture, pixels.
        should_stop: asked after every frame that is looked at.

    Returns:
        ``(side, side, 3)`` BGR, the first row at v = 1; None if it was stopped.

    Raises:
        SourceError: none of the frames is in the footage any more.
    """
    texels = texels_of(head, side)
    rows = {int(numbers[row]): int(row) for row in choose_frames(motion)}
    views: list[View] = []
    for frame in footage:
        row = rows.pop(frame.number, None)
        if row is not None:
            views.append(look(frame.image, pose_head(motion, row, head), texels))
            if should_stop is not None and should_stop():
                return None
        if not rows:
            break
    if not views:
        raise changed_footage()
    colours, seen = merge(views)
    return texels.picture(finish(colours, seen, head, texels))


def texture_take(
    take: Take, footage: Iterable[Frame], head: Head, should_stop: Callable[[], bool] | None = None
) -> Take:
    """The take with the texture that its footage shows; as it was if that was stopped.

    Raises:
        SourceError: the footage has changed.
    """
    sizes = take.boxes[take.found, 2] / LANDMARK_MARGIN
    side = LARGE_SIDE if np.median(sizes) >= LARGE_FACE else SIDE
    picture = bake_texture(solve_take(take, head), take.frames, footage, head, side, should_stop)
    return take if picture is None else replace(take, texture=pack(picture))


def finish(colours: FloatArray, seen: FloatArray, head: Head, texels: Texels) -> FloatArray:
    """Colours ``(K, 3)`` of all texels from those that were seen, ``seen`` ``(K,)`` by how well."""
    filler = Filler(head, texels)
    seen = seen * _believed(colours, seen, head, filler)
    colours = without_light(colours, seen, head, texels)
    colours = match_sides(colours, seen, head, filler)
    sure = np.clip(seen / SURE, 0, 1)
    other = sure[texels.mirror]
    borrowed = colours[texels.mirror]
    # Smoothly from what was seen here to what was seen on the other side.
    share = sure / np.maximum(sure + (1 - sure) * other, 1e-6)
    colours = share[:, None] * colours + (1 - share)[:, None] * borrowed
    sure = np.maximum(sure, other)
    filled = texels.at(_unseen(colours, sure, head, filler))
    soft = (sure * sure * (3 - 2 * sure))[:, None]
    return np.asarray(soft * colours + (1 - soft) * filled, np.float32)


def _believed(colours: FloatArray, seen: FloatArray, head: Head, filler: Filler) -> FloatArray:
    """How far what was seen is the actor, ``(K,)`` 0 to 1; where a wall is near, it is in the mean."""
    parts = np.column_stack([face_of(head), crown_of(head), hidden_of(head)])
    face, crown, hidden = filler.texels.at(parts).T
    actor = plausible(colours, seen, face, crown)
    around, weights = filler.on_vertices(actor[:, None], np.minimum(seen, 1) + np.float32(1e-3))
    around = filler.texels.at(filler.smooth(around, weights, NEAR_WALL))[:, 0]
    clear = np.clip((around - 0.6) / 0.3, 0, 1) * actor
    return np.asarray(np.maximum(face, clear) * (1 - hidden), np.float32)


def _unseen(colours: FloatArray, sure: FloatArray, head: Head, filler: Filler) -> FloatArray:
    """Colours ``(N, 3)`` of vertices for the places that nobody saw."""
    values, weights = filler.on_vertices(colours, sure)
    known = weights > 0.5 * np.median(weights[weights > 0])
    crown = crown_of(head)
    face = known & (crown < 0.1)
    skin = np.median(values[face], axis=0)
    hair = hair_among(values[known & (crown > 0.9)], skin)
    grain = 1 + GRAIN * np.random.default_rng(0).standard_normal((len(values), 1))
    usual = skin + crown[:, None] * (hair * grain - skin)
    out = np.where(known[:, None], values, usual)
    # The border between what was seen and what was not is drawn out, the far end stays as usual.
    near = filler.spread(out, known, SPREADING)
    far = filler.smooth(known[:, None].astype(np.float32), np.ones(len(known), np.float32), FILLING)
    share = np.clip(2 * far, 0, 1)
    return np.asarray(share * near + (1 - share) * usual, np.float32)
