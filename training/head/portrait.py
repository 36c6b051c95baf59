# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain pictures of a head, good enough for MediaPipe to find and for a contact sheet."""

import numpy as np
from mien.core.model.head import MATERIALS, cut_quads
from numpy.typing import NDArray

from ..geometry.raster import draw
from .archive import FloatArray
from .topology import IntArray

COLOURS = {
    "skin": (150, 175, 215), "lips": (110, 110, 190), "eyeball_left": (235, 235, 235),
    "eyeball_right": (235, 235, 235), "teeth": (215, 225, 230), "tongue": (110, 110, 190),
}  # fmt: skip
"""Of materials, BGR, so that the labelling tool takes the picture for a face (chosen by eye);"""
IRIS_COLOUR = (60, 75, 90)
"""likewise of irises,"""
PUPIL_COLOUR = (10, 10, 10)
"""of pupils,"""
BACKGROUND = (120, 120, 110)
"""and behind the head."""
IRIS_ANGLE, PUPIL_ANGLE = np.radians(25), np.radians(11)
"""Radius of iris and pupil seen from the eyeball's centre, radians."""
LIGHT = np.array([0.35, 0.45, 0.82])
"""Direction to the lamp, from the front and above;"""
AMBIENT = 0.35
"""share of the light that comes from everywhere (both chosen by eye)."""


def rotation(yaw: float, pitch: float = 0.0, roll: float = 0.0) -> FloatArray:
    """Rotation ``(3, 3)`` by angles in radians, applied as roll after pitch after yaw.

    Positive yaw turns the face to the subject's left, positive pitch downward, positive roll
    tilts the crown to the subject's right.
    """
    cy, sy, cp, sp, cr, sr = (f(a) for a in (yaw, pitch, roll) for f in (np.cos, np.sin))
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_x = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    about_z = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return np.asarray(about_z @ about_x @ about_y)


def portrait(
    vertices: FloatArray,
    quads: IntArray,
    materials: IntArray,
    eye_centres: FloatArray,
    size: int,
    turn: FloatArray | None = None,
    height: float = 0.30,
    brows: FloatArray | None = None,
) -> tuple[NDArray[np.uint8], NDArray[np.int32], NDArray[np.float32], IntArray]:
    """Draw a head in the middle of a square picture under one light.

    Args:
        vertices: ``(N, 3)`` metres.
        quads: ``(F, 4)``.
        materials: ``(F,)``.
        eye_centres: ``(2, 3)``.
        size: side of the picture in pixels.
        turn: rotation of the head.
        height: how many metres the picture's side spans.
        brows: ``(N,)`` darkness of each vertex, to paint brows on.

    Returns:
        The BGR picture, the triangle and the barycentric weights seen by each pixel, and the
        triangles ``(T, 3)``.
    """
    turn = np.eye(3) if turn is None else turn
    triangles = cut_quads(quads)
    faces = vertices[quads[materials == 0]].mean(axis=1)
    placed = (vertices - (faces.min(axis=0) + faces.max(axis=0)) / 2) @ turn.T * (size / height)
    image_points = np.stack(
        [placed[:, 0] + size / 2, size / 2 - placed[:, 1], placed[:, 2]], axis=1
    ).astype(np.float32)
    seen, weights, _ = draw(image_points, triangles.astype(np.int32), size, size)

    normals = np.zeros_like(placed)
    corners = placed[triangles]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    for k in range(3):
        np.add.at(normals, triangles[:, k], across)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-12
    pixel_normals = (normals[triangles[seen]] * weights[..., None]).sum(axis=2)
    shade = AMBIENT + (1 - AMBIENT) * np.clip(pixel_normals @ LIGHT, 0, 1)

    palette = np.array([COLOURS[name] for name in MATERIALS], float)
    region = np.repeat(materials, 2)[seen]
    colour = palette[region]
    points = (vertices[triangles[seen]] * weights[..., None]).sum(axis=2)
    for side, name in enumerate(("eyeball_left", "eyeball_right")):
        away = points - eye_centres[side]
        angle = np.arccos(away[..., 2] / (np.linalg.norm(away, axis=2) + 1e-12))
        on_eye = region == MATERIALS.index(name)
        colour[on_eye & (angle < IRIS_ANGLE)] = IRIS_COLOUR
        colour[on_eye & (angle < PUPIL_ANGLE)] = PUPIL_COLOUR
    if brows is not None:
        dark = (brows[triangles[seen]] * weights).sum(axis=2) * (region == 0)
        colour *= 1 - 0.7 * dark[..., None]
    picture = colour * shade[..., None]
    picture[seen < 0] = BACKGROUND
    return np.clip(picture, 0, 255).astype(np.uint8), seen, weights, triangles
