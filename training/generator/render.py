# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws a recipe: a portrait's own pixels on its head, or a head made from nothing."""

from dataclasses import dataclass

import cv2
import numpy as np
from mien.core.model.params import CROP_SIZE
from numpy.typing import NDArray

from ..geometry.raster import rasterise
from .anatomy import Anatomy
from .kernels import shade_eyes, shade_plain, shade_textured, vertex_normals
from .portraits import Portrait
from .scene import Placed, Recipe
from .synthetic import Appearance
from .vertex_kernels import transform_points

F = NDArray[np.float32]
Rng = np.random.Generator

OVERSAMPLE = 2
"""Pixels of the canvas to each of the crop, along each axis, so that edges are smooth."""
SIZE = CROP_SIZE * OVERSAMPLE
"""Side of the canvas."""
WHITE = np.array([215, 215, 215], np.float32)
"""Of eyes, BGR (chosen by eye)."""
IRIS_ANGLES = (0.38, 0.47)
"""Radius of an iris seen from the eyeball's centre, radians: people's differ (chosen by eye),"""
PUPIL_ANGLE = 0.18
"""and that of a pupil."""
EYE_LIGHT = 0.95
"""Light on eyes over that on the skin around them: lashes shade them (this and all below chosen by eye)."""
FACING, LEAST_LIGHT = (0, 0.2, 0.98), 0.5
"""Normal of a face by which it is told how bright a light makes it, and what it is taken to be at least."""
SHEET_LIGHT, SHEET_KEPT = 0.4, 0.85
"""Share of the lamp on what is around a portrait's head, and of portraits that keep that."""
MIRRORED = 0.9
"""How much of what the photo does not show of a head is taken from its other side, over the mean colour."""
NEW_IRIS, NEW_IRIS_LIGHT = (30, 45, 65), (0.5, 1.8)
"""An iris that is painted anew on a portrait, BGR, and the range of its brightness;"""
WHITE_TONE, WHITE_LIMIT = 140, 1.1
"""its white is as bright as skin of the first level makes it, up to so much more."""


@dataclass
class Canvas:
    """Buffers of one picture, larger than the crop."""

    picture: F
    depth: F
    seen: NDArray[np.int32]
    weights: F

    @staticmethod
    def over(background: F) -> "Canvas":
        """A canvas with nothing on it but the background ``(size, size, 3)``."""
        size = background.shape[:2]
        return Canvas(
            background.copy(),
            np.full(size, -np.inf, np.float32),
            np.full(size, -1, np.int32),
            np.zeros((*size, 3), np.float32),
        )

    def crop(self) -> F:
        """The finished picture at the crop's size."""
        size = (CROP_SIZE, CROP_SIZE)
        return cv2.resize(self.picture, size, interpolation=cv2.INTER_AREA).astype(np.float32)


def to_pixels(points: F, transform: F, size: int = SIZE) -> F:
    """Model space ``(k, 3)`` to a canvas of that side: x right, y down, z toward the viewer."""
    matrix = np.asarray(transform * np.float32(size / CROP_SIZE), np.float32)
    matrix[1] *= -1
    matrix[:2, 3] += np.float32((size - 1) / 2)
    out = np.empty((len(points), 3), np.float32)
    transform_points(np.ascontiguousarray(points, np.float32), matrix, out)
    return out


