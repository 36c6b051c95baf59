# SPDX-License-Identifier: GPL-3.0-or-later
"""How the regions of the shown head look: colours, pictures, and what takes the actor's tones."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ..assets import texture_path
from ..errors import ModelError
from ..modes import Hair
from ..reading import read_bytes
from .params import FloatArray

Tone = tuple[float, float, float]
"""sRGB, each 0 to 1."""
Tones = dict[str, Tone]
"""Of the actor's ``skin``, ``hair`` and ``iris``; what is not known is left out."""


class Look(NamedTuple):
    """How a region looks.

    Attributes:
        colour: in the viewport and where it has no picture.
        roughness: of its surface.
        subsurface: light that goes under it.
        picture: file name of its texture, ``{}`` in the place of the hair's style; empty for none.
        cut: whether the picture's alpha cuts it out.
    """

    colour: Tone
    roughness: float
    subsurface: float = 0.0
    picture: str = ""
    cut: bool = False


HAIR_TONE: Tone = (0.19, 0.14, 0.11)
"""Of hair where the actor's tone is not known; chosen by eye."""
LOOKS: dict[str, Look] = {
    "skin": Look((0.80, 0.62, 0.52), 0.52, 0.06, "skin.jpg"),
    "lips": Look((0.70, 0.43, 0.40), 0.38, 0.06, "skin.jpg"),
    "mouth": Look((0.26, 0.09, 0.085), 0.9),
    "teeth": Look((0.80, 0.76, 0.69), 0.25, 0.0, "teeth.png"),
    "tongue": Look((0.62, 0.32, 0.32), 0.45),
    "eye": Look((0.88, 0.87, 0.85), 0.08, 0.0, "eye.jpg"),
    "iris": Look((0.36, 0.24, 0.13), 0.05, 0.0, "eye.jpg"),
    "pupil": Look((0.02, 0.02, 0.02), 0.05, 0.0, "eye.jpg"),
    "brows": Look((0.34, 0.26, 0.21), 0.8, 0.0, "brows.png", True),
    "lashes": Look((0.07, 0.06, 0.05), 0.6),
    "hair": Look(HAIR_TONE, 0.6, 0.0, "hair_{}.png", True),
}
"""By region of :data:`mien.core.model.parts.REGIONS`; colours chosen by eye."""
TONED = {"skin": "skin", "lips": "skin", "brows": "hair", "hair": "hair", "iris": "iris"}
"""Regions that take the actor's tone, and which."""
PICTURE_TONED = TONED | {"eye": "iris", "pupil": "iris"}
"""The same of their pictures: that of an eye shows the iris among all else."""
IRIS_EDGE = 22.5 / 60.0
"""Share of an eye's picture's radius at which its iris ends; see :mod:`training.head.eye_spheres`."""
LIPS_REDDER: Tone = (0.92, 0.74, 0.80)
"""Colour of lips over that of the skin around them, by channel."""
BROW_HAIR = 0.7
"""Share of the hair's colour in that of the brows, through which the skin is seen."""
LASH_SKIN = 0.6
"""Share of skin between lashes, where one colour stands for both."""
AFAR = 320
"""Pixels of a side to which pictures of strands are shrunk that are looked at from afar, or they glitter."""
MOST_BYTES = 16 * 2**20
"""The largest picture that ships has one megabyte; what is sixteen times that is none."""

Pixels = NDArray[np.uint8]


def colour_of(region: str, tones: Tones) -> Tone:
    """The plain colour of a region for an actor."""
    tone = tones.get(TONED.get(region, ""))
    if tone is None:
        return LOOKS[region].colour
    if region == "brows" and "skin" in tones:
        red, green, blue = (
            BROW_HAIR * hair + (1 - BROW_HAIR) * skin
            for hair, skin in zip(tone, tones["skin"], strict=True)
        )
        return (red, green, blue)
    shade = LIPS_REDDER if region == "lips" else (1.0, 1.0, 1.0)
    return (tone[0] * shade[0], tone[1] * shade[1], tone[2] * shade[2])


