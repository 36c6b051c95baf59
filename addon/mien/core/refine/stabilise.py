# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames turned back into the canonical picture through the posed mesh, and made independent of light."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..model.crop import FLIP, ImageArray
from ..model.head import Head
from ..model.params import FloatArray
from .canonical import MAP, SIDE, Canonical
from .poses import CUT, Array, Poses

BOX = 17
"""Window in which the mean is taken off and the contrast made one, pixels."""
LEAST_CONTRAST = 4.0
"""Grey levels below which a spread is noise and is not raised."""
GREY, SPREAD = 128.0, 42.0
"""Where the mean and one standard deviation lie in eight bits: three of them fit."""
ROUNDS = 3
"""Steps of the robust mean."""
SQUARE, GRAZING = 0.75, 0.15
"""Cosines of the angle to the viewer at which skin counts fully and not at all."""


@dataclass(frozen=True)
class Surface:
    """The canonical picture's pixels on the person's resting face, ready for a product with weights.

    Attributes:
        canonical: the picture.
        still: ``(3U,)`` vertices at rest, metres; units: ``(52, 3U)``.
    """

    canonical: Canonical
    still: FloatArray
    blendshapes: FloatArray

    @staticmethod
    def of(canonical: Canonical, head: Head, shape: FloatArray) -> "Surface":
        """That of a person whose resting face is ``shape`` ``(N, 3)``."""
        used = canonical.vertices
        blendshapes = np.ascontiguousarray(
            head.blendshapes[:, used].reshape(len(head.blendshapes), -1)
        )
        return Surface(canonical, shape[used].ravel(), blendshapes)

    def vertices(self, weights: Array) -> FloatArray:
        """Vertices ``(U, 3)`` with weights ``(52,)``."""
        moved: FloatArray = self.still + weights.astype(np.float32) @ self.blendshapes
        return moved.reshape(-1, 3)


def pixel_map(surface: Surface, weights: Array, poses: Poses, frame: int) -> FloatArray:
    """Where each canonical pixel lies in a frame's cut-out: ``(SIDE, SIDE, 2)``, x right, y down.

    Beside the head the map goes on as it would over a flat picture, so that nothing ends at an edge.
    """
    rows = (poses.scale[frame] * poses.rotation[frame, :2] * FLIP[:2, None]).astype(np.float32)
    place = (poses.place[frame] * FLIP[:2] + (CUT - 1) / 2).astype(np.float32)
    flat = surface.canonical.places @ np.vstack(
        [surface.vertices(weights) @ rows.T, rows[:, :2].T, place[None]]
    )
    return np.asarray(cv2.resize(flat.reshape(MAP, MAP, 2), (SIDE, SIDE)), np.float32)


def stabilised(picture: ImageArray, where: FloatArray) -> ImageArray:
    """A cut-out ``(CUT, CUT)`` seen through a map, local mean and contrast taken off: ``(SIDE, SIDE)``."""
    grey = cv2.remap(picture, where, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    level = grey.astype(np.float32)
    size = (BOX, BOX)
    mean = cv2.blur(level, size)
    variance = cv2.blur(level * level, size) - mean * mean
    contrast = np.sqrt(np.maximum(variance, 0)) + LEAST_CONTRAST
    return np.clip(GREY + SPREAD * (level - mean) / contrast, 0, 255).astype(np.uint8)


def facing(canonical: Canonical, rotation: Array) -> FloatArray:
    """How squarely the skin of each pixel is seen, 0 to 1: ``(SIDE, SIDE)``."""
    cosine = canonical.normals @ rotation[2].astype(np.float32)
    share = np.clip((cosine - GRAZING) / (SQUARE - GRAZING), 0, 1)
    return (share.reshape(SIDE, SIDE) * canonical.measured).astype(np.float32)


def template_of(pictures: NDArray[np.uint8], weights: FloatArray) -> ImageArray:
    """The picture that most frames agree on: a mean in which what is unlike it counts less (Cauchy).

    Args:
        pictures: ``(n, SIDE, SIDE)`` stabilised.
        weights: ``(n, SIDE, SIDE)`` by how squarely each pixel is seen.
    """
    level = pictures.astype(np.float32)
    share = weights + np.float32(1e-3)
    mean = (share * level).sum(axis=0) / share.sum(axis=0)
    for _ in range(ROUNDS):
        robust = share / (1 + ((level - mean) / SPREAD) ** 2)
        mean = (robust * level).sum(axis=0) / robust.sum(axis=0)
    return np.clip(mean, 0, 255).astype(np.uint8)
