# SPDX-License-Identifier: GPL-3.0-or-later
"""Triangles in a picture, cut into the rows of pixels that they cover."""

import numpy as np
from numpy.typing import NDArray

from ..model.params import FloatArray

Corners = NDArray[np.float64]
"""``(3, d)``: a value at each corner of each triangle."""

_EDGE = 1e-4
"""Pixels this far beside a triangle still count, so that none falls between two triangles."""


def span(values: FloatArray, most: int) -> tuple[FloatArray, FloatArray]:
    """First and last of the pixels 0 to ``most - 1`` whose centres lie between the least and the greatest of
    three corners ``(3, T)``; the last comes before the first where there is none."""
    low, high = (f(f(values[0], values[1]), values[2]) for f in (np.minimum, np.maximum))
    return np.maximum(np.ceil(low - _EDGE), 0), np.minimum(np.floor(high + _EDGE), most - 1)


def pixel_rows(
    x: Corners, y: Corners, height: int, width: int
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """The rows of pixels of each triangle: whose, which row, first column, how many columns (one or more)."""
    (x1, x2, x3), (y1, y2, y3) = _highest_first(x, y)
    top = np.maximum(np.ceil(y1), 0)
    tall = np.maximum(np.minimum(np.floor(y3), height - 1) - top + 1, 0).astype(np.int64)
    owner = np.repeat(np.arange(len(tall)), tall)
    row: NDArray[np.float64] = np.arange(len(owner), dtype=np.float64)
    row += np.take(top - (np.cumsum(tall) - tall), owner)
    # One side goes straight from the highest corner to the lowest, the other by way of the third.
    lean, offset = np.empty((2, 3, len(tall)))
    for k, (a, b, c, d) in enumerate(((x1, y1, x2, y2), (x2, y2, x3, y3), (x1, y1, x3, y3))):
        high = d - b
        lean[k] = (c - a) / np.where(high > 0, high, np.inf)
        offset[k] = a - lean[k] * b
    side = owner + len(tall) * (row >= np.take(y2, owner))
    bent, straight = np.take(lean, side), np.take(lean[2], owner)
    bent *= row
    bent += np.take(offset, side)
    straight *= row
    straight += np.take(offset[2], owner)
    first = np.maximum(np.ceil(np.minimum(bent, straight) - _EDGE), 0)
    last = np.minimum(np.floor(np.maximum(bent, straight) + _EDGE), width - 1)
    some = np.flatnonzero(first <= last)
    begin: NDArray[np.float64] = np.take(first, some)
    count = (np.take(last, some) - begin + 1).astype(np.int64)
    return np.take(owner, some), np.take(row, some), begin, count


def _highest_first(x: Corners, y: Corners) -> tuple[list[Corners], list[Corners]]:
    """The corners of each triangle, from the top of the picture down."""
    xs, ys = list(x), list(y)
    for one, two in ((0, 1), (1, 2), (0, 1)):
        wrong = ys[one] > ys[two]
        xs[one], xs[two] = np.where(wrong, xs[two], xs[one]), np.where(wrong, xs[one], xs[two])
        ys[one], ys[two] = np.minimum(ys[one], ys[two]), np.maximum(ys[one], ys[two])
    return xs, ys
