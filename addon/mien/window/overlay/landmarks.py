# SPDX-License-Identifier: GPL-3.0-or-later
"""The 68 landmarks of the present frame over the footage, seen through the footage's camera."""

from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import numpy as np
from bpy.types import Context, Object
from bpy_extras.view3d_utils import location_3d_to_region_2d

from ...core.model.params import FloatArray
from ...core.take.take import Take
from ...scene.typed import camera_data, present, scene_of
from ..state.scene_lookup import camera_of
from ..state.typed import interface_scale
from . import shapes

DOT: shapes.Colour = (0.30, 1.0, 0.35, 1.0)
RIM: shapes.Colour = (0.0, 0.0, 0.0, 0.6)
"""Colours of a landmark and of the ring about it, which keeps it visible on light skin; chosen by eye."""


@lru_cache(maxsize=4)
def _landmarks(path: Path, frames: int) -> FloatArray:
    from ...core.solve.reconstruct import take_landmarks
    from ...core.take.take_file import load_take
    from ..state.heads import loaded_head

    return take_landmarks(load_take(path), loaded_head())


def draw(context: Context, rig: Object, take: Take) -> None:
    """Draw them, where this viewport looks through the head's camera and the face is there."""
    from ..state import heads
    from ..state.take_place import take_file

    view, camera = context.region_data, camera_of(rig)
    if view is None or view.view_perspective != "CAMERA" or scene_of(context).camera != camera:
        return
    here = heads.row_now(rig, scene_of(context), take)
    if camera is None or not take.found[here]:
        return
    corners = [
        location_3d_to_region_2d(present(context.region), view, camera.matrix_world @ corner)
        for corner in camera_data(camera).view_frame(scene=scene_of(context))
    ]
    if any(c is None for c in corners):
        return
    places = np.array([tuple(c) for c in cast(Any, corners)])
    low, high = places.min(axis=0), places.max(axis=0)
    marks = _landmarks(take_file(rig), len(take))[here, :, :2]
    # The camera's picture may be of another shape than the footage, which is fitted into it.
    zoom = min((high - low) / [take.info.width, take.info.height])
    middle = (low + high) / 2
    away = (marks + 0.5) - np.array([take.info.width, take.info.height]) / 2
    points = middle + away * [zoom, -zoom]
    scale = interface_scale()
    shapes.dots(points, 5 * scale, RIM)
    shapes.dots(points, 3 * scale, DOT)
