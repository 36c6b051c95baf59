# SPDX-License-Identifier: GPL-3.0-or-later
"""Footage that is a video file, decoded by the FFmpeg inside OpenCV."""

import os
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from ...errors import SourceError
from .frames import Frame, Span

USUAL_FPS = 30.0
"""Assumed where the container states no sensible rate."""
CUT_OFF = 0.95
"""A file that gives less than this share of the frames it promises was cut off."""
ERRORS_ONLY = 2
"""OpenCV's level of logging without warnings."""

os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # its complaints are said better below


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
        level = cv2.setLogLevel(ERRORS_ONLY)
        self._capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
        cv2.setLogLevel(level)
        self._capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1)  # off by default in some builds
        opened = self._capture.isOpened() and self._capture.grab()
        first = self._capture.retrieve()[1] if opened else None
        if first is None:
            raise SourceError(
                f"{path} is not a video that can be decoded (damaged, or an unknown codec); "
                "convert it to H.264 in MP4."
            )
        self.height, self.width = first.shape[:2]
        rate = self._capture.get(cv2.CAP_PROP_FPS)
        self.fps = rate if np.isfinite(rate) and 0 < rate <= 1000 else USUAL_FPS
        promised = self._capture.get(cv2.CAP_PROP_FRAME_COUNT)
        self._promised = int(promised) if 0 < promised < 1e9 else None
        self.expected = self._expected()

    def _expected(self) -> int | None:
        if self._promised is None:
            return None
        length = min(self._promised / self.fps, self._span.end) - self._span.start
        rate = min(self.fps, self._most or self.fps)
        return max(1, round(length * rate))

    def __iter__(self) -> Iterator[Frame]:
        """Decode onward from the first frame.

        Raises:
            SourceError: the range begins after the footage ends.
        """
        index, last, given, repaired = 0, -np.inf, 0, 0
        due = self._span.start
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
                got, image = self._capture.retrieve()
                if got and image is not None and image.shape[:2] == (self.height, self.width):
                    yield Frame(index, time, image)
                    given += 1
                    if self._most:
                        due = max(due + 1 / self._most, time + 0.5 / self._most)
            index += 1
            if not self._capture.grab():
                break
        self._report(index, last, given, repaired)

    def _report(self, read: int, last: float, given: int, repaired: int) -> None:
        self._capture.release()
        if not given:
            raise SourceError(
                f"{self.name} lasts {last + 1 / self.fps:.2f} s and has no frame from "
                f"{self._span.start:g} s on; choose an earlier start."
            )
        ran_out = last < self._span.end and self._promised is not None
        if ran_out and self._promised is not None and read < CUT_OFF * self._promised:
            self.warnings.append(
                f"{self.name} breaks off after {read} of {self._promised} frames; it seems to be cut off."
            )
        if repaired > 1:
            self.warnings.append(
                f"{self.name}: {repaired} time stamps were missing and were filled in."
            )
