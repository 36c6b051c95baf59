# SPDX-License-Identifier: GPL-3.0-or-later
"""How training writes its files: through the core's one writer, whole or not at all."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from mien.core.errors import MienError
from mien.core.writing import write_whole
from numpy.typing import NDArray


def save_tensors(data: dict[str, Any], path: Path) -> None:
    """Write tensors and plain values; the folder is made if need be.

    Raises:
        MienError: the file cannot be written.
    """
    import torch

    path.parent.mkdir(parents=True, exist_ok=True)
    packed = BytesIO()  # torch itself says of a full disk that its stream is wrong
    torch.save(data, packed)
    write_whole(path, packed.getvalue())


def save_picture(path: Path, picture: NDArray[np.uint8], options: Sequence[int] = ()) -> None:
    """Write a picture in the format that the name ends in, with OpenCV's options for it.

    Raises:
        MienError: the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        data = cv2.imencode(path.suffix, picture, list(options))[1]
    except cv2.error as error:
        message = f"{path} cannot be written as a picture; choose another ending."
        raise MienError(message) from error
    write_whole(path, data.tobytes())


def save_text(path: Path, text: str) -> None:
    """Write a text; the folder is made if need be.

    Raises:
        MienError: the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text.encode())
