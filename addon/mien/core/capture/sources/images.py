# SPDX-License-Identifier: GPL-3.0-or-later
"""Footage that is a folder of images, or one image."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from ...errors import SourceError
from ...model.crop import ImageArray
from ...reading import open_regular, read_bytes
from .decoding import decoding
from .frames import Frame, Span
from .image_size import MOST_PIXELS, image_size, is_whole
from .read_ahead import read_ahead
from .sequence import Sequence, find_sequence

DEFAULT_FPS = 24.0
"""Frames a second of images, which say none: film's rate, and Blender's own default."""
_MOST_BYTES = 2**30
"""Of one image, which is read whole: 1 GB."""
_HEAD = 2**18
"""Bytes in which a picture says how large it is; JPEGs may have a small picture before that."""


class ImageSource:
    """Images in order, evenly spaced in time. Orientation in their EXIF data is respected."""

    def __init__(self, sequence: Sequence, name: Path, span: Span, fps: float | None) -> None:
        """Open the images; the size that most of them have is the footage's.

        Raises:
            SourceError: the range holds no image, or the first one cannot be read.
        """
        self.name = str(name)
        self.fps = fps or DEFAULT_FPS
        self.warnings: list[str] = list(sequence.warnings)
        self._files = [(i, f) for i, f in sequence.frames if span.start <= i / self.fps < span.end]
        if not self._files:
            raise SourceError(
                f"{name} has no image in that range; it lasts "
                f"{(sequence.frames[-1][0] + 1) / self.fps:g} s."
            )
        self.height, self.width = _read(_typical([f for _, f in self._files])).shape[:2]
        self.expected: int | None = len(self._files)

    @staticmethod
    def of_file(file: Path, span: Span, fps: float | None) -> "ImageSource":
        """One image."""
        return ImageSource(Sequence([(0, file)], None, []), file, span, fps)

    @staticmethod
    def of_folder(folder: Path, span: Span, fps: float | None) -> "ImageSource":
        """The sequence of images in a folder.

        Raises:
            SourceError: the folder holds none, or more than one.
        """
        return ImageSource(find_sequence(folder), folder, span, fps)

    def __iter__(self) -> Iterator[Frame]:
        """The images in order, a few of them read ahead of who takes them."""
        return read_ahead(self._read_all())

    def _read_all(self) -> Iterator[Frame]:
        skipped = 0
        for index, file in self._files:
            try:
                image = _read(file)
            except SourceError:
                image = None
            if image is None or image.shape[:2] != (self.height, self.width):
                skipped += 1
                continue
            yield Frame(index, index / self.fps, image)
        if skipped:
            self.warnings.append(
                f"{skipped} images of {self.name} were unreadable or of another size."
            )


def _typical(files: list[Path]) -> Path:
    """The first image of the size that most have."""
    sizes: dict[Path, tuple[int, int] | None] = {}
    for file in files:
        try:
            with open_regular(file, _MOST_BYTES) as opened:
                sizes[file] = image_size(opened.read(_HEAD))
        except OSError:
            sizes[file] = None
    known = Counter(size for size in sizes.values() if size is not None)
    if not known:
        return files[0]
    most = known.most_common(1)[0][0]
    return next(file for file, size in sizes.items() if size == most)


def _read(file: Path) -> ImageArray:
    """Decode a picture.

    Raises:
        SourceError: it cannot be read, is of no kind that is known, or of too many pixels.
    """
    try:  # by way of memory: on Windows OpenCV cannot open paths outside the code page
        data = read_bytes(file, _MOST_BYTES)
    except OSError as error:
        raise SourceError(
            f"{file} cannot be read ({error.strerror}); choose another file."
        ) from error
    size = image_size(data) if is_whole(data) else None
    if size is not None and size[0] * size[1] > MOST_PIXELS:
        raise SourceError(
            f"{file} has {size[0]} x {size[1]} pixels, which is too many; make it smaller."
        )
    try:
        with decoding():
            image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if size else None
    except cv2.error:
        image = None
    if image is None:
        raise SourceError(f"{file} is not an image that can be read; replace or remove it.")
    return image
