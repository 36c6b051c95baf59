# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m benchmarks.preview VIDEO ...``: what a preview costs against the capture that it shows.

Both as ``mien capture`` makes them, in one process: the capture refined and with the actor's skin, the preview
painted, encoded with its sound and in
its place. ``--seconds`` are taken of each video.
"""

import argparse
import tempfile
from pathlib import Path

import cv2
import mien
from mien.core.capture.sources import open_source
from mien.core.model.head import shipped_head
from mien.core.preview import PreviewPainter, write_preview
from mien.core.texture.packed import unpack
from mien.scene.film import encoder

from .timing import paired

ROUNDS = 3
"""Of both sides in turn; the medians of them are compared."""


def compare(footage: Path, seconds: float) -> None:
    """Print milliseconds of processor time a frame, and the ratios."""
    head = shipped_head()
    take = mien.capture(footage, end=seconds)
    motion = mien.solve(take)
    texture = None if take.texture is None else unpack(take.texture)
    painter = PreviewPainter(head, motion, texture=texture)
    images = [frame.image for frame in open_source(footage, end=seconds)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "preview.mp4"
        whole, capture, ratio = paired(
            lambda: write_preview(path, take, motion, head, footage, encode=encoder(print)),
            lambda: mien.capture(footage, end=seconds),
            ROUNDS,
        )
    painting, bare, painted = paired(
        lambda: [painter.panels(row, image) for row, image in enumerate(images)],
        lambda: mien.capture(footage, end=seconds, refine=False, texture=False),
        ROUNDS,
    )
    each = 1e3 / len(take)
    print(
        f"{footage.name}: preview {whole * each:.1f} ms a frame, painting {painting * each:.1f} of it;"
    )
    print(f"  capture {capture * each:.1f} ms, without refining and skin {bare * each:.1f}")
    print(f"  preview over capture {ratio:.2f}; painting over the capture without {painted:.2f}")


def main() -> None:
    """Compare for each video."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("footage", type=Path, nargs="+")
    parser.add_argument("--seconds", type=float, default=20.0)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    for footage in arguments.footage:
        compare(footage, arguments.seconds)


if __name__ == "__main__":
    main()
