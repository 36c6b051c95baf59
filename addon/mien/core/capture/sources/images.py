# SPDX-License-Identifier: GPL-3.0-or-later
"""Footage that is a folder of images, or one image."""

import re
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from ...errors import SourceError
from ...model.crop import ImageArray
from .frames import Frame, Span

IMAGE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".exr", ".jp2", ".ppm"}
)
DEFAULT_FPS = 24.0


class ImageSource:
    """Images in order, evenly spaced in time. Orientation in their EXIF data is respected."""

    def __init__(self, files: list[Path], name: Path, span: Span, fps: float | None) -> None:
        """Open the images; the first one decides the size.

        Raises:
            SourceError: the range holds no image, or the first one cannot be read.
        """
        self.name = str(name)
        self.fps = fps or DEFAULT_FPS
        self.warnings: list[str] = []
        numbered = list(enumerate(files))
        self._files = [(i, f) for i, f in numbered if span.start <= i / self.fps < span.end]
        if not self._files:
            raise SourceError(
                f"{name} has no image in that range; it lasts {len(files) / self.fps:g} s."
            )
        first = _read(self._files[0][1])
        if first is None:
            raise SourceError(
                f"{self._files[0][1]} is not an image that can be read; replace or remove it."
            )
        self.height, self.width = first.shape[:2]
        self.expected: int | None = len(self._files)

    @staticmethod
    def of_folder(folder: Path, span: Span, fps: float | None) -> "ImageSource":
        """All images of a folder in the order of the numbers in their names.

        Raises:
            SourceError: the folder holds none.
        """
        files = [f for f in folder.iterdir() if f.suffix.lower() in IMAGE_SUFFIXES and f.is_file()]
        if not files:
            raise SourceError(
                f"The folder {folder} holds no images; choose one that does, or a video."
            )
        return ImageSource(sorted(files, key=_natural), folder, span, fps)

    def __iter__(self) -> Iterator[Frame]:
        skipped = 0
        for index, file in self._files:
            image = _read(file)
            if image is None or image.shape[:2] != (self.height, self.width):
                skipped += 1
                continue
            yield Frame(index, index / self.fps, image)
        if skipped:
            self.warnings.append(
                f"{skipped} images of {self.name} were unreadable or of another size."
            )


def _read(file: Path) -> ImageArray | None:
    try:  # by way of memory: on Windows OpenCV cannot open paths outside the code page
        return cv2.imdecode(np.fromfile(file, np.uint8), cv2.IMREAD_COLOR)
    except (OSError, cv2.error):
        return None


def _natural(file: Path) -> list[tuple[int, int | str]]:
    """Sort key under which ``frame9`` comes before ``frame10``."""
    parts = re.split(r"(\d+)", file.name.lower())
    return [(1, int(p)) if p.isdigit() else (0, p) for p in parts]
