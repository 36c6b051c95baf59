# SPDX-License-Identifier: GPL-3.0-or-later
"""A take as text: landmarks in a CSV file, a summary for reading."""

from pathlib import Path

import numpy as np

from ..errors import TakeError
from ..model.head import N_LANDMARKS, Head
from ..solve.reconstruct import take_landmarks
from ..take.take import Take
from .rows import write_rows


def write_landmarks(take: Take, head: Head, path: Path) -> None:
    """Write frame, time, confidence and the 68 landmarks of each frame.

    x and y are image pixels (x right, y down), z is toward the viewer in the same scale. A lost
    frame has empty cells. An older file stays until the new one is whole.

    Raises:
        TakeError: the take belongs to another head.
        MienError: the file cannot be written.
    """
    check_head(take, head)
    header = ["frame", "time", "confidence"]
    header += [f"{axis}{i}" for i in range(1, N_LANDMARKS + 1) for axis in "xyz"]
    points = take_landmarks(take, head).reshape(len(take), -1)
    rows = (
        [
            str(int(index)), f"{time:.6f}", f"{sure:.4f}",
            *("" if np.isnan(n) else f"{n:.3f}" for n in row),
        ]
        for index, time, sure, row in zip(
            take.frames, take.times, take.confidence, points, strict=True
        )
    )  # fmt: skip
    write_rows(path, header, rows)


def check_head(take: Take, head: Head) -> None:
    """Make sure that a take and a head belong together.

    Raises:
        TakeError: they do not.
    """
    if take.info.head != head.id:
        raise TakeError(
            "The take was captured with another head model; capture it again with this Mien."
        )


def summary(take: Take) -> str:
    """A few lines about a take for a person to read."""
    info, found = take.info, take.found
    lines = [
        f"footage     {info.source} ({info.width} x {info.height}, {info.fps:.5g} fps)",
        f"frames      {len(take)} from {take.times[0]:.3f} s to {take.times[-1]:.3f} s",
        f"face        in {int(found.sum())} frames, lost in {int((~found).sum())}",
        f"confidence  median {np.median(take.confidence[found]):.2f}, least {take.confidence[found].min():.2f}"
        if found.any()
        else "confidence  none",
        f"model       {info.model}, head {info.head}",
        f"captured    {info.created} by Mien {info.mien}{'' if info.complete else ', not complete'}",
    ]
    gaps = lost_stretches(take)
    if gaps:
        lines.append("lost        " + ", ".join(f"{a:.2f}-{b:.2f} s" for a, b in gaps))
    return "\n".join(lines)


def lost_stretches(take: Take) -> list[tuple[float, float]]:
    """First and last time of each run of frames without a face, in seconds."""
    lost = np.concatenate([[False], ~take.found, [False]]).astype(int)
    starts, ends = np.flatnonzero(np.diff(lost) == 1), np.flatnonzero(np.diff(lost) == -1)
    return [
        (float(take.times[a]), float(take.times[b - 1])) for a, b in zip(starts, ends, strict=True)
    ]
