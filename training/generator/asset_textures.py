# SPDX-License-Identifier: GPL-3.0-or-later
"""MakeHuman's pictures as textures of the size at which they are drawn."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

SKIN_SIZE, CARD_SIZE, HAIR_SIZE, CLOTH_SIZE, EYE_SIZE = 1280, 192, 512, 512, 128
"""Sides of the textures, pixels (chosen by eye: finer than crops show them)."""
EYE_CENTRE, EYE_REACH = (0.293, 0.70), 0.29
"""The lower of the two eyes in MakeHuman's textures, as shares of their side."""
TEETH_SIZE, TONGUE_SIZE = 384, 128
"""The same of teeth and tongue."""
QUALITY, CLOTH_QUALITY = 90, 88
"""Of JPEG: no blocks are seen in a crop (chosen by eye)."""
SPREADS, SPREAD_EDGE = (2, 8, 40), 50
"""Pixels over which colour is carried under transparent texels, near ones first; it is taken whole from this share
(one over it) of opaque texels around on."""
CURLS, COARSE = (1.2, 4.0), 0.7
"""Pixels of a frizzy strand and of a clump of them, and how much the clumps count (chosen by eye, as all below);"""
CURL_GREY, CURL_SHADE, CURL_LIMITS = 95, 40, (15, 235)
"""their mean level, its spread and limits,"""
CURL_ALPHA, CURL_GAPS = 200, 120
"""and the same of how opaque they are."""


def _packed(image: NDArray[np.uint8], size: int, quality: int = 0) -> NDArray[np.uint8]:
    """The picture at another size, as the bytes of a PNG or, given a quality, of a JPEG."""
    small = cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)
    kind = (".jpg", [cv2.IMWRITE_JPEG_QUALITY, quality]) if quality else (".png", [])
    return np.asarray(cv2.imencode(kind[0], small, kind[1])[1].ravel(), np.uint8)


def _read(path: Path) -> NDArray[np.uint8]:
    image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if image is None:
        raise FileNotFoundError(f"{path} is no picture")
    return np.asarray(image, np.uint8)


def _spread(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Colour carried under transparent texels, so that edges do not fade to black."""
    alpha = image[..., 3:].astype(np.float32) / 255
    colour = image[..., :3].astype(np.float32)
    filled, known = colour * alpha, alpha[..., 0].copy()
    for sigma in SPREADS:
        near = cv2.GaussianBlur(colour * alpha, (0, 0), sigma)
        share = cv2.GaussianBlur(alpha[..., 0], (0, 0), sigma)
        gap = (1 - known) * np.clip(share * SPREAD_EDGE, 0, 1)
        filled += near / (share[..., None] + 1e-4) * gap[..., None]
        known += gap
    return np.dstack([np.clip(filled, 0, 255), image[..., 3]]).astype(np.uint8)


def _curls() -> NDArray[np.uint8]:
    """Frizzy hair from nothing: clumps of noise with gaps between them, BGRA."""
    rng = np.random.default_rng(0)
    fine, coarse = (
        cv2.GaussianBlur(rng.normal(size=(HAIR_SIZE, HAIR_SIZE)), (0, 0), sigma) for sigma in CURLS
    )
    noise = fine / fine.std() + COARSE * coarse / coarse.std()
    grey = np.clip(CURL_GREY + CURL_SHADE * noise, *CURL_LIMITS)
    alpha = np.clip(CURL_ALPHA + CURL_GAPS * noise, 0, 255)
    return np.dstack([grey, grey, grey, alpha]).astype(np.uint8)


def textures(source: Path) -> dict[str, Any]:
    """All textures of made-up people, packed, by the names that they have in the file.

    Raises:
        FileNotFoundError: a picture is missing.
    """
    out: dict[str, Any] = {}
    for path in sorted((source / "skins/textures").glob("*_diffuse*.png")):
        name = path.stem.replace("_diffuse", "")
        out[f"skin.{name}.texture"] = _packed(_read(path)[..., :3], SKIN_SIZE, QUALITY)
    for path in sorted((source / "eyes/materials").glob("*_eye.png")):
        image = _read(path)[..., :3]
        side = len(image)
        low = [round((c - EYE_REACH) * side) for c in EYE_CENTRE]
        reach = round(2 * EYE_REACH * side)
        part = image[low[1] : low[1] + reach, low[0] : low[0] + reach]
        out[f"iris.{path.stem[:-4]}.texture"] = _packed(part, EYE_SIZE)
    for folder, size in (("eyebrows", CARD_SIZE), ("eyelashes", CARD_SIZE), ("hair", HAIR_SIZE)):
        for path in sorted((source / folder).glob("*/*.png")):
            name = path.stem.replace("_diffuse", "")
            out[f"{folder}.{name}.texture"] = _packed(_spread(_read(path)), size)
    out["hair.afro01.texture"] = _packed(_curls(), HAIR_SIZE)  # its own picture is not among them
    for path in sorted((source / "clothes").glob("*/*_diffuse.png")):
        name = path.stem.replace("_diffuse", "")
        out[f"clothes.{name}.texture"] = _packed(_read(path)[..., :3], CLOTH_SIZE, CLOTH_QUALITY)
    out["teeth.texture"] = _packed(
        _read(source / "teeth/materials/teeth.png")[..., :3], TEETH_SIZE, QUALITY
    )
    tongue = _read(source / "tongue/tongue01/tongue01_diffuse.png")[..., :3]
    out["tongue.texture"] = _packed(tongue, TONGUE_SIZE, QUALITY)
    return out
