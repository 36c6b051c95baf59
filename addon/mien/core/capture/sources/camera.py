# SPDX-License-Identifier: GPL-3.0-or-later
"""Live footage: a camera, or a file played at its own rate as if it were one."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np

from ...errors import SourceError
from ...model.crop import ImageArray
from .frames import Frame, Span
from .video import USUAL_FPS, VideoSource

PATIENCE = 5.0
"""Seconds without a picture after which a camera counts as gone."""


class CameraSource:
    """A camera's newest picture, over and over; pictures that come while one is worked on are dropped.

    ``time`` counts from the moment of opening; ``started`` is that moment by the system's clock, so
    that the delay from the camera to the screen can be told.
    """

    expected: int | None = None

    def __init__(self, index: int) -> None:
        """Open a camera.

        Raises:
            SourceError: there is none, another program has it, or it may not be used.
        """
        self.name = f"camera {index}"
        self.warnings: list[str] = []
        self._capture = cv2.VideoCapture(index)
        opened, image = self._capture.read() if self._capture.isOpened() else (False, None)
        if not opened or image is None:
            self._capture.release()
            raise SourceError(refusal(index, sys.platform, Path(f"/dev/video{index}")))
        self.height, self.width = image.shape[:2]
        rate = self._capture.get(cv2.CAP_PROP_FPS)
        self.fps = rate if np.isfinite(rate) and 0 < rate <= 240 else USUAL_FPS
        self.started = time.time()

    def __iter__(self) -> Iterator[Frame]:
        """Pictures until the camera is gone.

        Raises:
            SourceError: it gives no more pictures.
        """
        newest = _Newest(self._read)
        try:
            yield from newest.frames(self.started, self.name)
        finally:
            newest.close()
            self._capture.release()

    def _read(self) -> tuple[ImageArray, float] | None:
        got, image = self._capture.read()
        return (image, time.time()) if got else None


class _Newest:
    """Reads pictures in a thread and keeps the last one only."""

    def __init__(self, read: Callable[[], tuple[ImageArray, float] | None]) -> None:
        self._read = read
        self._ready = threading.Condition()
        self._picture: tuple[ImageArray, float] | None = None
        self._stopped = False
        self._thread = threading.Thread(target=self._fill, daemon=True)
        self._thread.start()

    def _fill(self) -> None:
        while not self._stopped:
            picture = self._read()
            with self._ready:
                if picture is None:
                    self._stopped = True
                else:
                    self._picture = picture
                self._ready.notify()

    def frames(self, started: float, name: str) -> Iterator[Frame]:
        number, last = 0, -1.0
        while True:
            with self._ready:
                came = self._ready.wait_for(lambda: self._picture or self._stopped, PATIENCE)
                picture, self._picture = self._picture, None
            if picture is None:
                if came and self._stopped:
                    raise SourceError(f"{name} gives no more pictures; plug it in again.")
                raise SourceError(f"{name} has stopped giving pictures; plug it in again.")
            moment = max(picture[1] - started, last + 1e-4)
            last = moment
            yield Frame(number, moment, picture[0])
            number += 1

    def close(self) -> None:
        self._stopped = True
        self._thread.join(timeout=1)


class PlayedSource:
    """A video file as a camera would give it: at its own rate, late pictures dropped, then the end."""

    expected: int | None = None

    def __init__(self, path: Path) -> None:
        """Open the file.

        Raises:
            SourceError: it is not a video.
        """
        self._video = VideoSource(path, Span.checked(None, None), None)
        self.name, self.warnings = self._video.name, self._video.warnings
        self.width, self.height, self.fps = self._video.width, self._video.height, self._video.fps
        self.started = time.time()

    def __iter__(self) -> Iterator[Frame]:
        """Frames no earlier than their time."""
        self.started = time.time()
        for frame in self._video:
            ahead = self.started + frame.time - time.time()
            if ahead > 0:
                time.sleep(ahead)
            elif ahead < -1.0 / self.fps:
                continue
            yield frame


def refusal(index: int, platform: str, device: Path) -> str:
    """Why a camera could not be opened, and what to do, as far as the system lets one know.

    Args:
        index: number of the camera.
        platform: as ``sys.platform`` has it.
        device: its file, where cameras have one.
    """
    if platform == "darwin":
        return (
            f"Camera {index} cannot be used; plug it in, close other programs that use it, and allow "
            "Blender to use it in System Settings > Privacy & Security > Camera."
        )
    if platform == "win32":
        return (
            f"Camera {index} cannot be used; plug it in, close other programs that use it, and allow "
            "desktop apps to use it in Settings > Privacy > Camera."
        )
    if not device.exists():
        return f"There is no camera {index}; plug one in or choose another number."
    if not os.access(
        device, os.R_OK | os.W_OK, effective_ids=os.access in os.supports_effective_ids
    ):
        return f"Camera {index} may not be used by you; join the group that owns {device}."
    return f"Camera {index} gives no picture; close other programs that use it, or choose another number."
