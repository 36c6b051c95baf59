# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m benchmarks.solve``: solving a minute of footage against regressing its frames.

The peer is the network on the same 1,800 crops, one at a time on one thread, without decoding.
"""

from dataclasses import replace

import numpy as np
from mien.cli.commands import demo_clip
from mien.core.capture.capture import capture, load_models
from mien.core.capture.sources import open_source
from mien.core.model.crop import CropBox, cut
from mien.core.solve.motion import solve_take
from mien.core.take.take import Take

from .timing import paired

FRAMES = 1800
"""A minute at 30 frames a second;"""
ROUNDS = 5
"""rounds of both sides in turn, whose medians are compared."""


def lengthened(take: Take, count: int) -> Take:
    """A take of so many frames: the given one over and over."""
    rows = np.arange(count) % len(take)
    parts = {
        name: getattr(take, name)[rows] for name in ("boxes", "confidence", "params", "blendshapes")
    }
    return replace(
        take, times=np.arange(count) / 30, frames=np.arange(count, dtype=np.int32), **parts
    )


def main() -> None:
    """Print seconds of both, and the ratio."""
    models = load_models()
    take = capture(open_source(demo_clip()), models)
    image = next(iter(open_source(demo_clip()))).image
    crop = cut(image, CropBox(*take.boxes[0]))[None]
    minute = lengthened(take, FRAMES)

    def regress() -> None:
        for _ in range(FRAMES):
            models.regressor.run(crop)

    mine, theirs, ratio = paired(lambda: solve_take(minute, models.head), regress, ROUNDS)
    print(f"solving {FRAMES} frames: {mine:.2f} s")
    print(f"regressing them: {theirs:.2f} s")
    print(f"ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
