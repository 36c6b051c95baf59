# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m benchmarks.preview VIDEO ...``: what a preview costs against the capture that it shows.

Both as ``mien capture`` makes them, in one process: the capture refined and with the actor's skin, the preview
painted, encoded with its sound and in
its place, once by an ffmpeg if one is at hand and once by Blender. ``--seconds`` are taken of each video.
"""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

import cv2
import mien
from mien.core.capture.sources import open_source
from mien.core.ffmpeg import ffmpeg_at_hand
from mien.core.model.head import shipped_head
from mien.core.preview import PreviewPainter, write_preview
from mien.core.take.take import Take
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
    each = 1e3 / len(take)
    ways: dict[str, Callable[[], str | None]] = {"ffmpeg": ffmpeg_at_hand, "Blender": lambda: None}
    for way, find in ways.items():
        if way == "ffmpeg" and find() is None:
            continue
        whole, capture, ratio = _whole(take, footage, seconds, find)
        print(
            f"{footage.name}: preview by {way} {whole * each:.1f} ms a frame, capture {capture * each:.1f}; "
            f"ratio {ratio:.2f}"
        )
    painting, bare, painted = paired(
        lambda: [painter.panels(row, image) for row, image in enumerate(images)],
        lambda: mien.capture(footage, end=seconds, refine=False, texture=False),
        ROUNDS,
    )
    print(
        f"  painting {painting * each:.1f} ms, capture without refining and skin {bare * each:.1f}; "
        f"ratio {painted:.2f}"
    )


def _whole(
    take: Take, footage: Path, seconds: float, find: Callable[[], str | None]
) -> tuple[float, float, float]:
    """Seconds of a preview and of its capture, and their ratio."""
    head, motion = shipped_head(), mien.solve(take)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "preview.mp4"
        return paired(
            lambda: write_preview(
                path, take, motion, head, footage, encode=encoder(print), find_ffmpeg=find
            ),
            lambda: mien.capture(footage, end=seconds),
            ROUNDS,
        )


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
