# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts the overlays of a take into viewports and timelines, with a switch for each."""

from collections.abc import Callable
from typing import Any, cast

import bpy
import gpu
from bpy.types import Context, Object, SpaceDopeSheetEditor, SpaceView3D, WindowManager

from ...core.errors import MienError
from ...core.take.take import Take
from ..state.scene_lookup import active_rig
from ..state.translation import OWN
from ..state.typed import BoolProperty, switches, windows_of
from . import landmarks, strip

_handles: list[tuple[Any, Any]] = []


def _shown(context: Context) -> tuple[Object, Take] | None:
    """The head whose take is drawn over this region."""
    rig = active_rig(context)
    if rig is None or context.region is None:
        return None
    from ..state import heads

    if not heads.opened(rig):  # drawing follows no path of a file's
        return None

    try:
        return rig, heads.take_of(rig)[0]
    except MienError:
        return None  # the panel says so


def _viewport() -> None:
    context = bpy.context
    manager, space = switches(context.window_manager), cast(Any, context.space_data)
    if not (manager.mien_strip or manager.mien_landmarks) or not space.overlay.show_overlays:
        return
    shown = _shown(context)
    if shown is None:
        return
    gpu.state.blend_set("ALPHA")
    if manager.mien_landmarks:
        landmarks.draw(context, *shown)
    if manager.mien_strip:
        strip.draw_in_viewport(context, *shown)
    gpu.state.blend_set("NONE")


def _timeline() -> None:
    context = bpy.context
    if switches(context.window_manager).mien_strip and (shown := _shown(context)):
        strip.draw_in_timeline(context, *shown)


def _redraw(_: WindowManager, context: Context) -> None:
    for window in windows_of(context).windows:
        for area in window.screen.areas:
            if area.type in {"VIEW_3D", "DOPESHEET_EDITOR"}:
                area.tag_redraw()


def register() -> None:
    """Add the switches, and in a window the overlays."""
    switches(WindowManager).mien_strip = BoolProperty(
        name="Confidence", default=True, update=_redraw,
        description="Show in viewport and timeline how sure the capture is, and where it lost the face",
    )  # fmt: skip
    switches(WindowManager).mien_landmarks = BoolProperty(
        name="Landmarks", default=False, update=_redraw, translation_context=OWN,
        description="Show the 68 landmarks over the footage",
    )  # fmt: skip
    if bpy.app.background:
        return
    parts: tuple[tuple[Any, Callable[[], None]], ...] = (
        (SpaceView3D, _viewport), (SpaceDopeSheetEditor, _timeline),
    )  # fmt: skip
    for space, draw in parts:
        handle = space.draw_handler_add(draw, (), "WINDOW", "POST_PIXEL")
        _handles.append((space, handle))


def unregister() -> None:
    """Take them away."""
    while _handles:
        space, handle = _handles.pop()
        space.draw_handler_remove(handle, "WINDOW")
    landmarks._landmarks.cache_clear()
    del switches(WindowManager).mien_landmarks
    del switches(WindowManager).mien_strip
