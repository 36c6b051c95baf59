# SPDX-License-Identifier: GPL-3.0-or-later
"""What hides a face at its mouth, and pictures that end before the face does."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .synthetic import SKINS

F = NDArray[np.float32]
Rng = np.random.Generator

SHIFT, STEPS = 3, 8
"""OpenCV draws with eighths of a pixel."""
MASKS = ((235, 235, 235), (215, 185, 140), (30, 30, 30), (200, 170, 180))
"""Colours of the masks that most people wear, BGR."""
CUT_MOST = 0.38
"""Share of the picture that its edge takes away at most from one side."""


def cut_by_edge(rng: Rng, picture: F) -> None:
    """End the picture before the face does, at one or two sides, in place.

    What lies outside is mostly black, as the crops of the tracker show it.
    """
    size = len(picture)
    for side in rng.permutation(4)[: 1 if rng.random() < 0.75 else 2]:
        width = int(rng.uniform(0.08, CUT_MOST) * size)
        kind = rng.random()
        turned = np.rot90(picture, side)
        if kind < 0.7:
            turned[:width] = 0
        elif kind < 0.85:
            turned[:width] = turned[width : width + 1]
        else:
            turned[:width] = rng.uniform(0, 255, 3)


def hide_mouth(rng: Rng, picture: F, landmarks: F) -> None:
    """A hand, a cup, food, a microphone or a mask before the mouth, in place.

    Args:
        rng: draws it.
        picture: ``(n, n, 3)`` BGR.
        landmarks: ``(68, 2)`` pixels, x right and y down.
    """
    mouth = landmarks[48:68].mean(axis=0)
    down = landmarks[8] - landmarks[27]
    length = float(np.linalg.norm(down)) + 1e-6
    face = max(length, float(np.ptp(landmarks, axis=0).max()) * 0.6)
    down = down / length
    at = mouth + rng.normal(0, 0.08, 2) * face
    kind = rng.random()
    if kind < 0.4:
        _hand(rng, picture, at, down, face)
    elif kind < 0.55:
        _cup(rng, picture, at, down, face)
    elif kind < 0.75:
        _microphone(rng, picture, at, down, face)
    elif kind < 0.9:
        _food(rng, picture, at, face)
    else:
        _mask(rng, picture, landmarks)


def _blend(rng: Rng, picture: F, mask: NDArray[np.uint8], colour: F) -> None:
    """Colour what the mask covers, brighter on one side, with a soft rim of shadow around it."""
    size = len(picture)
    angle = rng.uniform(0, 2 * np.pi)
    ramp = np.linspace(-0.5, 0.5, size, dtype=np.float32)
    shade = 1 + 0.6 * (np.cos(angle) * ramp[None, :] + np.sin(angle) * ramp[:, None])
    near = cv2.GaussianBlur(mask, (0, 0), 2.5).astype(np.float32) / 255
    picture *= 1 - 0.35 * near[..., None]
    inside = cv2.erode(mask, np.ones((3, 3), np.uint8))
    rounded = 0.75 + 0.25 * cv2.GaussianBlur(inside, (0, 0), 1.5).astype(np.float32) / 255
    fill = colour * (shade * rounded)[..., None]
    alpha = mask[..., None].astype(np.float32) / 255
    picture += alpha * (np.clip(fill, 0, 255) - picture)


def _skin(rng: Rng) -> F:
    return np.asarray(SKINS[rng.integers(len(SKINS))] * rng.uniform(0.7, 1.15), np.float32)


def _points(*points: NDArray[np.floating[Any]]) -> NDArray[np.int32]:
    return np.rint(np.array(points) * STEPS).astype(np.int32)


def _stroke(mask: NDArray[np.uint8], a: F, b: F, thick: float) -> None:
    one, two = _points(a, b)
    cv2.line(mask, tuple(map(int, one)), tuple(map(int, two)), 255, max(1, round(thick)),
             cv2.LINE_AA, SHIFT)  # fmt: skip


def _blank(picture: F) -> NDArray[np.uint8]:
    return np.zeros(picture.shape[:2], np.uint8)


def _hand(rng: Rng, picture: F, at: F, down: F, face: float) -> None:
    """Fingers side by side out of a palm below or beside the mouth, each over the one before."""
    turn = rng.normal(0, 0.9)
    along = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ -down
    across = np.array([-along[1], along[0]])
    thick = face * rng.uniform(0.075, 0.12)
    count = int(rng.integers(1, 5))
    colour = _skin(rng)
    root = at - along * face * rng.uniform(0.15, 0.35)
    if rng.random() < 0.6:
        palm = _blank(picture)
        centre = root - along * face * 0.18
        angle = float(np.degrees(np.arctan2(along[1], along[0])))
        cv2.ellipse(palm, (tuple(map(float, centre)), (face * 0.5, thick * 4.4), angle), 255, -1,
                    cv2.LINE_AA)  # fmt: skip
        _blend(rng, picture, palm, colour)
    for k in range(count):
        mask = _blank(picture)
        start = root + across * (k - (count - 1) / 2) * thick * 1.05
        end = start + along * face * rng.uniform(0.25, 0.5) + across * rng.normal(0, 0.04) * face
        _stroke(mask, start, end, thick)
        _blend(rng, picture, mask, colour * np.float32(rng.uniform(0.92, 1.05)))


def _cup(rng: Rng, picture: F, at: F, down: F, face: float) -> None:
    across = np.array([-down[1], down[0]])
    wide, deep = face * rng.uniform(0.16, 0.3), face * rng.uniform(0.3, 0.7)
    top = at + down * face * 0.02
    mask = _blank(picture)
    bottom = top + down * deep
    corners = _points(
        top - across * wide, top + across * wide, bottom + across * wide * 0.8,
        bottom - across * wide * 0.8,
    )  # fmt: skip
    cv2.fillPoly(mask, [corners], 255, cv2.LINE_AA, SHIFT)
    angle = float(np.degrees(np.arctan2(across[1], across[0])))
    cv2.ellipse(mask, (tuple(map(float, top)), (wide * 2, wide * 0.6), angle), 255, -1, cv2.LINE_AA)
    _blend(rng, picture, mask, rng.uniform(10, 250, 3).astype(np.float32))
    if rng.random() < 0.7:
        _hand(rng, picture, at + down * deep * 0.8 + across * wide, down, face)


def _microphone(rng: Rng, picture: F, at: F, down: F, face: float) -> None:
    turn = rng.normal(0, 0.5)
    along = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ down
    head = at + along * face * rng.uniform(0.0, 0.2)
    mask = _blank(picture)
    _stroke(mask, head, head + along * face, face * rng.uniform(0.06, 0.12))
    _blend(rng, picture, mask, rng.uniform(5, 120, 3).astype(np.float32))
    ball = _blank(picture)
    cv2.circle(ball, tuple(map(int, _points(head)[0])), int(face * rng.uniform(0.08, 0.16) * STEPS),
               255, -1, cv2.LINE_AA, SHIFT)  # fmt: skip
    _blend(rng, picture, ball, rng.uniform(10, 170, 3).astype(np.float32))
    if rng.random() < 0.5:
        _hand(rng, picture, head + along * face * 0.45, down, face)


def _food(rng: Rng, picture: F, at: F, face: float) -> None:
    angle = np.linspace(0, 2 * np.pi, 14, endpoint=False)
    reach = face * rng.uniform(0.06, 0.22) * (1 + rng.normal(0, 0.2, len(angle)))
    squeeze = rng.uniform(0.4, 1.0)
    outline = at + np.stack([np.cos(angle) * reach, np.sin(angle) * reach * squeeze], axis=1)
    mask = _blank(picture)
    cv2.fillPoly(mask, [_points(*outline)], 255, cv2.LINE_AA, SHIFT)
    _blend(rng, picture, mask, rng.uniform(20, 240, 3).astype(np.float32))
    if rng.random() < 0.5:
        _hand(rng, picture, at + [face * 0.15, face * 0.2], np.array([0.0, 1.0]), face)


def _mask(rng: Rng, picture: F, landmarks: F) -> None:
    """A mask over nose and mouth, from cheek to cheek and under the chin."""
    top = landmarks[28] + rng.uniform(0, 0.6) * (landmarks[30] - landmarks[28])
    edge = [landmarks[k] for k in range(2, 15)]
    mask = _blank(picture)
    cv2.fillPoly(mask, [cv2.convexHull(_points(*edge, top))], 255, cv2.LINE_AA, SHIFT)
    colour = rng.uniform(20, 250, 3)
    if rng.random() < 0.6:
        colour = np.array(MASKS[rng.integers(len(MASKS))]) * rng.uniform(0.8, 1.05)
    _blend(rng, picture, mask, colour.astype(np.float32))
