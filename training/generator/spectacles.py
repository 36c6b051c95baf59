# SPDX-License-Identifier: GPL-3.0-or-later
"""Spectacles and sunglasses as solid things: they are seen from the side too, behind nose and ear."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..geometry.raster import rasterise
from .anatomy import Anatomy
from .card_kernels import draw_cards
from .kernels import shade_plain, vertex_normals
from .render import Canvas, eye_centres, to_pixels
from .scene import Placed

F = NDArray[np.float32]
Rng = np.random.Generator

LENS_AHEAD = 0.026
"""Lenses stand this far in front of the eyeballs' centres, metres."""
EAR = (0.074, 0.012, 0.0)
"""Where temples rest, from between the eyes' centres: outward, up, and z in the model (metres)."""
RING, SIDES = 24, 4
"""Corners of a lens's outline, and of the tubes of the frame: no more are seen in a crop."""

# Lengths are metres; all that follows was chosen by eye.
WIDE, HIGH, ROUND = (0.020, 0.031), (0.013, 0.025), (2, 5)
"""Half of a lens's width and height, and the power of its outline: 2 an ellipse, 5 all but a rectangle."""
THICK, SAG, WRAP = (0.0006, 0.0032), (-0.006, 0.004), (0.0, 0.008)
"""Radius of the frame's tubes, how high lenses sit, and how far their outer ends bend back."""
APART = 0.0015
"""Lenses are this much further out than the eyes."""
BEND, HOOK = (0.006, 0.001, -0.008), (0.0, -0.012, -0.018)
"""From the hinge to the temple's bend, and from the ear to the temple's end: outward, up, and z."""
BRIDGE = (0, 0.003, 0.002)
"""The bridge's middle over the line between the lenses."""
BESIDE_EAR = 0.002
"""Temples lie so far outside the skin."""
WHOLE_FRAME, DARK_FRAME = 0.8, 0.7
"""Shares of pairs with a whole frame (others are held at hinge and bridge), and of frames that are dark;"""
DARK_COLOURS, LIGHT_COLOURS = (0, 60), (60, 220)
"""levels of these and of the others."""
DARK = 0.4
"""Share of sunglasses;"""
DARK_ALPHA, CLEAR_ALPHA = (0.8, 1.0), (0.0, 0.2)
"""how opaque their lenses are and those of others,"""
DARK_TINT, CLEAR_TINT = (0, 0.05), (0, 0.8)
"""and the linear brightness of each."""


def put_spectacles(rng: Rng, anatomy: Anatomy, canvas: Canvas, placed: Placed) -> None:
    """Spectacles on a head that has been drawn, tested against its depth."""
    eyes = eye_centres(anatomy, placed.shape)
    middle = eyes.mean(axis=0)
    wide, high = rng.uniform(*WIDE), rng.uniform(*HIGH)
    power, thick = rng.uniform(*ROUND), rng.uniform(*THICK)
    sag, wrap = rng.uniform(*SAG), rng.uniform(*WRAP)
    angle = np.linspace(0, 2 * np.pi, RING, endpoint=False)
    cosine, sine = np.cos(angle), np.sin(angle)
    outline = np.stack(
        [
            wide * np.sign(cosine) * np.abs(cosine) ** (2 / power),
            high * np.sign(sine) * np.abs(sine) ** (2 / power),
            np.zeros(RING),
        ],
        axis=1,
    )
    rims, paths = [], []
    for centre, side in ((eyes[0], 1.0), (eyes[1], -1.0)):
        ring = outline + centre + [APART * side, sag, LENS_AHEAD]
        ring[:, 2] -= wrap * np.clip(side * (ring[:, 0] - centre[0]) / wide, -0.3, 1)
        rims.append(ring.astype(np.float32))
        paths.append(np.vstack([ring, ring[:1]]))
        hinge = ring[np.argmax(side * ring[:, 0] + 0.3 * ring[:, 1])]
        ear = _ear(anatomy, placed, side, middle)
        bend = hinge + [side * BEND[0], *BEND[1:]]
        paths.append(np.array([hinge, bend, ear, ear + HOOK]))
    inner = [ring[np.argmin(side * ring[:, 0])] for ring, side in zip(rims, (1, -1), strict=True)]
    paths.append(np.array([inner[0], (inner[0] + inner[1]) / 2 + BRIDGE, inner[1]]))
    drawn = paths if rng.random() < WHOLE_FRAME else [paths[1], paths[3], paths[4]]
    frame = [_tube(path, thick) for path in drawn]
    colour = rng.uniform(*(DARK_COLOURS if rng.random() < DARK_FRAME else LIGHT_COLOURS), 3)
    _draw_frame(canvas, placed, frame, colour.astype(np.float32))
    dark = rng.random() < DARK
    alpha = rng.uniform(*(DARK_ALPHA if dark else CLEAR_ALPHA))
    tint = rng.uniform(*(DARK_TINT if dark else CLEAR_TINT), 3).astype(np.float32)
    _draw_lenses(canvas, placed, rims, tint, alpha)


