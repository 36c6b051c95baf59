# SPDX-License-Identifier: GPL-3.0-or-later
"""Places to stand in: panoramas that give a background and the light of their surroundings."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

F = NDArray[np.float32]
Rng = np.random.Generator

HEADINGS = 24
"""So many directions to look in are prepared; between them the light changes little."""
PANORAMA = (1024, 512)
"""Width and height in pixels to which panoramas are brought; backgrounds are out of focus."""
ZOOM = (0.35, 1.1)
"""Tangent of half the angle of view of a background."""
SOFT = 2.0
"""A background more blurred than this (pixels) is drawn at half the size."""
# Irradiance of the nine spherical harmonics over pi (Ramamoorthi and Hanrahan, 2001).
BANDS = np.array([1.0, 2 / 3, 2 / 3, 2 / 3, 0.25, 0.25, 0.25, 0.25, 0.25], np.float32)

EVEN = 0.282095
"""The harmonic that is the same in all directions: half the root of 1 / pi."""


def harmonics(directions: F) -> F:
    """The nine real spherical harmonics ``(n, 9)`` of unit vectors ``(n, 3)``."""
    x, y, z = directions.T
    return np.column_stack(
        [
            np.full_like(x, EVEN), 0.488603 * y, 0.488603 * z, 0.488603 * x,
            1.092548 * x * y, 1.092548 * y * z, 0.315392 * (3 * z * z - 1), 1.092548 * x * z,
            0.546274 * (x * x - y * y),
        ]
    ).astype(np.float32)  # fmt: skip


@dataclass(frozen=True)
class Environment:
    """One panorama.

    Attributes:
        image: ``(h, w, 3)`` BGR, as a camera would show it.
        light: ``(24, 9, 3)`` for each heading the coefficients of the light that falls on a
            surface, by its normal in camera axes; 1 on average over all directions.
    """

    image: NDArray[np.uint8]
    light: F


def bake_environments(folder: Path) -> dict[str, Any]:
    """Arrays of all ``.exr`` panoramas in a folder: small JPEGs, and light for every heading."""
    os.environ.setdefault("OPENCV_IO_ENABLE_OPENEXR", "1")
    out: dict[str, Any] = {}
    for path in sorted(folder.glob("*.exr")):
        linear = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        if linear is None:
            raise ValueError(f"{path} cannot be read; is OpenCV built with OpenEXR?")
        linear = np.clip(linear[..., :3].astype(np.float32), 0, None)
        shown = cv2.resize(linear, PANORAMA, interpolation=cv2.INTER_AREA)
        middle = float(np.median(shown.mean(axis=2)))
        shown = 255 * np.power(np.clip(shown / (middle * 4.5), 0, 1), 1 / 2.2)
        out[f"place.{path.stem}.texture"] = cv2.imencode(
            ".jpg", shown.astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 88]
        )[1].ravel()
        out[f"place.{path.stem}.light"] = _light(linear)
    return out


def _light(linear: F) -> F:
    small = cv2.resize(linear, (96, 48), interpolation=cv2.INTER_AREA)
    bright = float(np.percentile(small, 98))
    small = np.minimum(small, bright * 3)  # the sun itself is the lamp's part
    rows, columns = np.meshgrid(np.arange(48), np.arange(96), indexing="ij")
    height = np.pi / 2 - (rows.ravel() + 0.5) / 48 * np.pi
    area = np.cos(height) * (np.pi / 48) * (2 * np.pi / 96)
    out = []
    for k in range(HEADINGS):
        # The camera looks at heading 2 pi k / HEADINGS; z points back to it, x to its right.
        side = (columns.ravel() + 0.5) / 96 * 2 * np.pi - 2 * np.pi * k / HEADINGS
        toward = np.column_stack(
            [np.cos(height) * np.sin(side), np.sin(height), -np.cos(height) * np.cos(side)]
        )
        basis = harmonics(toward.astype(np.float32)) * area[:, None]
        out.append((basis.T @ small.reshape(-1, 3)) * BANDS[:, None])
    light = np.array(out, np.float32)
    return light / (light[:, :1].mean() * 0.282095)


def background_view(rng: Rng, environment: Environment, heading: int, size: int) -> F:
    """A background ``(size, size, 3)`` BGR seen at one of the 24 headings, mostly out of focus."""
    blur = abs(rng.normal(0, 4))
    wanted, size = size, size // 2 if blur > SOFT else size
    reach = rng.uniform(*ZOOM)
    tilt, roll = rng.normal(0, 0.12), rng.normal(0, 0.05)
    grid = (np.arange(size, dtype=np.float32) / (size - 1) * 2 - 1) * np.float32(reach)
    x, y = np.meshgrid(grid, -grid)
    x, y = x * np.cos(roll) - y * np.sin(roll), x * np.sin(roll) + y * np.cos(roll)
    depth = np.cos(tilt) - y * np.sin(tilt)
    up = y * np.cos(tilt) + np.sin(tilt)
    side = np.arctan2(x, depth) + 2 * np.pi * heading / HEADINGS
    height = np.arctan2(up, np.sqrt(x * x + depth * depth))
    rows, columns = environment.image.shape[:2]
    u = (side / (2 * np.pi) % 1.0 * columns).astype(np.float32)
    v = ((0.5 - height / np.pi) * rows).astype(np.float32)
    out = cv2.remap(environment.image, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    if size != wanted:
        out = cv2.GaussianBlur(out, (0, 0), blur / 2)
        out = cv2.resize(out, (wanted, wanted), interpolation=cv2.INTER_LINEAR)
    elif blur > 0.7:
        out = cv2.GaussianBlur(out, (0, 0), blur)
    gain = np.exp(rng.normal(0, 0.35)) * (1 + rng.normal(0, 0.04, 3))
    return np.clip(out * gain.astype(np.float32), 0, 255).astype(np.float32)
