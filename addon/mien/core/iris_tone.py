# SPDX-License-Identifier: GPL-3.0-or-later
"""The colour of an actor's irises, from the pixels within them."""

import cv2
import numpy as np
from numpy.typing import NDArray

from .model.arkit import BLINKS
from .model.crop import ImageArray
from .model.eyeballs import eye_centres, eye_turns, eyeballs
from .model.gaze import gaze_from_blendshapes
from .model.head import Head
from .model.looks import Tone
from .model.params import FloatArray
from .model.rotation import to_matrices
from .solve.motion import Motion

FACING = 0.85
"""Cosine of the angle between gaze and camera from which an iris is seen as a disc."""
WIDE = 0.3
"""Weight of a blink from which the lids are too near."""
ACROSS, IRIS_WIDE = 12.0, 0.0119
"""Pixels that an iris must measure: film has half as many of colour, and blue eyes of 9 came out brown as the
skin around them; metres that it does."""
RADIUS, PATCH = 16, 88
"""Pixels of the iris, and of the side of the picture around it in which it is looked for."""
OFF = 12
"""Pixels of these by which it may lie beside where the gaze says."""
RING, BESIDE = (0.5, 0.85), 35.0
"""Shares of the radius between which it is neither pupil nor edge; degrees above and below the pupil's sides
within which lids and their shadow do not reach."""
LEAST = 4
"""Looks at an eye below which nothing is said."""
DARKER = 0.85
"""Brightness over the skin's above which it was no iris but a shine, or a lid."""
RANGE = (0.16, 0.55)
"""Of the brightest channel: footage that is dim or burnt out says nothing darker or lighter."""


def iris_colours(head: Head, motion: Motion, row: int, image: ImageArray) -> FloatArray:
    """Colours ``(n, 3)`` RGB, 0 to 1, of the irises that a frame shows, one each; none if it shows none."""
    found: list[FloatArray] = []
    gazes = gaze_from_blendshapes(motion.blendshapes[row : row + 1])[0]
    turn = to_matrices(motion.rotation[row : row + 1])[0]
    pixels = float(motion.scale[row])
    if pixels * IRIS_WIDE < ACROSS:
        return np.empty((0, 3), np.float32)
    for side, (ball, centre, rest, eye) in enumerate(
        zip(
            eyeballs(head),
            eye_centres(head, motion.identity),
            head.eye_centres,
            eye_turns(gazes),
            strict=True,
        )
    ):
        ahead = turn @ eye
        if motion.blendshapes[row, BLINKS[side]] > WIDE or ahead[2, 2] < FACING:
            continue
        radius = float(np.linalg.norm(head.vertices[ball] - rest, axis=1).mean())
        place = turn @ centre + radius * ahead[:, 2]
        at = place[:2] * [1, -1] * pixels + motion.position[row]
        reach = PATCH / 2 / RADIUS * IRIS_WIDE / 2 * pixels
        if (at < reach).any() or (at > np.array(image.shape[1::-1]) - 1 - reach).any():
            continue
        found.append(_inside(_around(image, at, ahead[:2, 0] * [1, -1], pixels)))
    return np.array(found, np.float32).reshape(-1, 3)


def iris_tone(colours: FloatArray, skin: Tone | None) -> Tone | None:
    """The colour of irises; None where the footage does not say it.

    Args:
        colours: ``(n, 3)`` of :func:`iris_colours`, from some frames.
        skin: of the same actor.
    """
    if len(colours) < LEAST:
        return None
    colour = np.median(colours, axis=0)
    top = float(colour.max())
    if top <= 0 or (skin is not None and top > DARKER * max(skin)):
        return None
    red, green, blue = (colour * np.clip(top, *RANGE) / top).tolist()
    return red, green, blue


def _around(
    image: ImageArray, at: FloatArray, across: NDArray[np.float64], pixels: float
) -> ImageArray:
    """What an image shows around an eye, level, the iris as large as :data:`RADIUS` says.

    Args:
        image: BGR.
        at: ``(2,)`` pixel in the middle.
        across: ``(2,)`` direction in the image of the eye's x axis.
        pixels: of the image a metre.
    """
    zoom = RADIUS / (IRIS_WIDE / 2 * pixels)
    x, y = zoom * across / max(float(np.linalg.norm(across)), 1e-6)
    turn = np.array([[x, y], [-y, x]])
    shift = PATCH / 2 - turn @ at
    found = cv2.warpAffine(image, np.column_stack([turn, shift]), (PATCH, PATCH))
    return np.asarray(found, np.uint8)


def _inside(patch: ImageArray) -> FloatArray:
    """The colour ``(3,)`` RGB of the iris in a patch: red, which is in all skin, is least where it is."""
    rows, columns = np.mgrid[:PATCH, :PATCH] - PATCH // 2
    size = (2 * RADIUS + 1, 2 * RADIUS + 1)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, size).astype(np.float32)
    red = cv2.filter2D(patch[..., 2].astype(np.float32), -1, disc / disc.sum())
    red = np.where(np.hypot(rows, columns) <= OFF, red, np.inf)
    y, x = np.unravel_index(int(red.argmin()), red.shape)
    rows, columns = np.mgrid[:PATCH, :PATCH]
    away = np.hypot(rows - y, columns - x) / RADIUS
    level = np.abs(rows - y) <= np.abs(columns - x) * np.tan(np.radians(BESIDE))
    ring = (RING[0] <= away) & (away <= RING[1]) & level
    return np.asarray(np.median(patch[ring], axis=0)[::-1] / 255, np.float32)
