# SPDX-License-Identifier: GPL-3.0-or-later
"""What the generator gives: one crop with its labels, or many."""

from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

F = NDArray[np.float32]


class Batch(TypedDict):
    """Samples as the trainer takes them; B samples.

    ``crop`` uint8 ``(B, 120, 120, 3)`` BGR; ``params`` ``(B, 62)``; ``units`` ``(B, 52)``;
    ``units_mask`` ``(B, 52)`` 1 where the weight is known; ``face`` ``(B,)`` 1 or 0; ``weight``
    ``(B,)``; ``clip`` ``(B,)`` number of the clip within the batch, -1 for single pictures.
    """

    crop: NDArray[np.uint8]
    params: F
    units: F
    units_mask: F
    face: F
    weight: F
    clip: NDArray[np.int64]


class Sample(TypedDict):
    """One row of a :class:`Batch`."""

    crop: NDArray[np.uint8]
    params: F
    units: F
    units_mask: F
    face: float
