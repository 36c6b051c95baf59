# SPDX-License-Identifier: GPL-3.0-or-later
"""Heads made from nothing: skin, brows, lips, beard and hair painted on the vertices."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .anatomy import Anatomy

F = NDArray[np.float32]
Rng = np.random.Generator

# Skin tones from light to dark, BGR.
SKINS = np.array(
    [(175, 200, 235), (150, 180, 222), (128, 160, 208), (105, 140, 190), (80, 115, 165),
     (60, 88, 132), (45, 64, 100), (32, 45, 72)], np.float32)  # fmt: skip
SKIN_BRIGHTNESS = (0.7, 1.15)
"""Range of the light on skin that is painted by itself, such as a hand's (chosen by eye)."""
HAIRS = np.array(
    [(15, 15, 18), (25, 32, 45), (40, 55, 80), (60, 85, 120), (95, 145, 185), (140, 140, 140),
     (205, 205, 205), (40, 60, 130)], np.float32)  # fmt: skip
"""Colours of hair from black to blond, grey, white and red, BGR (chosen by eye)."""
IRISES = np.array(
    [(25, 40, 60), (35, 60, 85), (60, 85, 85), (120, 105, 80), (95, 120, 95)], np.float32
)
"""Of irises: two browns, hazel, blue and green, BGR (chosen by eye)."""
LAST_SKIN = len(SKINS) - 1.01
"""Up to here a tone lies between two of them."""

# All below was chosen by eye on contact sheets (``python -m training.generator``).
SKIN_TINT, SHADES = 0.06, (0.7, 1.3)
"""Spread of each channel of a skin; range of the light on hair and irises."""
BLOTCH, BLOTCH_RINGS, REDNESS, REDNESS_RINGS = 0.12, 25, 0.06, 12
"""Strength of uneven skin and of its redness, and over how many rings of vertices each goes."""
LIPS, LIP_TINT = (0.75, 0.7, 0.95), 0.08
"""Lips over the skin, BGR, and the spread of each channel;"""
PAINTED_LIPS, LIPSTICK, LIPSTICK_LIGHT = 0.2, (60, 50, 170), (0.6, 1.3)
"""the share that is painted, its colour, BGR, and the range of the light on it."""
BROW_DARK, BROW_THICK = 0.8, (0.3, 1.0)
"""Brows over the hair, and how much of the skin they hide."""
BEARD, BEARD_DARK, BEARD_THICK = 0.35, 0.9, (0.2, 1.0)
"""Share of people with a beard, its colour over the hair's, and from a shadow to a full one;"""
PATCH_MIDDLE, PATCH_SPREAD, PATCH_RINGS = 0.75, 0.5, 6
"""how thick it is here and there: middle and spread of a share, and rings of vertices over which it goes."""
BALD, COVERED = 0.12, 0.9
"""A draw below the first makes a bald head, above the second one in a cap or a scarf."""
HAIRLINE_SPREAD, HAIRLINE_RINGS, HAIRLINE_SLOPE = 1.5, 15, 1.6
"""How ragged hair begins, over how many rings of vertices, and how fast it hides the skin."""
HAIR_LIFT, TUFTS, TUFT_RINGS, TUFT_LIMITS = 0.03, 0.5, 10, (0.2, 2)
"""Most metres by which hair stands off the scalp; spread of that from place to place, its reach and limits."""
CLOTH_COLOUR, CLOTH_EDGE, CLOTH_REACH, CLOTH_LIFT = (20, 230), 3, 2, (0.004, 0.02)
"""Of a cap or scarf: range of its channels; how steeply its colour and its height end; metres off the skin."""
INSIDE, INSIDE_TINT = 0.2, (0.6, 0.6, 1.0)
"""The mouth's inside over the skin, and its colour over that, BGR."""
TEETH, TEETH_LIGHT = (200, 215, 225), (0.75, 1.1)
"""Colour of teeth, BGR, and the range of the light on them;"""
TONGUE, TONGUE_LIGHT = (90, 85, 165), (0.7, 1.1)
"""the same of the tongue."""
GRAIN, HAIR_GRAIN = (0.01, 0.08), 3
"""Roughness of colours from vertex to vertex, and how much more hair has of it."""
WAVES, WAVE_SHARE, RING = 4, 0.9, 0.004
"""Of soft noise: plane waves that are added, radians over its reach, and metres from one ring of vertices to the
next."""


@dataclass
class Appearance:
    """How a made-up person looks.

    Attributes:
        colour: ``(V, 3)`` BGR.
        grain: ``(V,)`` roughness of the colour.
        lift: ``(V,)`` metres by which hair stands off the scalp.
        iris: ``(3,)``.
    """

    colour: F
    grain: F
    lift: F
    iris: F


