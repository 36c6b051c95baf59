# SPDX-License-Identifier: GPL-3.0-or-later
"""What a camera and a codec do to a picture: blur, low resolution, noise, exposure, compression."""

import cv2
import numpy as np
from numpy.typing import NDArray

F = NDArray[np.float32]
Rng = np.random.Generator


# All chosen by eye on contact sheets beside footage. A share says how often something is done, a range how much.
SMALL, SIZES = 0.3, (0.25, 0.8)
"""Faces that were small in their footage and are enlarged, and their size as a share of the crop's;"""
ENLARGED_EVENLY = 0.7
"""of these, those that are enlarged by straight lines and not by curves (OpenCV's linear and cubic)."""
SMALL_COMPRESSED = 0.5
"""Share of those that a codec saw while they were small: its blocks are enlarged with them."""
SOFT, BLUR = 0.2, (0.4, 2.0)
"""Pictures out of focus, and the standard deviation of the blur, pixels."""
MOVED, WAY = 0.12, (2, 9)
"""Pictures of something that moves, and its way while the shutter is open, pixels."""
EXPOSED, GAIN, BALANCE, BLACK = 0.7, 0.22, 0.05, 10
"""Pictures exposed otherwise; spreads of the gain (logarithm), of each colour's, and of black (levels)."""
CURVED, GAMMA = 0.3, 0.35
"""Pictures through another tone curve, and the spread of its exponent (logarithm)."""
BURNT, BURN = 0.03, (1.5, 3.0)
"""Pictures whose bright parts burn out, and by what gain."""
GREY, FADED, COLOUR = 0.14, 0.2, (0.2, 1.6)
"""Pictures without colour; of the others those with less or more of it, and how much."""
SEPIA, TONED = 0.25, (0.3, 1.3)
"""Share of grey pictures that have a brown tint, and its strength;"""
SEPIA_TINT = np.array([-0.35, -0.02, 0.18], np.float32)
"""it takes so much from blue, green and red."""
NOISY, NOISE = 0.5, 6
"""Pictures with noise, and the spread of its standard deviation, levels."""
COMPRESSED, QUALITY = 0.3, (15, 90)
"""Share of pictures that are compressed as they are, and the range of JPEG's quality."""


def photograph(rng: Rng, picture: F) -> NDArray[np.uint8]:
    """Degrade a BGR picture ``(n, n, 3)`` as footage is degraded; returns uint8."""
    size = len(picture)
    if rng.random() < SMALL:
        small = int(rng.uniform(*SIZES) * size)
        picture = cv2.resize(picture, (small, small), interpolation=cv2.INTER_AREA).astype(
            np.float32
        )
        if rng.random() < SMALL_COMPRESSED:
            picture = compress(rng, picture.clip(0, 255).astype(np.uint8)).astype(np.float32)
        mode = cv2.INTER_LINEAR if rng.random() < ENLARGED_EVENLY else cv2.INTER_CUBIC
        picture = cv2.resize(picture, (size, size), interpolation=mode).astype(np.float32)
    if rng.random() < SOFT:
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(*BLUR)).astype(np.float32)
    if rng.random() < MOVED:
        picture = move(picture, rng.uniform(*WAY), rng.uniform(0, np.pi))
    if rng.random() < EXPOSED:
        gain = np.exp(rng.normal(0, GAIN)) * (1 + rng.normal(0, BALANCE, 3))
        picture = picture * gain.astype(np.float32) + rng.normal(0, BLACK)
    if rng.random() < CURVED:
        gamma = np.exp(rng.normal(0, GAMMA))
        power: F = np.power(np.clip(picture, 0, 255) / 255, gamma, dtype=np.float32)
        picture = 255 * power
    if rng.random() < BURNT:
        picture = picture * np.float32(rng.uniform(*BURN))
    if rng.random() < GREY:
        picture = np.repeat(picture.mean(axis=2, keepdims=True), 3, axis=2)
        if rng.random() < SEPIA:
            picture = picture * (1 + SEPIA_TINT * np.float32(rng.uniform(*TONED)))
    elif rng.random() < FADED:
        grey = picture.mean(axis=2, keepdims=True)
        picture = grey + (picture - grey) * rng.uniform(*COLOUR)
    if rng.random() < NOISY:
        sigma = abs(rng.normal(0, NOISE))
        picture = picture + sigma * rng.standard_normal(picture.shape, dtype=np.float32)
    out = np.clip(picture, 0, 255).astype(np.uint8)
    return compress(rng, out) if rng.random() < COMPRESSED else out


def compress(rng: Rng, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pack a BGR picture as JPEG of some quality, and unpack it."""
    quality = int(rng.integers(*QUALITY))
    packed = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return cv2.imdecode(packed, cv2.IMREAD_COLOR).astype(np.uint8)


def move(picture: F, length: float, angle: float) -> F:
    """Blur by a straight motion of ``length`` pixels at ``angle`` radians (the paper's K * x)."""
    side = int(np.ceil(length)) | 1
    kernel = np.zeros((side, side), np.float32)
    middle = side / 2 - 0.5
    reach = np.array([np.cos(angle), np.sin(angle)]) * length / 2
    a, b = np.rint(middle - reach).astype(int), np.rint(middle + reach).astype(int)
    cv2.line(kernel, tuple(map(int, a)), tuple(map(int, b)), 1.0, 1, cv2.LINE_AA)
    return cv2.filter2D(picture, -1, kernel / kernel.sum()).astype(np.float32)
