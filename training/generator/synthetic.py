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


def draw_appearance(rng: Rng, anatomy: Anatomy) -> Appearance:
    """Draw skin, lips, brows, beard, hair and eyes that go together loosely."""
    n = len(anatomy.mirror)
    place = rng.uniform(0, len(SKINS) - 1.01)
    step = int(place)
    skin = SKINS[step] + (place - step) * (SKINS[step + 1] - SKINS[step])
    skin = skin * (1 + rng.normal(0, 0.06, 3))
    hair = HAIRS[rng.integers(len(HAIRS))] * rng.uniform(0.7, 1.3)
    colour = np.tile(skin, (n, 1))
    colour *= 1 + 0.12 * soft_noise(rng, anatomy, 25)[:, None]
    colour[:, 2] *= 1 + 0.06 * soft_noise(rng, anatomy, 12)
    lips = skin * np.array([0.75, 0.7, 0.95]) * (1 + rng.normal(0, 0.08, 3))
    if rng.random() < 0.2:
        lips = np.array([60, 50, 170]) * rng.uniform(0.6, 1.3)
    colour[anatomy.lips] = lips
    _mix(colour, hair * 0.8, anatomy.brow * rng.uniform(0.3, 1.0))
    if rng.random() < 0.35:
        thick = rng.uniform(0.2, 1.0)
        patches = np.clip(0.75 + 0.5 * soft_noise(rng, anatomy, 6), 0, 1)
        _mix(colour, hair * 0.9, anatomy.beard * thick * patches)
    lift = np.zeros(n, np.float32)
    style = rng.random()
    if style > 0.12:  # the rest are bald
        edge = anatomy.crown * np.clip(1 + 1.5 * soft_noise(rng, anatomy, 15), 0, 1)
        _mix(colour, hair, np.clip(edge * 1.6, 0, 1))
        lift = edge * rng.uniform(0, 0.03) * np.clip(1 + 0.5 * soft_noise(rng, anatomy, 10), 0.2, 2)
    if style > 0.9:  # a cap or a scarf
        cloth = rng.uniform(20, 230, 3)
        _mix(colour, cloth, np.clip(anatomy.crown * 3, 0, 1))
        lift = np.clip(anatomy.crown * 2, 0, 1) * rng.uniform(0.004, 0.02)
    colour[anatomy.inside] = skin * 0.2 * np.array([0.6, 0.6, 1.0])
    colour[anatomy.teeth] = np.array([200, 215, 225]) * rng.uniform(0.75, 1.1)
    colour[anatomy.tongue] = np.array([90, 85, 165]) * rng.uniform(0.7, 1.1)
    grain = rng.normal(0, rng.uniform(0.01, 0.08), n) * (1 + 3 * (lift > 0))
    iris = IRISES[rng.integers(len(IRISES))] * rng.uniform(0.7, 1.3)
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
    waves = (rng.normal(size=(3, 4)) * (0.9 / (0.004 * reach))).astype(np.float32)
    phase = rng.uniform(0, 2 * np.pi, 4).astype(np.float32)
    return np.asarray(np.sin(vertices @ waves + phase).sum(axis=1) / np.float32(np.sqrt(2)))
