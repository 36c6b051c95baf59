# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures that made-up people wear: their irises' shades, cloth, and how dark a skin is."""

import numpy as np
from numpy.typing import NDArray

F = NDArray[np.float32]
U8 = NDArray[np.uint8]
Rng = np.random.Generator

FACE_UV = (slice(0.42, 0.62), slice(0.77, 0.93))
"""Rows and columns of the skin's texture where the face is, as shares of its side."""
IRIS_RADIUS = 0.115 / 0.58
"""Radius of the iris in the prepared textures of eyes, as a share of their side."""
LIMBUS, LIMBUS_SLOPE = 0.95, 10.0
"""A darkened iris ends from this share of its radius on, within a tenth of it."""
CLOTH_SIDE = 96
"""Pixels of a cloth's picture; more are not seen in a crop."""
CLOTH_COLOUR, STRIPE, WEAVE = (5, 240), (3, 14), 0.08
"""Of cloth: range of its channels, of the width of its stripes in pixels, and spread of its brightness from one
pixel to the next (chosen by eye)."""
STRIPED, ACROSS, ALONG = 0.5, 0.3, 0.2
"""A draw below the first makes stripes: across below the second, along above the third, checks between (chosen by
eye)."""


def darkened(eye: U8, factor: float) -> U8:
    """The eye with a darker iris."""
    side = len(eye)
    at = (np.arange(side) + 0.5) / side - 0.5
    away = np.hypot(at[:, None], at)
    share = np.clip((away / IRIS_RADIUS - LIMBUS) * LIMBUS_SLOPE, 0, 1)[..., None]
    return (eye * (factor + (1 - factor) * share)).astype(np.uint8)


def tone_of(skin: U8) -> F:
    """Mean linear colour ``(3,)`` BGR of the face in a skin's texture."""
    side = len(skin)
    rows, columns = (slice(int(s.start * side), int(s.stop * side)) for s in FACE_UV)
    part = skin[rows, columns].reshape(-1, 3).astype(np.float32) / 255
    return np.asarray((part**2).mean(axis=0), np.float32)


def draw_cloth(rng: Rng) -> U8:
    """Plain, striped or checked, ``(side, side, 3)``."""
    base = rng.uniform(*CLOTH_COLOUR, 3)
    out = np.tile(base, (CLOTH_SIDE, CLOTH_SIDE, 1))
    kind = rng.random()
    if kind < STRIPED:
        period = int(rng.integers(*STRIPE))
        stripes = (np.arange(CLOTH_SIDE) // period) % 2 == 0
        other = rng.uniform(*CLOTH_COLOUR, 3)
        if kind < ACROSS:
            out[stripes] = other
        if kind > ALONG:
            out[:, stripes] = (out[:, stripes] + other) / 2
    out *= 1 + rng.normal(0, WEAVE, (CLOTH_SIDE, CLOTH_SIDE, 1))
    return np.clip(out, 0, 255).astype(np.uint8)
