# SPDX-License-Identifier: GPL-3.0-or-later
"""A motion or a performance at other times than it was captured at."""

from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..errors import MienError
from ..model.rotation import interpolate, to_matrices, to_quaternions, unroll
from ..rates import HIGHEST_RATE, is_rate
from ..solve.gap_filling import interpolate_gaps
from ..solve.motion import Motion
from .performance import Performance

Moving = TypeVar("Moving", Motion, Performance)
BY_FRAME = (
    "expression", "blendshapes", "lips_closed", "scale", "position", "translation", "eyes", "confidence",
)  # fmt: skip
"""What either has a row of for every frame, besides times and rotations."""
ALMOST = 1e-6
"""Share of a frame by which the last one may lie beyond the end, since times are rounded."""


def resampled(moving: Moving, times: NDArray[np.float64]) -> Moving:
    """The same at other times ``(G,)``, interpolated; held before its start and after its end."""
    turns = interpolate(times, moving.times, to_matrices(moving.rotation))
    changed: dict[str, Any] = {
        name: interpolate_gaps(times, moving.times, getattr(moving, name))
        for name in BY_FRAME
        if hasattr(moving, name)
    }
    return replace(moving, times=times, rotation=unroll(to_quaternions(turns)), **changed)


def at_rate(moving: Moving, fps: float) -> Moving:
    """The same at an even rate of ``fps`` frames a second, from its first time to its last.

    Raises:
        MienError: the rate is not above 0, or so high that it cannot be meant.
    """
    if not is_rate(fps):
        raise MienError(
            f"A rate of {fps:g} frames a second makes no sense; give one above 0, up to {HIGHEST_RATE:g}."
        )
    first, last = float(moving.times[0]), float(moving.times[-1])
    count = int(np.floor((last - first) * fps + ALMOST)) + 1
    return replace(resampled(moving, first + np.arange(count) / fps), fps=fps)