def _ear(anatomy: Anatomy, placed: Placed, side: float, middle: F) -> NDArray[np.float64]:
    mean = anatomy.head.vertices
    between = anatomy.head.eye_centres.mean(axis=0)
    at = np.array([side * EAR[0], between[1] + EAR[1], EAR[2]])
    near = int(np.argmin(((mean - at) ** 2).sum(axis=1)))
    return np.asarray(placed.shape[near] + [side * BESIDE_EAR, 0.0, 0.0], np.float64)


def _tube(path: NDArray[np.floating[Any]], thick: float) -> tuple[F, NDArray[np.int32]]:
    """A path ``(n, 3)`` as a tube: vertices and triangles of both windings."""
    n = len(path)
    along = np.gradient(path, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-12
    across = np.cross(along, [0.31, 0.87, 0.38])
    across /= np.linalg.norm(across, axis=1, keepdims=True) + 1e-12
    other = np.cross(along, across)
    turn = np.linspace(0, 2 * np.pi, SIDES, endpoint=False)
    round_ = np.cos(turn)[:, None, None] * across + np.sin(turn)[:, None, None] * other
    vertices = (path + thick * round_).reshape(-1, 3)
    index = np.arange(SIDES * n).reshape(SIDES, n)
    a, b = index[:, :-1], index[:, 1:]
    c, d = np.roll(a, -1, axis=0), np.roll(b, -1, axis=0)
    faces = np.concatenate([np.stack(t, -1).reshape(-1, 3) for t in ((a, b, d), (a, d, c))])
    return vertices.astype(np.float32), np.concatenate([faces, faces[:, ::-1]]).astype(np.int32)


def _draw_frame(
    canvas: Canvas, placed: Placed, tubes: list[tuple[F, NDArray[np.int32]]], colour: F
) -> None:
    starts = np.cumsum([0] + [len(v) for v, _ in tubes])
    vertices = np.concatenate([v for v, _ in tubes])
    triangles = np.concatenate([t + np.int32(s) for (_, t), s in zip(tubes, starts, strict=False)])
    triangles = np.ascontiguousarray(triangles, np.int32)
    canvas.seen[:] = -1
    points = to_pixels(vertices, placed.transform, len(canvas.picture))
    rasterise(points, triangles, canvas.depth, canvas.seen, canvas.weights)
    half = np.ascontiguousarray(triangles[: len(triangles) // 2])
    normals = vertex_normals((vertices @ placed.turn.T).astype(np.float32), half)
    bright = (0.75 + 0.5 * np.abs(normals[:, 1:2])) * np.ones(3)
    shade_plain(
        canvas.picture, canvas.seen, canvas.weights, triangles,
        np.tile(colour, (len(vertices), 1)), bright.astype(np.float32),
        np.zeros(len(vertices), np.float32),
    )  # fmt: skip


def _draw_lenses(canvas: Canvas, placed: Placed, rims: list[F], tint: F, alpha: float) -> None:
    texture = np.full((2, 2, 4), 255, np.uint8)
    fan = np.array([[0, k + 1, (k + 1) % RING + 1] for k in range(RING)], np.int32)
    for rim in rims:
        vertices = np.vstack([rim.mean(axis=0), rim]).astype(np.float32)
        points = to_pixels(vertices, placed.transform, len(canvas.picture))
        draw_cards(
            canvas.picture, canvas.depth, points, fan, np.arange(RING),
            np.full((RING, 3, 2), 0.5, np.float32), texture, tint, 1.0,
            np.ones((len(vertices), 3), np.float32), alpha, 0.0, 1.0,
        )  # fmt: skip
