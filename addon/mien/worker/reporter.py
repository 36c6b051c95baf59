# SPDX-License-Identifier: GPL-3.0-or-later
"""How a capture tells its parent how it stands: a status and a thumbnail in their folder."""

import time
from pathlib import Path

import cv2
import numpy as np

from ..core.capture.capture import Models, Progress
from ..core.capture.tracker import Tracked
from ..core.model.crop import ImageArray, crop_to_image
from ..core.model.params import split
from ..core.modes import State
from .job import STATUS, THUMBNAIL, Status, write_json

STATUS_EVERY, THUMBNAIL_EVERY = 0.1, 0.12
"""Seconds from one status, and one thumbnail, to the next: a panel that is drawn so often looks live."""
THUMBNAIL_WIDTH, LOOK_WIDTH = 256, 960
"""Pixels: about a sidebar's width, and what suffices to click on a face."""
DOT = (90, 230, 90)
"""Of landmarks on the thumbnail, BGR."""


class Reporter:
    """Writes status and thumbnails into the folder now and then."""

    def __init__(self, folder: Path, models: Models) -> None:
        self.folder, self._marks = folder, models.head.landmark_model()
        self.started = time.time()
        self._begun = time.monotonic()
        self._told = self._shown = -1e9
        self.done = self.expected = self.lost = 0
        self._refining = self._painting = -1.0

    def __call__(self, progress: Progress) -> None:
        """Take note of progress, and write it if it is time to."""
        self.done, self.lost = progress.done, progress.lost
        self.expected = progress.expected or 0
        self._tell_at_times()
        now = time.monotonic()
        if progress.image is not None and now - self._shown >= THUMBNAIL_EVERY:
            self._shown = now
            self._show(progress.image, progress)

    def refining(self, share: float) -> None:
        """Take note of how much of the refining is done, and write it if it is time to."""
        self._refining = share
        self._tell_at_times()

    def painting(self, share: float) -> None:
        """Take note of how many of the skin's pictures are done, and write it if it is time to."""
        self._painting = share
        self._tell_at_times()

    def _tell_at_times(self) -> None:
        now = time.monotonic()
        if now - self._told >= STATUS_EVERY:
            self._told = now
            self.tell(State.RUNNING)

    def tell(self, state: State, message: str = "", takes: tuple[str, ...] = ()) -> None:
        """Write the status."""
        spent = max(1e-6, time.monotonic() - self._begun)
        rate = self.done / spent
        status = Status(
            state, self.done, self.expected, self.lost, rate, message, takes, self.started,
            self._refining, self._painting,
        )  # fmt: skip
        write_json(self.folder / STATUS, status)

    def write_detections(self, image: ImageArray, faces: list[Tracked]) -> None:
        """Tell where the faces in a picture are, and show it."""
        self._write(_resized(image, min(LOOK_WIDTH, image.shape[1])))
        width = image.shape[1]
        boxes = tuple((f.box.x / width, f.box.y / width, f.box.size / width) for f in faces)
        write_json(self.folder / STATUS, Status(State.DONE, boxes=boxes))

    def _show(self, image: ImageArray, progress: Progress) -> None:
        small = _resized(image, THUMBNAIL_WIDTH)
        zoom = THUMBNAIL_WIDTH / image.shape[1]
        for tracked in progress.faces:
            points = self._marks.project(*split(tracked.params))
            placed = crop_to_image(points, np.array(tracked.box, np.float32))[:, :2] * zoom
            for x, y in placed:
                cv2.circle(small, (round(float(x)), round(float(y))), 1, DOT, -1)
        self._write(small)

    def _write(self, picture: ImageArray) -> None:
        header = np.array(picture.shape[1::-1], "<u4").tobytes()
        part = self.folder / (THUMBNAIL + ".new")
        try:
            part.write_bytes(header + cv2.cvtColor(picture, cv2.COLOR_BGR2RGB).tobytes())
            part.replace(self.folder / THUMBNAIL)
        except OSError:
            pass  # a picture less; the capture goes on


def _resized(image: ImageArray, width: int) -> ImageArray:
    size = (width, max(1, round(image.shape[0] * width / image.shape[1])))
    return cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)
