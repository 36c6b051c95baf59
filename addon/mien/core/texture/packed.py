# SPDX-License-Identifier: GPL-3.0-or-later
"""A baked texture as a take keeps it: the bytes of a JPEG file, checked before they are unpacked."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ..capture.sources.image_size import image_size
from ..errors import TakeError
from ..model.crop import ImageArray
from ..model.head import Head
from ..model.params import FloatArray
from .plausible import crown_of, face_of, hair_among
from .texels import texels_of

QUALITY = 92
"""Of JPEG: no blocks are seen on skin (chosen by eye)."""
LARGEST = 4096
"""Pixels of a side."""
Colour = tuple[float, float, float]


def pack(picture: ImageArray) -> NDArray[np.uint8]:
    """A picture ``(side, side, 3)`` BGR as the bytes of a JPEG file ``(n,)``."""
    done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    assert done
    return np.asarray(data.ravel(), np.uint8)


def unpack(texture: NDArray[np.uint8]) -> ImageArray:
    """The picture that :func:`pack` was given.

    Raises:
        TakeError: it is no square JPEG of sensible size.
    """
    data = texture.tobytes()
    size = image_size(data) if data.startswith(b"\xff\xd8") else None
    picture = None
    if size is not None and size[0] == size[1] <= LARGEST:
        picture = cv2.imdecode(texture, cv2.IMREAD_COLOR)
    if picture is None:
        raise TakeError("The take's texture is damaged; capture it again.")
    return picture.astype(np.uint8)


def tones_of(picture: ImageArray, head: Head) -> dict[str, Colour]:
    """sRGB colours, 0 to 1, of the ``skin`` and the ``hair`` of a texture."""
    texels = texels_of(head, len(picture))
    face, crown = texels.at(np.column_stack([face_of(head), crown_of(head)])).T
    colours = picture[texels.rows, texels.columns].astype(np.float32)
    skin = np.median(colours[(face > 0.9) & (crown < 0.1)], axis=0)
    hair = hair_among(colours[crown > 0.9], skin)
    return {"skin": _srgb(skin), "hair": _srgb(hair)}


def _srgb(colour: FloatArray) -> Colour:
    blue, green, red = (float(value) / 255 for value in colour)
    return red, green, blue