def picture_tone(region: str, tones: Tones) -> Tone | None:
    """What the median of a region's picture becomes; None leaves the picture as it is."""
    return tones.get(PICTURE_TONED.get(region, "")) or (HAIR_TONE if LOOKS[region].cut else None)


def picture_of(region: str, hair: Hair) -> str:
    """File name of a region's picture for a style of hair; empty where there is none."""
    name = LOOKS[region].picture
    return "" if region == "hair" and hair == Hair.NONE else name.format(hair)


def picture_bytes(name: str) -> bytes:
    """A picture of the head as its file holds it.

    Raises:
        ModelError: it is missing.
    """
    path = texture_path(name)
    try:
        return read_bytes(path, MOST_BYTES)
    except OSError as error:
        raise ModelError(f"The texture {path} cannot be read; install Mien again.") from error


def picture_pixels(name: str, tone: Tone | None) -> Pixels:
    """A picture of the head, BGR or BGRA ``(H, W, 3 or 4)``; its median becomes a tone if one is given.

    Args:
        name: of the file in the folder of textures.
        tone: see :func:`picture_tone`.

    Raises:
        ModelError: the file is missing or damaged.
    """
    decoded = cv2.imdecode(np.frombuffer(picture_bytes(name), np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None:
        raise ModelError(f"The texture {texture_path(name)} is damaged; install Mien again.")
    pixels = np.asarray(decoded, np.uint8)
    if tone is None:
        return pixels
    if name == LOOKS["iris"].picture:
        return _with_iris(np.ascontiguousarray(pixels[..., :3]), tone)
    some = np.ascontiguousarray(pixels[::4, ::4])
    seen = some[..., 3] > 128 if some.shape[2] == 4 else np.ones(some.shape[:2], bool)
    middle = np.maximum(np.median(some[seen][:, :3], axis=0), 1)
    factors = np.ones(pixels.shape[2])  # transparency, where there is any, stays
    factors[:3] = np.array(tone)[::-1] * 255 / middle
    levels = np.arange(256)[:, None] * factors
    return np.asarray(cv2.LUT(pixels, np.clip(levels, 0, 255).astype(np.uint8)[None]), np.uint8)


def _with_iris(eye: Pixels, tone: Tone) -> Pixels:
    """An eye's picture whose iris has a tone in the median; white and pupil stay."""
    side = len(eye)
    rows, columns = np.mgrid[:side, :side] + 0.5 - side / 2
    away = np.hypot(rows, columns) / (side / 2) / IRIS_EDGE
    grey = eye.mean(axis=2, keepdims=True)
    toned = (
        grey
        / max(float(np.median(grey[(away > 0.5) & (away < 0.9)])), 1.0)
        * np.array(tone)[::-1]
        * 255
    )
    inside = np.clip((1.04 - away) / 0.08, 0, 1)[..., None]
    return np.asarray(np.clip(eye + inside * (toned - eye), 0, 255), np.uint8)


def painted_region(
    region: str, tones: Tones, hair: Hair, known: dict[str, Pixels]
) -> tuple[FloatArray, Pixels | None]:
    """A region's colour ``(3,)``, BGR 0 to 255, and its picture where it has one, small enough to be
    looked at from a metre away.

    Pictures that regions share (eye, iris and pupil) are read once, and kept in ``known`` by their names.
    Brows are thinner where their picture is transparent: there, and between lashes, the skin shows through.
    """
    look, skin = LOOKS[region], np.array(colour_of("skin", tones), np.float32)[::-1] * 255
    colour = np.array(colour_of(region, tones), np.float32)[::-1] * 255
    if region == "lashes":  # slimmer than a pixel, from so far away
        colour += LASH_SKIN * (skin - colour)
    name = picture_of(region, hair)
    if not name:
        return colour, None
    if name not in known:
        pixels = picture_pixels(name, picture_tone(region, tones))
        factor = min(1.0, AFAR / max(pixels.shape)) if look.cut else 1.0
        small = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        seen = small[..., :3]
        if region == "brows":  # hair lies on hair
            seen = (seen + (1 - small[..., 3:] / 255.0) * (skin - seen)).astype(np.uint8)
        known[name] = seen
    return colour, known[name]