def draw_portrait(
    anatomy: Anatomy, portrait: Portrait, recipe: Recipe, placed: Placed, background: F,
    relight: bool, new_eyes: bool,
) -> Canvas:  # fmt: skip
    """Face profiling and more: the portrait's head under the recipe's pose, face and light.

    Args:
        anatomy: of the head.
        portrait: the photo laid on its head.
        recipe, placed: what to draw, and where.
        background: ``(SIZE, SIZE, 3)`` far behind.
        relight: multiply the recipe's light on the photo's own.
        new_eyes: paint the eyeballs anew, needed where the gaze or the lids have changed.
    """
    canvas = Canvas.over(background)
    rng = np.random.default_rng(recipe.seed)
    triangles = anatomy.triangles
    light = np.ones((len(placed.shape), 3), np.float32)
    around = np.ones(3, np.float32)
    if relight:
        turned = (placed.shape @ placed.turn.T).astype(np.float32)
        light = recipe.light.on(vertex_normals(turned, triangles))
        front = recipe.light.on(np.array([FACING], np.float32))[0]
        norm = max(LEAST_LIGHT, float(front.mean()))
        light /= norm
        around = (recipe.light.ambient + SHEET_LIGHT * recipe.light.lamp) / norm
    keep_sheet = rng.random() < SHEET_KEPT
    if keep_sheet:
        sheet = to_pixels(portrait.sheet, placed.transform)
        rasterise(sheet, portrait.sheet_triangles, canvas.depth, canvas.seen, canvas.weights)
        zero = np.zeros(len(sheet), np.float32)
        one = np.ones(len(sheet), np.float32)
        flat = np.zeros((len(sheet), 3), np.float32)
        sheet_light = np.tile(around, (len(sheet), 1)).astype(np.float32)
        shade_textured(
            canvas.picture, canvas.seen, canvas.weights, portrait.sheet_triangles, portrait.image,
            portrait.sheet_uv, one, portrait.sheet_uv, zero, flat, sheet_light,
        )  # fmt: skip
        canvas.seen[:] = -1
    points = to_pixels(placed.shape, placed.transform)
    rasterise(points, triangles, canvas.depth, canvas.seen, canvas.weights)
    mirror = portrait.own[anatomy.mirror] * MIRRORED
    mirror[anatomy.inside | anatomy.eyes] = 0
    shade_textured(
        canvas.picture, canvas.seen, canvas.weights, triangles, portrait.image,
        portrait.uv, portrait.own, portrait.uv[anatomy.mirror], mirror, portrait.colour, light,
    )  # fmt: skip
    if new_eyes:
        tone = portrait.colour[~anatomy.inside].mean(axis=0)
        iris = np.array(NEW_IRIS, np.float32) * np.float32(rng.uniform(*NEW_IRIS_LIGHT))
        _eyes(
            anatomy,
            canvas,
            recipe,
            placed,
            light,
            rng,
            WHITE * np.float32(min(WHITE_LIMIT, tone.mean() / WHITE_TONE)),
            iris,
        )
    return canvas


def draw_synthetic(
    anatomy: Anatomy, appearance: Appearance, recipe: Recipe, placed: Placed, background: F
) -> Canvas:
    """A head made from nothing under the recipe's pose, face and light."""
    canvas = Canvas.over(background)
    rng = np.random.default_rng(recipe.seed)
    triangles = anatomy.triangles
    turned = (placed.shape @ placed.turn.T).astype(np.float32)
    normals = vertex_normals(turned, triangles)
    light = recipe.light.on(normals)
    lifted = placed.shape + appearance.lift[:, None] * (normals @ placed.turn)
    points = to_pixels(lifted.astype(np.float32), placed.transform)
    rasterise(points, triangles, canvas.depth, canvas.seen, canvas.weights)
    shade_plain(
        canvas.picture, canvas.seen, canvas.weights, triangles, appearance.colour, light,
        appearance.grain,
    )  # fmt: skip
    _eyes(anatomy, canvas, recipe, placed, light, rng, WHITE, appearance.iris)
    return canvas


def _eyes(
    anatomy: Anatomy, canvas: Canvas, recipe: Recipe, placed: Placed, light: F, rng: Rng,
    white: F, iris: F,
) -> None:  # fmt: skip
    left, up = recipe.gaze
    forward = np.array(
        [np.sin(left) * np.cos(up), np.sin(up), np.cos(left) * np.cos(up)], np.float32
    )
    shade_eyes(
        canvas.picture, canvas.seen, canvas.weights, anatomy.triangles, anatomy.eye_side,
        placed.shape, eye_centres(anatomy, placed.shape), np.stack([forward, forward]), white,
        iris, rng.uniform(*IRIS_ANGLES), PUPIL_ANGLE, light * np.float32(EYE_LIGHT),
    )  # fmt: skip


def eye_centres(anatomy: Anatomy, shape: F) -> F:
    """Centres ``(2, 3)`` of the left and right eyeball of a head ``(V, 3)``."""
    out = []
    for side in (0, 1):
        ball = shape[np.unique(anatomy.triangles[anatomy.eye_side == side])]
        out.append((ball.min(axis=0) + ball.max(axis=0)) / 2)
    return np.array(out, np.float32)
