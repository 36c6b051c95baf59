# SPDX-License-Identifier: GPL-3.0-or-later
"""Footage that is an animated PNG or WebP picture."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from ...errors import SourceError
from ...rates import HIGHEST_RATE
from .decoding import decoding
from .frames import Frame, Span
from .image_size import image_size, is_whole
from .plain_path import PlainPath

_MOST_PIXELS = 2**28
"""Of all frames together, which are unpacked at once: 1 GB."""
_MOST_BYTES = 2**28
"""Of the file, which is read whole: a quarter of what its unpacked pixels may take."""
_USUAL = 0.1
"""Seconds of a frame that says no time, as browsers take it."""


def is_animated(start: bytes) -> bool:
    """Whether a PNG or WebP picture, by its first bytes, has more than one frame."""
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        data, control = start.find(b"IDAT"), start.find(b"acTL")
        return control >= 0 and (data < 0 or control < data)
    return start[8:16] == b"WEBPVP8X" and bool(start[20] & 2)


class AnimationSource:
    """The frames of an animated picture, each as long as it says."""

    expected: int | None

    def __init__(self, path: Path, span: Span, fps: float | None) -> None:
        """Unpack the picture.

        Raises:
            SourceError: it is damaged, too large, or has no frame in that range.
        """
        self.name = str(path)
        self.warnings: list[str] = []
        animation = _unpacked(path)
        lengths = [max(0.0, d / 1000) or _USUAL for d in animation.durations]
        times = np.concatenate([[0.0], np.cumsum(lengths)])
        self._frames: list[Frame] = []
        due = span.start
        for number, (time, image) in enumerate(zip(times, animation.frames, strict=False)):
            if span.start <= time < span.end and time >= due - 1e-3:
                picture = np.ascontiguousarray(image[..., :3], np.uint8)
                self._frames.append(Frame(number, float(time), picture))
                due = time + 1 / fps if fps else time
        if not self._frames:
            raise SourceError(f"{path} has no image in that range; it lasts {times[-1]:g} s.")
        self.fps = min(HIGHEST_RATE, 1 / float(np.median(lengths)))
        self.expected = len(self._frames)
        self.height, self.width = self._frames[0].image.shape[:2]

    def __iter__(self) -> Iterator[Frame]:
        yield from self._frames


def _unpacked(path: Path) -> cv2.Animation:
    wrong = f"{path} is not an image that can be read; replace or remove it."
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise SourceError(f"{path} is too large to be unpacked; convert it to H.264 in MP4.")
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(
            f"{path} cannot be read ({error.strerror}); choose another file."
        ) from error
    width, height = image_size(data) or (0, 0)
    if not is_whole(data):
        raise SourceError(wrong)
    if data.startswith(b"\x89PNG"):
        at = data.find(b"acTL") + 4
        count = int.from_bytes(data[at : at + 4], "big")
    else:
        count = data.count(b"ANMF")
    if not 0 < width * height * max(1, count) <= _MOST_PIXELS:
        raise SourceError(f"{path} is too large to be unpacked; convert it to H.264 in MP4.")
    try:
        with PlainPath(path) as plain, decoding():
            unpacked, animation = cv2.imreadanimation(plain)
    except cv2.error:
        raise SourceError(wrong) from None
    if not unpacked or not len(animation.frames):
        raise SourceError(wrong)
    return animation
