# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures that end before the face does."""

import numpy as np
from numpy.typing import NDArray

F = NDArray[np.float32]
Rng = np.random.Generator

# All chosen by eye.
CUT = (0.08, 0.38)
"""Share of the picture that its edge takes away from one side."""
ONE_SIDE = 0.75
"""Share of cut pictures that end at one side; the others end at two."""
BLACK, SMEARED = 0.7, 0.85
"""Cumulative shares of what lies outside: black, the last pixels over and over; the rest has one colour."""


def cut_by_edge(rng: Rng, picture: F) -> None:
    """End the picture before the face does, at one or two sides, in place.

    What lies outside is mostly black, as the crops of the tracker show it.
    """
    size = len(picture)
    for side in rng.permutation(4)[: 1 if rng.random() < ONE_SIDE else 2]:
        width = int(rng.uniform(*CUT) * size)
        kind = rng.random()
        turned = np.rot90(picture, side)
        if kind < BLACK:
            turned[:width] = 0
        elif kind < SMEARED:
            turned[:width] = turned[width : width + 1]
        else:
            turned[:width] = rng.uniform(0, 255, 3)
