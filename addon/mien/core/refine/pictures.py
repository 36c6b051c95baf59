# SPDX-License-Identifier: GPL-3.0-or-later
"""The faces of a take cut out of its footage, kept in a temporary file while they are needed."""

import tempfile
from collections.abc import Callable, Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from ..capture.sources.frames import Frame
from ..model.crop import CropBox, ImageArray, cut
from .poses import CUT


class Pictures:
    """Grey cut-outs ``(F, CUT, CUT)`` on disk: 26 kB a frame, of which memory holds one at a time.

    Use it as a context manager; leaving it removes the file.

    Attributes:
        present: ``(F,)`` for which frames the footage had a picture.
    """

    def __init__(self, count: int) -> None:
        self.present = np.zeros(count, bool)
        self._file = tempfile.TemporaryFile(prefix="mien-")  # noqa: SIM115

    def __enter__(self) -> "Pictures":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def read(
        self,
        footage: Iterable[Frame],
        numbers: NDArray[np.int32],
        boxes: list[CropBox],
        look: Callable[[int, ImageArray], None],
        each: Callable[[ImageArray], bool],
    ) -> bool:
        """Cut the faces out of the footage.

        Args:
            footage: from which the take was captured, read anew.
            numbers: ``(F,)`` of the take's frames in it, rising.
            boxes: F, of the faces.
            look: called with the row and the picture of every frame that shows the face.
            each: called after every frame with its picture; once it says True, reading ends.

        Returns:
            Whether it was ended.
        """
        rows = {int(number): row for row, number in enumerate(numbers)}
        last = int(numbers[-1])
        for frame in footage:
            row = rows.get(frame.number)
            if row is None:
                continue
            if np.isfinite(boxes[row]).all():
                picture = cut(frame.image, boxes[row], CUT)
                self._file.seek(row * CUT * CUT)
                self._file.write(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).tobytes())
                self.present[row] = True
                look(row, frame.image)
            if each(frame.image):
                return True
            if frame.number >= last:
                break
        return False

    def __getitem__(self, row: int) -> ImageArray:
        self._file.seek(row * CUT * CUT)
        return np.frombuffer(self._file.read(CUT * CUT), np.uint8).reshape(CUT, CUT)
