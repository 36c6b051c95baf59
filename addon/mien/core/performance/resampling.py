# SPDX-License-Identifier: GPL-3.0-or-later
"""A motion or a performance at other times than it was captured at."""

from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..model.rotation import interpolate, to_matrices, to_quaternions, unroll
from ..solve.gap_filling import interpolate_gaps
from ..solve.motion import Motion
from .performance import Performance

Moving = TypeVar("Moving", Motion, Performance)
BY_FRAME = (
    "expression", "blendshapes", "lips_closed", "scale", "position", "translation", "eyes", "confidence",
)  # fmt: skip
"""What either has a row of for every frame, besides times and rotations."""


def resampled(moving: Moving, times: NDArray[np.float64]) -> Moving:
    """The same at other times ``(G,)``, interpolated; held before its start and after its end."""
    turns = interpolate(times, moving.times, to_matrices(moving.rotation))
    changed: dict[str, Any] = {
        name: interpolate_gaps(times, moving.times, getattr(moving, name))
        for name in BY_FRAME
        if hasattr(moving, name)
    }
    return replace(moving, times=times, rotation=unroll(to_quaternions(turns)), **changed)
