# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking through the footage's camera, and side by side with a free view."""

from math import pi, radians
from typing import Any

import bpy
from bpy.types import Area, Context, Operator, Region
from mathutils import Euler, Vector

from ...scene.typed import present, scene_of
from ..overlay.shapes import free_width
from ..state.scene_lookup import OnCamera, active_rig, camera_of, chosen_rig
from ..state.translation import translate
from ..state.typed import Result, registration_of, space_in

FILLED = 0.85
"""Share of a viewport that the camera's picture takes."""
AWAY, ASIDE = 0.9, radians(30.0)
"""Metres from the head, and how far around it, for a free view."""
SETTLED, TRIES = 0.05, 40
"""Seconds after which a viewport is asked whether it knows its new width, and how often."""
VIEW_SENSOR = 72.0
"""Millimetres of the sensor that Blender assumes for a viewport."""


def looks_through(context: Context) -> bool:
    """Whether a viewport of the window looks through the active head's camera."""
    rig = active_rig(context)
    camera = camera_of(rig) if rig else None
    if camera is None or scene_of(context).camera != camera:
        return False
    return any(_view(a).view_perspective == "CAMERA" for a in _viewports(context))


def is_split(context: Context) -> bool:
    """Whether two viewports show the camera's view and a free one."""
    kinds = {_view(a).view_perspective for a in _viewports(context)}
    return looks_through(context) and len(kinds) > 1


def look_through(context: Context) -> None:
    """Look through the active head's camera in the viewport at hand, or in the first."""
    areas = _viewports(context)
    if areas:
        _enter(context.area if context.area in areas else areas[0], context)


class MatchCamera(OnCamera, Operator):
    """Look through the camera of the footage, or back"""

    bl_idname = "mien.match_camera"
    bl_label = "Footage Camera"

    def execute(self, context: Context) -> Result:
        rig = chosen_rig(context)
        inside = looks_through(context)
        scene_of(context).camera = camera_of(rig)
        if not inside:
            look_through(context)
            return {"FINISHED"}
        for area in _viewports(context):
            if _view(area).view_perspective == "CAMERA":
                _look_freely(area, context)
        return {"FINISHED"}


class SideBySide(OnCamera, Operator):
    """Split the viewport into the footage's camera and a free view, or join it again"""

    bl_idname = "mien.side_by_side"
    bl_label = "Side by Side"

    def execute(self, context: Context) -> Result:
        areas = _viewports(context)
        # Without a window Blender keeps areas that nobody sees, and closing one may not come to an end.
        if not areas or bpy.app.background:
            self.report({"ERROR"}, translate("Open a 3D viewport first"))
            return {"CANCELLED"}
        if is_split(context):
            self._join(context, areas)
            return {"FINISHED"}
        rig = chosen_rig(context)
        scene_of(context).camera = camera_of(rig)
        first = context.area if context.area in areas else areas[0]
        others = [a for a in areas if a != first] or self._split(context, first)
        # The picture goes where no sidebar lies over it.
        plain = [a for a in (*others[:1], first) if not space_in(a).show_region_ui]
        seen = (plain or [first])[0]
        _enter(seen, context)
        _look_freely(first if seen != first else others[0], context)
        return {"FINISHED"}

    @staticmethod
    def _split(context: Context, area: Area) -> list[Area]:
        before = set(present(context.window).screen.areas)
        region = _region(area)
        with context.temp_override(area=area, region=region):
            bpy.ops.screen.area_split(direction="VERTICAL", factor=0.5)
        made = [a for a in present(context.window).screen.areas if a not in before]
        for one in made:
            space_in(one).show_region_ui = False
        return made

    @staticmethod
    def _join(context: Context, areas: list[Area]) -> None:
        """Close the half without the sidebar; the other one looks through the camera."""
        bare = [a for a in areas if not space_in(a).show_region_ui]
        free = [a for a in areas if _view(a).view_perspective != "CAMERA"]
        closed = (bare or free)[0]
        kept = next(a for a in areas if a != closed)
        window = present(context.window)  # there is none while the area at hand is gone
        with context.temp_override(area=closed, region=closed.regions[-1]):
            bpy.ops.screen.area_close()
        sizes = [_size(kept)]

        def fill() -> float | None:
            """Look through the camera once the half, and its sidebar, know that it is whole."""
            with bpy.context.temp_override(window=window):
                if kept not in _viewports(bpy.context):
                    return None
                sizes.append(_size(kept))
                settled = sizes[-1] != sizes[0] and sizes[-1] == sizes[-2]
                if not settled and len(sizes) < TRIES:
                    return SETTLED
                _enter(kept, bpy.context)
                kept.tag_redraw()
            return None

        _enter(kept, context)
        bpy.app.timers.register(fill, first_interval=SETTLED)


def _enter(area: Area, context: Context) -> None:
    """Look through the scene's camera, its picture as large as it can be beside the sidebar."""
    view, render = _view(area), scene_of(context).render
    region = _region(area)
    free = free_width(area, region)
    # At a zoom of 1 the camera's longer side is as long as the region's side along it.
    wide = render.resolution_x >= render.resolution_y
    unit = region.width / render.resolution_x if wide else region.height / render.resolution_y
    across, up = render.resolution_x * unit, render.resolution_y * unit
    zoom = min(FILLED * free / across, FILLED * region.height / up)
    view.view_perspective = "CAMERA"
    view.view_camera_zoom = 50 * (2 * zoom**0.5 - 2**0.5)  # Blender's own scale for it
    view.view_camera_offset = ((region.width - free) / (4 * region.width * zoom), 0.0)


def _look_freely(area: Area, context: Context) -> None:
    """Leave the camera and look at the head a little from the side, beside the sidebar."""
    view, rig = _view(area), active_rig(context)
    view.view_perspective = "PERSP"
    if rig is None:
        return
    region = _region(area)
    turn = Euler((pi / 2, 0.0, ASIDE)).to_quaternion()
    seen = AWAY * VIEW_SENSOR / space_in(area).lens  # metres along the region's longer side
    covered = region.width - free_width(area, region)
    shift = covered / 2 * seen / max(region.width, region.height)
    view.view_rotation, view.view_distance = turn, AWAY
    view.view_location = rig.matrix_world.translation + turn @ Vector((shift, 0.0, 0.0))


def _viewports(context: Context) -> list[Area]:
    areas = context.window.screen.areas if context.window else ()
    return [a for a in areas if a.type == "VIEW_3D"]


def _region(area: Area) -> Region:
    return next(r for r in area.regions if r.type == "WINDOW")


def _size(area: Area) -> tuple[float, float]:
    region = _region(area)
    return region.width, free_width(area, region)


def _view(area: Area) -> Any:
    return space_in(area).region_3d


CLASSES = (MatchCamera, SideBySide)

register, unregister = registration_of(CLASSES)
