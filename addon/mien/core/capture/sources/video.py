# SPDX-License-Identifier: GPL-3.0-or-later
"""Footage that is a video file, decoded by the FFmpeg inside OpenCV."""

import os
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from ...errors import SourceError
from ...rates import is_rate
from .decoding import decoding
from .frames import Frame, Span
from .image_size import MOST_PIXELS
from .plain_path import PlainPath
from .read_ahead import read_ahead
from .stream_size import StreamSize

USUAL_FPS = 30.0
"""Assumed where the container states no sensible rate."""
CUT_OFF = 0.95
"""A file that gives less than this share of the frames it promises was cut off."""
ERRORS_ONLY = 2
"""OpenCV's level of logging without warnings."""

TEXT = 512
"""Bytes by which a list of other files (HLS, ffconcat, SDP) is told from a video: it is text."""
_SIDES = (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)
"""OpenCV's names of a picture's width and height."""
_WIDEST = 4.0
"""Pixels are not further from squares than this; what says so is damaged."""

os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # its complaints are said better below

# OpenCV 5 keeps it with its other logging.
_set_log_level = getattr(cv2, "setLogLevel", None) or cv2.utils.logging.setLogLevel  # type: ignore[attr-defined]


class VideoSource:
    """A video file, frame by frame with true time stamps, turned as its metadata says."""

    def __init__(self, path: Path, span: Span, fps: float | None) -> None:
        """Open the file and decode its first frame.

        Raises:
            SourceError: it is not a video, or of a codec that cannot be decoded.
        """
        self.name = str(path)
        self.warnings: list[str] = []
        self._span, self._most = span, fps
        with path.open("rb") as file:
            start = file.read(TEXT)
        self._plain = PlainPath(path)
        level = _set_log_level(ERRORS_ONLY)
        with decoding():
            self._capture = cv2.VideoCapture(
                "" if _is_none(start) else self._plain.text, cv2.CAP_FFMPEG
            )
        _set_log_level(level)
        self._capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1)  # off by default in some builds
        width, height = (int(self._capture.get(p)) for p in _SIDES)
        if width * height > MOST_PIXELS:
            raise SourceError(
                f"{path} has {width} x {height} pixels, which is too many; make it smaller."
            )
        with decoding():
            opened = self._capture.isOpened() and self._capture.grab()
            first = self._capture.retrieve()[1] if opened else None
        if first is None:
            raise SourceError(
                f"{path} is not a video that can be decoded (damaged, or an unknown codec); "
                "convert it to H.264 in MP4."
            )
        self._decoded = first.shape[:2]
        height, width = first.shape[:2]
        self.width, self.height = _squared(width, height, self._pixel_aspect())
        rate = self._capture.get(cv2.CAP_PROP_FPS)
        self.fps = rate if is_rate(rate) else USUAL_FPS
        promised = self._capture.get(cv2.CAP_PROP_FRAME_COUNT)
        self._promised = int(promised) if 0 < promised < 1e9 else None
        self.expected = self._expected()

    def _pixel_aspect(self) -> float:
        """Width of a pixel over its height, as the upright picture has it."""
        get = self._capture.get
        above, below = get(cv2.CAP_PROP_SAR_NUM), get(cv2.CAP_PROP_SAR_DEN)
        aspect = above / below if above > 0 and below > 0 else 1.0
        if not 1 / _WIDEST <= aspect <= _WIDEST:
            return 1.0
        turned = int(get(cv2.CAP_PROP_ORIENTATION_META)) % 180 == 90
        return 1 / aspect if turned else aspect

    def _expected(self) -> int | None:
        if self._promised is None:
            return None
        length = min(self._promised / self.fps, self._span.end) - self._span.start
        rate = min(self.fps, self._most or self.fps)
        return max(1, round(length * rate))

    def __iter__(self) -> Iterator[Frame]:
        """Decode onward from the first frame, a few frames ahead of who takes them.

        Raises:
            SourceError: the range begins after the footage ends.
        """
        return read_ahead(self._decode())

    def _decode(self) -> Iterator[Frame]:
        index, last, given, repaired = 0, -np.inf, 0, 0
        due = self._span.start
        sizes = StreamSize(self._plain.text, self._capture.get(cv2.CAP_PROP_FOURCC))
        sizes.changes()
        while True:
            time = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
            if not np.isfinite(time) or (index and time <= last):
                time = last + 1 / self.fps if index else 0.0
                repaired += 1
            last = time
            if time >= self._span.end:
                break
            # Half a frame early counts, so that 30 out of 60 takes every other frame.
            if time >= self._span.start and time >= due - 0.5 / self.fps:
                with decoding():
                    got, image = self._capture.retrieve()
                if got and image is not None and image.shape[:2] == self._decoded:
                    if self._decoded != (self.height, self.width):
                        image = cv2.resize(image, (self.width, self.height))
                    yield Frame(index, time, image)
                    given += 1
                    if self._most:
                        due = max(due + 1 / self._most, time + 0.5 / self._most)
            index += 1
            if sizes.changes():
                self.warnings.append(
                    f"The pictures of {self.name} are of another size from {time:.2f} s on; what comes "
                    "after is left out."
                )
                self._promised = None
                break
            with decoding():
                more = self._capture.grab()
            if not more:
                break
        sizes.close()
        self._report(index, last, given, repaired)

    def _report(self, read: int, last: float, given: int, repaired: int) -> None:
        self._capture.release()
        self._plain.close()
        if not given:
            raise SourceError(
                f"{self.name} lasts {last + 1 / self.fps:.2f} s and has no frame from "
                f"{self._span.start:g} s on; choose an earlier start."
            )
        # By time, not by count: a file of variable rate promises the frames of a constant one.
        ended = last + 1 / self.fps
        ran_out = last < self._span.end and self._promised is not None
        if ran_out and self._promised and ended * self.fps < CUT_OFF * self._promised:
            self.warnings.append(
                f"{self.name} breaks off after {read} of {self._promised} frames; it seems to be cut off."
            )
        if repaired > 1:
            self.warnings.append(
                f"{self.name}: {repaired} time stamps were missing and were filled in."
            )


def _is_none(start: bytes) -> bool:
    """Whether a file by its first bytes is text, or a picture in JPEG 2000."""
    text = all(32 <= byte < 127 or byte in b"\t\r\n" for byte in start)
    return text or start.startswith((b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51"))


def _squared(width: int, height: int, aspect: float) -> tuple[int, int]:
    """Size of a picture with square pixels; the side that grows is changed, so that nothing is lost."""
    if abs(aspect - 1) < 0.005:
        return width, height
    if aspect > 1:
        return round(width * aspect), height
    return width, round(height / aspect)
