# SPDX-License-Identifier: GPL-3.0-or-later
"""The head's pictures as images inside the .blend file, toned after an actor."""

from functools import lru_cache

import bpy
import cv2
import numpy as np
from bpy.types import Image

from ..core.assets import texture_path
from ..core.errors import ModelError
from ..core.reading import read_bytes
from ..core.tones import Tone

MOST_BYTES = 16 * 2**20
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
    data = _encoded(name, tone)
    image = bpy.data.images.new(f"{PICTURE}{name.partition('.')[0].title()}", 8, 8)
    image.source = "FILE"
    image.pack(data=data, data_len=len(data))
    return image


def linear(colour: Tone) -> Tone:
    """An sRGB colour as the linear one that Blender takes."""
    values = np.asarray(colour, np.float64)
    low, high = values / 12.92, ((values + 0.055) / 1.055) ** 2.4
    red, green, blue = np.where(values <= 0.04045, low, high).tolist()
    return red, green, blue


@lru_cache(maxsize=16)  # of a few hundred kilobytes each; several heads have the same
def _encoded(name: str, tone: Tone | None) -> bytes:
    path = texture_path(name)
    try:
        data = read_bytes(path, MOST_BYTES)
    except OSError as error:
        raise ModelError(f"The texture {path} cannot be read; install Mien again.") from error
    if tone is None:
        return data
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise ModelError(f"The texture {path} is damaged; install Mien again.")
    colours = pixels[..., :3]
    seen = pixels[..., 3] > 128 if pixels.shape[2] == 4 else np.ones(pixels.shape[:2], bool)
    middle = np.maximum(np.median(colours[seen][::16], axis=0), 1)
    gains = np.array(tone)[::-1] * 255 / middle
    levels = np.arange(256)[:, None] * gains
    table = np.clip(levels, 0, 255).astype(np.uint8)[:, None, :]
    pixels[..., :3] = cv2.LUT(np.ascontiguousarray(colours), table.transpose(1, 0, 2))
    return cv2.imencode(path.suffix, pixels)[1].tobytes()
