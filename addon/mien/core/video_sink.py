# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes pictures and videos, whole or not at all."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import cv2

from .errors import MienError
from .model.crop import ImageArray
from .writing import whole_file, write_whole

Size = tuple[int, int]
"""Width and height, pixels."""
KEYFRAMES = 2.0
"""Seconds between pictures of a video that can be jumped to, where that can be said."""


class EncoderError(Exception):
    """What encodes a video failed; its pictures must be encoded by something else."""


class Writer(Protocol):
    """Takes pictures one after the other, BGR, all of one size."""

    def write(self, image: ImageArray, /) -> None:
        """Append a picture.

        Raises:
            EncoderError: there will be no video.
        """

    def release(self) -> None:
        """Finish the video.

        Raises:
            EncoderError: there is none.
        """


class VideoSink:
    """Writes pictures to a video that is put in its place once it is whole and plays.

    Args:
        path: an .mp4.
        fps: pictures a second.
        encode: given the video and its size, encodes it anew in its place.
        open_writer: given a file and its size, says what writes there; by default OpenCV's MPEG-4.

    Raises:
        EncoderError: see :class:`Writer`; an older file stays.
    """

    def __init__(
        self, path: Path, fps: float, encode: Callable[[Path, Size], None] | None = None,
        open_writer: Callable[[Path, Size], Writer] | None = None,
    ) -> None:  # fmt: skip
        self._path, self._fps, self._encode = path, fps, encode
        self._written, self._size = 0, (0, 0)
        self._open = open_writer or self._mpeg4
        self._writer: Writer | None = None
        self._whole = whole_file(path, check=self._plays)
        self._part = path

    def add(self, picture: ImageArray) -> None:
        """Append a picture; all must have the size of the first.

        Raises:
            MienError: the video cannot be written.
        """
        height, width = (n - n % 2 for n in picture.shape[:2])
        if self._writer is None:
            self._size = width, height
            self._writer = self._open(self._part, self._size)
        self._writer.write(picture[:height, :width])
        self._written += 1

    def _mpeg4(self, part: Path, size: Size) -> Writer:
        writer = cv2.VideoWriter(str(part), cv2.VideoWriter.fourcc(*"mp4v"), self._fps, size)
        if not writer.isOpened():
            raise MienError(f"{self._path} cannot be written; choose an .mp4 in another folder.")
        return writer

    def _plays(self, part: Path) -> None:
        """OpenCV says nothing of a full disk; after that the file lacks its table, which comes last."""
        if self._encode is not None:
            self._encode(part, self._size)
        played = cv2.VideoCapture(str(part), cv2.CAP_FFMPEG)
        count = int(played.get(cv2.CAP_PROP_FRAME_COUNT))
        played.set(cv2.CAP_PROP_POS_FRAMES, self._written - 1)
        seen = played.grab()
        played.release()
        if count != self._written or not seen:
            raise MienError(
                f"{self._path} cannot be written (of {self._written} pictures {count} arrived); free "
                "some space or choose another folder."
            )

    def __enter__(self) -> "VideoSink":
        self._part = self._whole.__enter__()
        return self

    def __exit__(self, *how: Any) -> None:
        try:
            if self._writer is not None:
                self._writer.release()
        except EncoderError as error:
            self._whole.__exit__(type(error), error, error.__traceback__)
            raise
        self._whole.__exit__(*how)


def write_still(path: Path, picture: ImageArray) -> None:
    """Write a picture; an older file stays until the new one is whole.

    Raises:
        MienError: the file cannot be written.
    """
    write_whole(path, cv2.imencode(path.suffix, picture)[1].tobytes())