def draw_skin(rng: Rng) -> F:
    """The colour ``(3,)`` BGR of somebody's skin in some light."""
    return np.asarray(SKINS[rng.integers(len(SKINS))] * rng.uniform(*SKIN_BRIGHTNESS), np.float32)


def tone_between(place: float) -> tuple[int, F]:
    """The skin ``(3,)`` BGR so far down :data:`SKINS`, and the step that it lies above."""
    step = int(place)
    return step, np.asarray(SKINS[step] + (place - step) * (SKINS[step + 1] - SKINS[step]))


def draw_appearance(rng: Rng, anatomy: Anatomy) -> Appearance:
    """Draw skin, lips, brows, beard, hair and eyes that go together loosely."""
    n = len(anatomy.mirror)
    _, skin = tone_between(rng.uniform(0, LAST_SKIN))
    skin = skin * (1 + rng.normal(0, SKIN_TINT, 3))
    hair = HAIRS[rng.integers(len(HAIRS))] * rng.uniform(*SHADES)
    colour = np.tile(skin, (n, 1))
    colour *= 1 + BLOTCH * soft_noise(rng, anatomy, BLOTCH_RINGS)[:, None]
    colour[:, 2] *= 1 + REDNESS * soft_noise(rng, anatomy, REDNESS_RINGS)
    lips = skin * np.array(LIPS) * (1 + rng.normal(0, LIP_TINT, 3))
    if rng.random() < PAINTED_LIPS:
        lips = np.array(LIPSTICK) * rng.uniform(*LIPSTICK_LIGHT)
    colour[anatomy.lips] = lips
    _mix(colour, hair * BROW_DARK, anatomy.brow * rng.uniform(*BROW_THICK))
    if rng.random() < BEARD:
        thick = rng.uniform(*BEARD_THICK)
        noise = soft_noise(rng, anatomy, PATCH_RINGS)
        patches = np.clip(PATCH_MIDDLE + PATCH_SPREAD * noise, 0, 1)
        _mix(colour, hair * BEARD_DARK, anatomy.beard * thick * patches)
    lift = np.zeros(n, np.float32)
    style = rng.random()
    if style > BALD:
        ragged = 1 + HAIRLINE_SPREAD * soft_noise(rng, anatomy, HAIRLINE_RINGS)
        edge = anatomy.crown * np.clip(ragged, 0, 1)
        _mix(colour, hair, np.clip(edge * HAIRLINE_SLOPE, 0, 1))
        high = rng.uniform(0, HAIR_LIFT)
        tufts = np.clip(1 + TUFTS * soft_noise(rng, anatomy, TUFT_RINGS), *TUFT_LIMITS)
        lift = edge * high * tufts
    if style > COVERED:
        cloth = rng.uniform(*CLOTH_COLOUR, 3)
        _mix(colour, cloth, np.clip(anatomy.crown * CLOTH_EDGE, 0, 1))
        lift = np.clip(anatomy.crown * CLOTH_REACH, 0, 1) * rng.uniform(*CLOTH_LIFT)
    colour[anatomy.inside] = skin * INSIDE * np.array(INSIDE_TINT)
    colour[anatomy.teeth] = np.array(TEETH) * rng.uniform(*TEETH_LIGHT)
    colour[anatomy.tongue] = np.array(TONGUE) * rng.uniform(*TONGUE_LIGHT)
    grain = rng.normal(0, rng.uniform(*GRAIN), n) * (1 + HAIR_GRAIN * (lift > 0))
    iris = IRISES[rng.integers(len(IRISES))] * rng.uniform(*SHADES)
    return Appearance(
        np.clip(colour, 0, 255).astype(np.float32), grain.astype(np.float32),
        lift.astype(np.float32), iris.astype(np.float32),
    )  # fmt: skip


def _mix(
    colour: NDArray[np.floating[Any]],
    paint: NDArray[np.floating[Any]],
    amount: NDArray[np.floating[Any]],
) -> None:
    colour += amount[:, None] * (paint - colour)


def soft_noise(rng: Rng, anatomy: Anatomy, reach: int) -> F:
    """Noise ``(V,)`` of unit variance, smooth over some ``reach`` rings of vertices.

    A few random plane waves over the surface: as smooth as averaging, and much faster.
    """
    vertices = anatomy.head.vertices
    waves = (rng.normal(size=(3, WAVES)) * (WAVE_SHARE / (RING * reach))).astype(np.float32)
    phase = rng.uniform(0, 2 * np.pi, WAVES).astype(np.float32)
    each = np.sin(vertices @ waves + phase)  # of a variance of one half
    return np.asarray(each.sum(axis=1) / np.float32(np.sqrt(WAVES / 2)))
