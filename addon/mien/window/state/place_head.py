# SPDX-License-Identifier: GPL-3.0-or-later
"""A free place for a new head, so that nothing stands in it or between it and its camera."""

import numpy as np
from bpy.types import Object, Scene

from ...core.model.params import FloatArray
from ...scene.build import Built

ROOM = 0.35
"""Metres that a head may need around it."""
MARGIN = 0.5
"""Metres between two heads, so that neither hides the other (chosen by eye)."""


def offset_from_existing(built: Built, scene: Scene) -> None:
    """Move a head and its camera along x until no other visible mesh is in the way."""
    others = [_box(o) for o in scene.objects if _stands(o) and o != built.mesh]
    ends = np.array([[0.0, 0.0, 0.0], built.camera.location])
    low, high = ends.min(axis=0) - ROOM, ends.max(axis=0) + ROOM
    shift = 0.0
    for left, right in sorted(others, key=lambda box: float(box[0][0])):
        offset = np.array([shift, 0, 0])
        if (low + offset < right).all() and (high + offset > left).all():
            shift = float(right[0] - low[0]) + MARGIN
    if shift:
        built.rig.location.x += shift
        built.camera.location.x += shift


def _stands(thing: Object) -> bool:
    return thing.type in {"MESH", "CURVE", "SURFACE", "META", "FONT"} and thing.visible_get()


def _box(thing: Object) -> tuple[FloatArray, FloatArray]:
    """Lowest and highest corner of an object's bounds in the world."""
    matrix = np.array(thing.matrix_world)
    corners = np.array([tuple(c) for c in thing.bound_box]) @ matrix[:3, :3].T + matrix[:3, 3]
    return corners.min(axis=0), corners.max(axis=0)
