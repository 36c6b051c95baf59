# SPDX-License-Identifier: GPL-3.0-or-later
"""Footage whose truth is known: a head with spotted skin, drawn under known poses and weights."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from mien.core.capture.sources.frames import Frame
from mien.core.model.crop import ImageArray
from mien.core.model.head import Head
from mien.core.model.params import (
    CROP_SIZE,
    EXPRESSION,
    N_IDENTITY,
    FloatArray,
    Pose,
    compose,
    join,
)
from mien.core.refine.raster import rasterise
from mien.core.take.take import Take
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from ...conftest import info_of

SIZE = 240
SCALE = 900.0
"""Image pixels a metre: a face of some 120 pixels."""


@dataclass(frozen=True)
class Drawn:
    """Frames and their truth.

    Attributes:
        frames: of the footage.
        take: whose poses are right, and whose network saw a face at rest in all frames.
        weights: ``(F, 52)``.
    """

    frames: list[Frame]
    take: Take
    weights: FloatArray


def drawn(
    head: Head, weights: FloatArray, yaw: NDArray[np.float64], scale: float = SCALE,
    skins: list[FloatArray] | None = None,
) -> Drawn:  # fmt: skip
    """Draw the mean head with weights ``(F, 52)``, turned by ``yaw`` ``(F,)`` degrees.

    Its skin is :func:`spotted`, or one of ``skins`` in each frame.
    """
    count = len(weights)
    skins = skins or [spotted()] * count
    rotation = Rotation.from_euler("y", yaw[:, None], degrees=True).as_matrix().astype(np.float32)
    transform = compose(
        Pose(
            np.full(count, scale * CROP_SIZE / SIZE, np.float32), rotation,
            np.zeros((count, 3), np.float32),
        )
    )  # fmt: skip
    nothing = np.zeros((count, 10), np.float32)
    params = join(transform, np.zeros((count, N_IDENTITY), np.float32), nothing)
    params[:, EXPRESSION] = 0
    middle = (SIZE - 1) / 2
    take = Take(
        np.arange(count) / 30.0, np.arange(count, dtype=np.int32),
        np.tile(np.array([middle, middle, SIZE], np.float32), (count, 1)),
        np.ones(count, np.float32), params, np.zeros_like(weights),
        info_of(head.id, width=SIZE, height=SIZE),
    )  # fmt: skip
    images = [
        _image(head, w, r, scale, s) for w, r, s in zip(weights, rotation, skins, strict=True)
    ]
    return Drawn([Frame(k, k / 30, image) for k, image in enumerate(images)], take, weights)


def spotted() -> FloatArray:
    """The skin's grey levels on the head's texture coordinates, the first row at v = 0: ``(900, 900)``."""
    return cv2.resize(
        np.random.default_rng(0).uniform(60, 220, (90, 90)).astype(np.float32), (900, 900),
        interpolation=cv2.INTER_CUBIC,
    ).astype(np.float32)  # fmt: skip


def _image(
    head: Head, weights: FloatArray, rotation: FloatArray, scale: float, spots: FloatArray
) -> ImageArray:
    shape = head.vertices + np.tensordot(weights, head.blendshapes, axes=1)
    placed = shape @ rotation.T * scale
    middle = (SIZE - 1) / 2
    points = np.column_stack([middle + placed[:, 0], middle - placed[:, 1], placed[:, 2]])
    seen = rasterise(points.astype(np.float32), head.triangles, SIZE, SIZE)
    uvs = head.uvs[:, [[0, 1, 2], [0, 2, 3]]].reshape(-1, 3, 2)
    where = np.einsum("hwk,hwkx->hwx", seen.weights, uvs[seen.triangle]).astype(np.float32)
    grey = cv2.remap(spots, where * 899, None, cv2.INTER_LINEAR)
    grey[seen.triangle < 0] = 30
    return cv2.cvtColor(np.clip(grey, 0, 255).astype(np.uint8), cv2.COLOR_GRAY2BGR).astype(np.uint8)


def with_hand(made: Drawn, rows: list[int]) -> Drawn:
    """The same with something spotted before the face in some frames."""
    rng = np.random.default_rng(1)
    frames = list(made.frames)
    for row in rows:
        image = frames[row].image.copy()
        patch = rng.integers(0, 255, (14, 14, 3)).astype(np.uint8)
        image[60:210, 50:190] = cv2.resize(patch, (140, 150))
        frames[row] = frames[row]._replace(image=image)
    return replace(made, frames=frames)
