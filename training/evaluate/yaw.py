# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors by how far heads are turned to a side, and their balanced mean."""

from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

YAW_EDGES = (0.0, 30.0, 60.0, 90.0)
"""Degrees; the bins of the paper's protocol. Beyond the last one belongs to the last bin."""
BINS = tuple(f"{low:.0f}-{high:.0f}" for low, high in pairwise(YAW_EDGES))


def bins_of(yaw: ArrayLike) -> NDArray[np.int64]:
    """The bin ``(n,)`` of each yaw in degrees, either side; 30 belongs to 0-30, as in the protocol."""
    return np.digitize(np.abs(np.asarray(yaw, float)), YAW_EDGES[1:-1], right=True)


def by_yaw(errors: ArrayLike, yaw: ArrayLike) -> dict[str, float]:
    """Mean error of each bin, and ``balanced``, the mean of the bins, however many faces are in each.

    Args:
        errors, yaw: ``(n,)``; yaw in degrees. Errors that are not known (NaN) do not count.

    Returns:
        NaN for a bin without a face, and then for the balanced mean too.
    """
    errors, bins = np.asarray(errors, float), bins_of(yaw)
    known = np.isfinite(errors)
    means = {}
    for k, name in enumerate(BINS):
        here = errors[known & (bins == k)]
        means[name] = float(here.mean()) if len(here) else float("nan")
    return means | {"balanced": float(np.mean(list(means.values())))}
