# SPDX-License-Identifier: GPL-3.0-or-later
"""Where frames come from: a video file, a folder of images, a single image."""

from pathlib import Path

from ...errors import SourceError
from ...rates import is_rate
from ...reading import open_regular
from .animation import AnimationSource, is_animated
from .frames import Frame, FrameSource, Span
from .image_size import image_size
from .images import ImageSource
from .video import VideoSource

__all__ = ["Frame", "FrameSource", "Span", "open_source"]

MOST_BYTES = 2**46
"""Videos are large; what claims more than 70 terabytes is none."""
START = 2**18
"""Bytes by which it is told what a file holds."""
NARROWEST = 20
"""Footage whose sides differ by more shows no face, and its previews would be immense."""


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
    source = _opened(path, Span.checked(start, end), fps)
    if max(source.width, source.height) > NARROWEST * min(source.width, source.height):
        raise SourceError(
            f"{path} has {source.width} x {source.height} pixels, too narrow for a face; crop it."
        )
    return source


def _opened(path: Path, span: Span, fps: float | None) -> FrameSource:
    if fps is not None and not is_rate(fps):
        raise SourceError(f"A rate of {fps:g} frames a second makes no sense; give one above 0.")
    try:
        if path.is_dir():
            return ImageSource.of_folder(path, span, fps)
        with open_regular(path, MOST_BYTES) as file:
            head = file.read(START)
        if not head:
            raise SourceError(f"{path} is empty; choose another file.")
    except FileNotFoundError:
        raise SourceError(f"{path} does not exist; check the path.") from None
    except PermissionError:
        raise SourceError(f"{path} may not be read; change its permissions or copy it.") from None
    except OSError as error:
        raise SourceError(f"{path} cannot be read ({error.strerror}); check the path.") from error
    if image_size(head) is not None:
        if is_animated(head):
            return AnimationSource(path, span, fps)
        return ImageSource.of_file(path, span, fps)
    return VideoSource(path, span, fps)
