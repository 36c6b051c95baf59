# SPDX-License-Identifier: GPL-3.0-or-later
"""How often each kind of face is drawn."""

import numpy as np

KINDS = ("untouched", "profiled", "people", "painted")
"""Photos as they are, photos re-posed, made-up people, and heads painted on the vertices."""
SHARES = (0.30, 0.40, 0.26, 0.04)
"""Of these four, chosen by eye: most of photos, whose skin is real, and people for far turns and dark;"""
SHARES_WITHOUT_PEOPLE = (0.32, 0.50, 0.0, 0.18)
"""where there is nothing to draw people with."""


def draw_kind(rng: np.random.Generator, photos: bool, people: bool, moving: bool) -> str:
    """One of :data:`KINDS`.

    Args:
        rng: draws it.
        photos: whether there are any; without them all heads are made up.
        people: whether there is something to draw made-up people with.
        moving: in a clip no photo stays as it is: those shares are re-posed.
    """
    shares = np.array(SHARES if people else SHARES_WITHOUT_PEOPLE)
    if moving:
        shares[1] += shares[0]
        shares[0] = 0
    if not photos:
        shares[:2] = 0
    return KINDS[int(rng.choice(len(KINDS), p=shares / shares.sum()))]
