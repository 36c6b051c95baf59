# SPDX-License-Identifier: GPL-3.0-or-later
"""All that a take holds as one table, for other programs and for looking at."""

from pathlib import Path

import numpy as np

from ..model.arkit import ARKIT_BLENDSHAPES
from ..model.params import N_EXPRESSION, N_IDENTITY
from ..performance.performance import to_performance
from ..solve.motion import Motion
from ..take.take import Take
from .rows import write_rows


def write_table(take: Take, motion: Motion, path: Path) -> None:
    """Write every number of a take and of what was solved from it, a row for each frame.

    First what the network saw, under names with ``raw_``: the crop, the 62 parameters, the 52 weights;
    empty where the face was lost. Then the solved motion, without gaps: the head as a quaternion and
    its place in metres in camera axes, the eyes in radians (yaw to the subject's left, pitch up), one
    identity for the take, expressions and weights. See :mod:`mien.core.model.params` and
    :class:`mien.core.performance.performance.Performance` for axes and units.

    Raises:
        MienError: the file cannot be written.
    """
    performance = to_performance(motion)
    count = len(take)
    identity = [f"identity_{i:02d}" for i in range(N_IDENTITY)]
    expression = [f"expression_{i:02d}" for i in range(N_EXPRESSION)]
    blocks = {
        ("confidence",): take.confidence,
        ("raw_box_x", "raw_box_y", "raw_box_size"): take.boxes,
        tuple(f"raw_T{r}{c}" for r in range(3) for c in range(4)): take.params[:, :12],
        tuple(f"raw_{name}" for name in identity + expression): take.params[:, 12:],
        tuple(f"raw_{name}" for name in ARKIT_BLENDSHAPES): take.blendshapes,
        ("head_w", "head_x", "head_y", "head_z"): performance.rotation,
        ("head_place_x", "head_place_y", "head_place_z"): performance.translation,
        ("eye_left_yaw", "eye_left_pitch", "eye_right_yaw", "eye_right_pitch"): performance.eyes,
        tuple(identity): np.tile(motion.identity, (count, 1)),
        tuple(expression): motion.expression,
        ARKIT_BLENDSHAPES: performance.blendshapes,
    }
    numbers = np.column_stack([values.reshape(count, -1) for values in blocks.values()])
    header = ["frame", "time", *(name for names in blocks for name in names)]
    rows = (
        [str(int(frame)), f"{time:.6f}", *("" if np.isnan(n) else f"{n:.6g}" for n in row)]
        for frame, time, row in zip(take.frames, take.times, numbers, strict=True)
    )
    write_rows(path, header, rows)
