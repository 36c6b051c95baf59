# SPDX-License-Identifier: GPL-3.0-or-later
"""What hides a face at its mouth: hands, cups, microphones, food, masks."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .synthetic import draw_skin

F = NDArray[np.float32]
Rng = np.random.Generator

SHIFT, STEPS = 3, 8
"""OpenCV draws with eighths of a pixel."""
MASKS = ((235, 235, 235), (215, 185, 140), (30, 30, 30), (200, 170, 180))
"""Colours of the masks that most people wear, BGR."""

# What follows was chosen by eye. Lengths are shares of the face's: from the bridge of the nose to the chin, or more
# where it is seen from the side.
WIDEST_FACE = 0.6
"""A face is at least this share of the landmarks' box."""
OFF_MOUTH = 0.08
"""Spread of where things are, about the middle of the mouth."""
HAND, CUP, MICROPHONE, FOOD = 0.4, 0.55, 0.75, 0.9
"""Cumulative shares of what is before a mouth; the rest are masks."""
SHADE, SHADOW, SHADOW_BLUR = 0.6, 0.35, 2.5
"""How much brighter one side of a thing is than the other, how dark its shadow is, and its softness in pixels."""
EDGE, EDGE_BLUR = 0.75, 1.5
"""Light at a thing's edge, and over how many pixels it rises."""
TURN, THICK, MOST_FINGERS, ROOT = 0.9, (0.075, 0.12), 4, (0.15, 0.35)
"""Of a hand: spread of its direction (radians), a finger's thickness, the most fingers, how far off they begin."""
PALM_SEEN, PALM_BEHIND, PALM_LENGTH, PALM_WIDTH = 0.6, 0.18, 0.5, 4.4
"""Share of hands with a palm, how far it lies behind the fingers' roots, its length, and its width in fingers."""
BESIDE, FINGER, ASTRAY, FINGERS_SHADES = 1.05, (0.25, 0.5), 0.04, (0.92, 1.05)
"""From one finger to the next in thicknesses, their length, how far they stray, how their light differs."""
CUP_WIDE, CUP_DEEP, CUP_BELOW, CUP_FOOT, CUP_RIM = (0.16, 0.3), (0.3, 0.7), 0.02, 0.8, 0.6
"""Half of a cup's width, its depth, how far below the mouth it is; its foot and its rim's height over its width."""
CUP_COLOURS, CUP_HELD, CUP_GRIP = (10, 250), 0.7, 0.8
"""Levels of its colour, the share of cups that a hand holds, and how far down."""
MICROPHONE_TURN, MICROPHONE_BELOW, STICK, BALL = 0.5, (0.0, 0.2), (0.06, 0.12), (0.08, 0.16)
"""Spread of a microphone's direction (radians), how far it is below, its thickness, and the radius of its head."""
STICK_COLOURS, BALL_COLOURS, MICROPHONE_HELD, MICROPHONE_GRIP = (5, 120), (10, 170), 0.5, 0.45
"""Levels of its colours, the share of them that a hand holds, and how far down."""
FOOD_CORNERS, BITE, RAGGED, SQUEEZED = 14, (0.06, 0.22), 0.2, (0.4, 1.0)
"""Corners of a bite's outline, its radius, how uneven that is, and its height over its width."""
FOOD_COLOURS, FOOD_HELD, FOOD_GRIP = (20, 240), 0.5, (0.15, 0.2)
"""Levels of its colour, the share of bites that a hand holds, and where: to the right and below."""
MASK_TOP, MASK_COLOURS, PLAIN_MASK, MASK_SHADES = (0, 0.6), (20, 250), 0.6, (0.8, 1.05)
"""How far down the nose a mask begins, levels of its colour, the share of those above, and their light."""


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
    face = max(length, float(np.ptp(landmarks, axis=0).max()) * WIDEST_FACE)
    down = down / length
    at = mouth + rng.normal(0, OFF_MOUTH, 2) * face
    kind = rng.random()
    if kind < HAND:
        _hand(rng, picture, at, down, face)
    elif kind < CUP:
        _cup(rng, picture, at, down, face)
    elif kind < MICROPHONE:
        _microphone(rng, picture, at, down, face)
    elif kind < FOOD:
        _food(rng, picture, at, face)
    else:
        _mask(rng, picture, landmarks)


