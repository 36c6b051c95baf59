# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands before a face: spectacles, sunglasses, hands and other things that hide parts of it."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from .synthetic import SKINS

F = NDArray[np.float32]
Rng = np.random.Generator
Project = Callable[[F], F]

LENS_AHEAD = 0.026
"""Spectacles stand this far in front of the eyeballs' centres, metres."""
FACE_LIMIT = np.cos(np.radians(68))


def wear_glasses(rng: Rng, picture: F, project: Project, eyes: F, forward_z: float) -> None:
    """Draw spectacles or sunglasses in place.

    Args:
        rng: draws the frame.
        picture: ``(h, w, 3)``.
        project: model space ``(k, 3)`` to pixels ``(k, 2)``.
        eyes: ``(2, 3)`` eyeball centres in model space, left and right.
        forward_z: cosine between the face's direction and the camera; nothing is drawn in profile,
            where the far lens would show through.
    """
    if forward_z < FACE_LIMIT:
        return
    wide, high = rng.uniform(0.020, 0.030), rng.uniform(0.013, 0.024)
    power = rng.uniform(2, 5)
    angle = np.linspace(0, 2 * np.pi, 28)
    cosine, sine = np.cos(angle), np.sin(angle)
    ring = np.stack(
        [
            wide * np.sign(cosine) * np.abs(cosine) ** (2 / power),
            high * np.sign(sine) * np.abs(sine) ** (2 / power),
            -0.12 * np.abs(wide * cosine) * 0,
        ],
        axis=1,
    )
    dark = rng.random() < 0.4
    colour = tuple(
        float(c) for c in (rng.uniform(0, 60, 3) if rng.random() < 0.7 else rng.uniform(60, 220, 3))
    )
    thick = max(1, round(float(rng.uniform(0.0012, 0.006)) * _pixels_per_metre(project)))
    centres = eyes + np.array([0, rng.uniform(-0.006, 0.004), LENS_AHEAD])
    tint = np.array(rng.uniform(0, 50, 3))
    for centre, side in ((centres[0], 1), (centres[1], -1)):
        outline = np.rint(project((centre + ring).astype(np.float32)) * 8).astype(np.int32)
        if dark or rng.random() < 0.3:
            lens = picture.copy()
            cv2.fillPoly(lens, [outline], tuple(tint), cv2.LINE_AA, 3)
            share = rng.uniform(0.8, 1.0) if dark else rng.uniform(0.05, 0.25)
            picture += share * (lens - picture)
        cv2.polylines(picture, [outline], True, colour, thick, cv2.LINE_AA, 3)
        arm = np.array([centre + [side * wide, 0.004, 0], centre + [side * 0.042, 0.006, -0.03]])
        _line(picture, project, arm, colour, thick)
    bridge = np.array([centres[0] - [wide, 0, 0], centres[1] + [wide, 0, 0]])
    _line(picture, project, bridge, colour, thick)


def _line(
    picture: F, project: Project, ends: NDArray[np.float64], colour: tuple[float, ...], thick: int
) -> None:
    a, b = np.rint(project(ends.astype(np.float32)) * 8).astype(int)
    cv2.line(picture, tuple(map(int, a)), tuple(map(int, b)), colour, thick, cv2.LINE_AA, 3)


def _pixels_per_metre(project: Project) -> float:
    a, b = project(np.array([[0, 0, 0], [0, 0.1, 0]], np.float32))
    return float(np.linalg.norm(a - b)) * 10


def hide_part(rng: Rng, picture: F, backdrop: F) -> None:
    """Put a hand-like, cloth-like or arbitrary shape over part of the picture, in place."""
    size = len(picture)
    kind = rng.random()
    mask = np.zeros((size, size), np.uint8)
    at = rng.uniform(0, size, 2)
    if kind < 0.4:  # fingers: a few thick strokes side by side
        skin = SKINS[rng.integers(len(SKINS))] * rng.uniform(0.7, 1.15)
        fill = np.clip(skin + rng.normal(0, 6, (size, size, 3)), 0, 255)
        angle = rng.uniform(0, 2 * np.pi)
        along, across = (
            np.array([np.cos(angle), np.sin(angle)]),
            np.array([-np.sin(angle), np.cos(angle)]),
        )
        thick = int(rng.uniform(0.05, 0.1) * size)
        for k in range(int(rng.integers(1, 5))):
            start = at + across * k * thick * 1.1
            end = start + along * size * rng.uniform(0.25, 0.6)
            cv2.line(mask, tuple(map(int, start)), tuple(map(int, end)), 255, thick, cv2.LINE_AA)
    else:
        fill = (
            backdrop[::-1] if rng.random() < 0.6 else np.full_like(picture, rng.uniform(0, 255, 3))
        )
        axes = rng.uniform(0.08, 0.32, 2) * size
        if kind < 0.7:
            cv2.ellipse(
                mask, (tuple(at), tuple(axes * 2), rng.uniform(0, 180)), 255, -1, cv2.LINE_AA
            )
        else:
            box = cv2.boxPoints((tuple(at), tuple(axes * 2), rng.uniform(0, 180)))
            cv2.fillPoly(mask, [box.astype(np.int32)], 255, cv2.LINE_AA)
    picture += (mask[..., None] / 255.0) * (fill - picture)
