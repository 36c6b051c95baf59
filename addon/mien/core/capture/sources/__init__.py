# SPDX-License-Identifier: GPL-3.0-or-later
"""Where frames come from: a video file, a folder of images, a single image."""

from pathlib import Path

from ...errors import SourceError
from .frames import Frame, FrameSource, Span
from .images import IMAGE_SUFFIXES, ImageSource
from .video import VideoSource

__all__ = ["Frame", "FrameSource", "Span", "open_source"]


def open_source(
    path: Path, start: float | None = None, end: float | None = None, fps: float | None = None
) -> FrameSource:
    """Open footage of any kind.

    Args:
        path: a video file, a folder of images in name order, or one image.
        start, end: part of the footage in seconds; all of it by default.
        fps: for a video, take at most so many frames a second; for images, the rate at which they
            follow each other (24 by default).

    Raises:
        SourceError: the footage cannot be read or the range is empty; the message says what to do.
    """
    span = Span.checked(start, end)
    if fps is not None and not 0 < fps <= 1000:
        raise SourceError(f"A rate of {fps:g} frames a second makes no sense; give one above 0.")
    try:
        if path.is_dir():
            return ImageSource.of_folder(path, span, fps)
        if not path.exists():
            raise SourceError(f"{path} does not exist; check the path.")
        with path.open("rb") as file:
            if not file.read(1):
                raise SourceError(f"{path} is empty; choose another file.")
    except PermissionError:
        raise SourceError(f"{path} may not be read; change its permissions or copy it.") from None
    except OSError as error:
        raise SourceError(f"{path} cannot be read ({error.strerror}); check the path.") from error
    if path.suffix.lower() in IMAGE_SUFFIXES:
        return ImageSource([path], path, span, fps)
    return VideoSource(path, span, fps)
