# SPDX-License-Identifier: GPL-3.0-or-later
"""The head's pictures as images inside the .blend file, toned after an actor."""

from functools import lru_cache

import bpy
import cv2
import numpy as np
from bpy.types import Image

from ..core.model.looks import Pixels, Tone, picture_bytes, picture_pixels

PICTURE = "Mien "
"""How the names of the images begin."""


def picture(name: str, tone: Tone | None) -> Image:
    """A picture of the head, packed into the file; its median becomes a tone if one is given.

    Args:
        name: of the file in the folder of textures.
        tone: sRGB, 0 to 1.

    Raises:
        ModelError: the file is missing or damaged.
    """
    title, _, suffix = name.partition(".")
    return packed_image(f"{PICTURE}{title.title()}", suffix, encoded(name, tone))


def packed_image(name: str, suffix: str, data: bytes) -> Image:
    """An image inside the .blend file.

    Args:
        name: of the image.
        suffix: of the kind of file that the data are of, such as ``jpg``.
        data: of the file.
    """
    image = bpy.data.images.new(name, 8, 8)
    image.source = "FILE"
    # There is no such file; exporters tell images apart by it.
    image.filepath_raw = f"//{image.name}.{suffix}"
    image.pack(data=data, data_len=len(data))
    return image


def linear(colour: Tone) -> Tone:
    """An sRGB colour as the linear one that Blender takes."""
    values = np.asarray(colour, np.float64)
    low, high = values / 12.92, ((values + 0.055) / 1.055) ** 2.4
    red, green, blue = np.where(values <= 0.04045, low, high).tolist()
    return red, green, blue


def srgb(colour: Tone) -> Tone:
    """A linear colour of Blender's as an sRGB one; undoes :func:`linear`."""
    values = np.clip(np.asarray(colour, np.float64), 0, 1)
    red, green, blue = np.where(
        values <= 0.04045 / 12.92, values * 12.92, 1.055 * values ** (1 / 2.4) - 0.055
    ).tolist()
    return red, green, blue


@lru_cache(maxsize=16)  # of a few hundred kilobytes each; several heads have the same
def encoded(name: str, tone: Tone | None) -> bytes:
    """A picture's file, toned; see :func:`picture`."""
    if tone is None:
        return picture_bytes(name)
    return cv2.imencode(f".{name.rpartition('.')[2]}", toned(name, tone))[1].tobytes()


@lru_cache(maxsize=2)  # of four megabytes; hair and brows are encoded next
def toned(name: str, tone: Tone) -> Pixels:
    """A picture's pixels, toned; see :func:`picture`."""
    return picture_pixels(name, tone)