def _blend(rng: Rng, picture: F, mask: NDArray[np.uint8], colour: F) -> None:
    """Colour what the mask covers, brighter on one side, with a soft rim of shadow around it."""
    size = len(picture)
    angle = rng.uniform(0, 2 * np.pi)
    ramp = np.linspace(-0.5, 0.5, size, dtype=np.float32)
    shade = 1 + SHADE * (np.cos(angle) * ramp[None, :] + np.sin(angle) * ramp[:, None])
    near = cv2.GaussianBlur(mask, (0, 0), SHADOW_BLUR).astype(np.float32) / 255
    picture *= 1 - SHADOW * near[..., None]
    inside = cv2.erode(mask, np.ones((3, 3), np.uint8))
    within = cv2.GaussianBlur(inside, (0, 0), EDGE_BLUR).astype(np.float32)
    rounded = EDGE + (1 - EDGE) * within / 255
    fill = colour * (shade * rounded)[..., None]
    alpha = mask[..., None].astype(np.float32) / 255
    picture += alpha * (np.clip(fill, 0, 255) - picture)


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
    turn = rng.normal(0, TURN)
    along = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ -down
    across = np.array([-along[1], along[0]])
    thick = face * rng.uniform(*THICK)
    count = int(rng.integers(1, MOST_FINGERS + 1))
    colour = draw_skin(rng)
    root = at - along * face * rng.uniform(*ROOT)
    if rng.random() < PALM_SEEN:
        palm = _blank(picture)
        centre = root - along * face * PALM_BEHIND
        angle = float(np.degrees(np.arctan2(along[1], along[0])))
        axes = (face * PALM_LENGTH, thick * PALM_WIDTH)
        cv2.ellipse(palm, (tuple(map(float, centre)), axes, angle), 255, -1, cv2.LINE_AA)
        _blend(rng, picture, palm, colour)
    for k in range(count):
        mask = _blank(picture)
        start = root + across * (k - (count - 1) / 2) * thick * BESIDE
        end = start + along * face * rng.uniform(*FINGER) + across * rng.normal(0, ASTRAY) * face
        _stroke(mask, start, end, thick)
        _blend(rng, picture, mask, colour * np.float32(rng.uniform(*FINGERS_SHADES)))


def _cup(rng: Rng, picture: F, at: F, down: F, face: float) -> None:
    across = np.array([-down[1], down[0]])
    wide, deep = face * rng.uniform(*CUP_WIDE), face * rng.uniform(*CUP_DEEP)
    top = at + down * face * CUP_BELOW
    mask = _blank(picture)
    bottom = top + down * deep
    corners = _points(
        top - across * wide, top + across * wide, bottom + across * wide * CUP_FOOT,
        bottom - across * wide * CUP_FOOT,
    )  # fmt: skip
    cv2.fillPoly(mask, [corners], 255, cv2.LINE_AA, SHIFT)
    angle = float(np.degrees(np.arctan2(across[1], across[0])))
    axes = (wide * 2, wide * CUP_RIM)
    cv2.ellipse(mask, (tuple(map(float, top)), axes, angle), 255, -1, cv2.LINE_AA)
    _blend(rng, picture, mask, rng.uniform(*CUP_COLOURS, 3).astype(np.float32))
    if rng.random() < CUP_HELD:
        _hand(rng, picture, at + down * deep * CUP_GRIP + across * wide, down, face)


def _microphone(rng: Rng, picture: F, at: F, down: F, face: float) -> None:
    turn = rng.normal(0, MICROPHONE_TURN)
    along = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ down
    head = at + along * face * rng.uniform(*MICROPHONE_BELOW)
    mask = _blank(picture)
    _stroke(mask, head, head + along * face, face * rng.uniform(*STICK))
    _blend(rng, picture, mask, rng.uniform(*STICK_COLOURS, 3).astype(np.float32))
    ball = _blank(picture)
    radius = int(face * rng.uniform(*BALL) * STEPS)
    cv2.circle(ball, tuple(map(int, _points(head)[0])), radius, 255, -1, cv2.LINE_AA, SHIFT)
    _blend(rng, picture, ball, rng.uniform(*BALL_COLOURS, 3).astype(np.float32))
    if rng.random() < MICROPHONE_HELD:
        _hand(rng, picture, head + along * face * MICROPHONE_GRIP, down, face)


def _food(rng: Rng, picture: F, at: F, face: float) -> None:
    angle = np.linspace(0, 2 * np.pi, FOOD_CORNERS, endpoint=False)
    reach = face * rng.uniform(*BITE) * (1 + rng.normal(0, RAGGED, len(angle)))
    squeeze = rng.uniform(*SQUEEZED)
    outline = at + np.stack([np.cos(angle) * reach, np.sin(angle) * reach * squeeze], axis=1)
    mask = _blank(picture)
    cv2.fillPoly(mask, [_points(*outline)], 255, cv2.LINE_AA, SHIFT)
    _blend(rng, picture, mask, rng.uniform(*FOOD_COLOURS, 3).astype(np.float32))
    if rng.random() < FOOD_HELD:
        _hand(rng, picture, at + [face * share for share in FOOD_GRIP], np.array([0.0, 1.0]), face)


def _mask(rng: Rng, picture: F, landmarks: F) -> None:
    """A mask over nose and mouth, from cheek to cheek and under the chin."""
    top = landmarks[28] + rng.uniform(*MASK_TOP) * (landmarks[30] - landmarks[28])
    edge = [landmarks[k] for k in range(2, 15)]
    mask = _blank(picture)
    cv2.fillPoly(mask, [cv2.convexHull(_points(*edge, top))], 255, cv2.LINE_AA, SHIFT)
    colour = rng.uniform(*MASK_COLOURS, 3)
    if rng.random() < PLAIN_MASK:
        colour = np.array(MASKS[rng.integers(len(MASKS))]) * rng.uniform(*MASK_SHADES)
    _blend(rng, picture, mask, colour.astype(np.float32))
