# SPDX-License-Identifier: GPL-3.0-or-later
"""Reviewing a take over the viewport: landmarks on the footage, a strip of confidence, lost stretches."""

from typing import Any

import blf
import bpy
import gpu
import numpy as np
from bpy.props import BoolProperty, FloatProperty
from bpy.types import Context, Object, Operator, WindowManager
from bpy_extras.view3d_utils import location_3d_to_region_2d
from gpu_extras.batch import batch_for_shader

from ..core.errors import MienError
from ..core.params import FloatArray
from ..core.take import Take
from .rigs import active_rig, camera_of

STRIP_HEIGHT, STRIP_BOTTOM, STRIP_MARGIN = 10.0, 30.0, 24.0
SURE, UNSURE, LOST, NOW, DOT = (
    (0.35, 0.75, 0.40, 0.85), (0.90, 0.75, 0.25, 0.9), (0.85, 0.25, 0.22, 0.95),
    (1.0, 1.0, 1.0, 1.0), (0.30, 1.0, 0.35, 1.0),
)  # fmt: skip
_handle: Any = None
_marks: dict[int, FloatArray] = {}


def _uniform() -> Any:
    return gpu.shader.from_builtin("UNIFORM_COLOR")


def draw() -> None:
    """Draw over a viewport, if there is a take to review and its overlay is wanted."""
    context = bpy.context
    manager = context.window_manager
    if not (manager.mien_strip or manager.mien_landmarks):
        return
    rig = active_rig(context)
    if rig is None or context.region is None:
        return
    from . import heads

    try:
        take, _ = heads.take_of(rig)
    except MienError:
        return
    gpu.state.blend_set("ALPHA")
    if manager.mien_strip:
        _draw_strip(context, take)
    if manager.mien_landmarks:
        _draw_landmarks(context, rig, take)
    gpu.state.blend_set("NONE")


def _draw_strip(context: Context, take: Take) -> None:
    from ..scene.keying import frames_of

    scene, width = context.scene, context.region.width
    left, right = STRIP_MARGIN, width - STRIP_MARGIN
    frames = frames_of(scene, take.times)
    first, last = float(frames[0]), float(max(frames[-1], frames[0] + 1))
    columns = max(1, int((right - left) / 2))
    which = np.clip(np.searchsorted(frames, np.linspace(first, last, columns)), 0, len(frames) - 1)
    sure, found = take.confidence[which], take.found[which]
    kinds = np.where(~found, 2, np.where(sure < 0.8, 1, 0))
    step = (right - left) / columns
    low, high = STRIP_BOTTOM, STRIP_BOTTOM + STRIP_HEIGHT
    shader = _uniform()
    for kind, colour in enumerate((SURE, UNSURE, LOST)):
        xs = left + np.flatnonzero(kinds == kind) * step
        if len(xs):
            _bars(shader, xs, step, low, high, colour)
    now = left + (scene.frame_current_final - first) / (last - first) * (right - left)
    if left <= now <= right:
        _bars(shader, np.array([now - 1]), 2.0, low - 4, high + 4, NOW)
    here = int(np.argmin(np.abs(frames - scene.frame_current_final)))
    text = f"{take.confidence[here]:.2f}" if take.found[here] else "-"
    blf.size(0, 11.0)
    blf.color(0, 1, 1, 1, 0.9)
    blf.position(0, left, high + 5, 0)
    blf.draw(0, f"{bpy.app.translations.pgettext_iface('Confidence')} {text}")


def _bars(
    shader: Any, xs: "np.ndarray[Any, Any]", width: float, low: float, high: float,
    colour: tuple[float, float, float, float],
) -> None:  # fmt: skip
    ends = xs + width
    corners = [(xs, low), (ends, low), (ends, high), (xs, low), (ends, high), (xs, high)]
    points = np.stack(
        [np.column_stack([x, np.full(len(xs), y)]) for x, y in corners], axis=1
    ).reshape(-1, 2)
    batch = batch_for_shader(shader, "TRIS", {"pos": [tuple(p) for p in points.tolist()]})
    shader.uniform_float("color", colour)
    batch.draw(shader)


def _draw_landmarks(context: Context, rig: Object, take: Take) -> None:
    view = context.region_data
    camera = camera_of(rig)
    if view is None or view.view_perspective != "CAMERA" or context.scene.camera != camera:
        return
    from ..core.reconstruct import landmarks_of
    from ..scene.keying import frames_of
    from .heads import the_head

    frames = frames_of(context.scene, take.times)
    here = int(np.argmin(np.abs(frames - context.scene.frame_current_final)))
    if not take.found[here]:
        return
    if id(take) not in _marks:
        _marks.clear()
        _marks[id(take)] = landmarks_of(take, the_head())
    corners = [
        location_3d_to_region_2d(context.region, view, camera.matrix_world @ corner)
        for corner in camera.data.view_frame(scene=context.scene)
    ]
    if any(c is None for c in corners):
        return
    places = np.array([tuple(c) for c in corners])
    low, high = places.min(axis=0), places.max(axis=0)
    share = (_marks[id(take)][here, :, :2] + 0.5) / [take.info.width, take.info.height]
    points = np.column_stack(
        [
            low[0] + share[:, 0] * (high[0] - low[0]),
            high[1] - share[:, 1] * (high[1] - low[1]),
        ]
    )
    shader = _uniform()
    gpu.state.point_size_set(4.0)
    batch = batch_for_shader(shader, "POINTS", {"pos": [tuple(p) for p in points.tolist()]})
    shader.uniform_float("color", DOT)
    batch.draw(shader)


class GoToLost(Operator):  # type: ignore[misc]
    """Go to a stretch in which the face was lost"""

    bl_idname = "mien.go_to"
    bl_label = "Go To"

    time: FloatProperty()

    def execute(self, context: Context) -> set[str]:
        from ..scene.keying import frames_of

        scene = context.scene
        frame = float(frames_of(scene, np.array([self.time]))[0])
        scene.frame_set(int(frame), subframe=frame % 1)
        return {"FINISHED"}


class MatchCamera(Operator):  # type: ignore[misc]
    """Look through the camera of the footage, or back"""

    bl_idname = "mien.match_camera"
    bl_label = "Footage Camera"

    @classmethod
    def poll(cls, context: Context) -> bool:
        rig = active_rig(context)
        if rig is None or camera_of(rig) is None:
            cls.poll_message_set("Select a captured head with its camera first")
            return False
        return True

    def execute(self, context: Context) -> set[str]:
        rig = active_rig(context)
        assert rig is not None
        camera = camera_of(rig)
        views = _views(context)
        inside = context.scene.camera == camera and all(
            v.region_3d.view_perspective == "CAMERA" for v in views
        )
        context.scene.camera = camera
        for view in views:
            view.region_3d.view_perspective = "PERSP" if inside else "CAMERA"
        return {"FINISHED"}


class SideBySide(Operator):  # type: ignore[misc]
    """Split the viewport: the footage's camera in one half, a free view in the other"""

    bl_idname = "mien.side_by_side"
    bl_label = "Side by Side"

    @classmethod
    def poll(cls, context: Context) -> bool:
        return MatchCamera.poll.__func__(cls, context)  # type: ignore[attr-defined]

    def execute(self, context: Context) -> set[str]:
        area = next((a for a in context.window.screen.areas if a.type == "VIEW_3D"), None)
        if area is None:
            self.report({"ERROR"}, "Open a 3D viewport first")
            return {"CANCELLED"}
        rig = active_rig(context)
        assert rig is not None
        context.scene.camera = camera_of(rig)
        views = [a for a in context.window.screen.areas if a.type == "VIEW_3D"]
        if len(views) < 2:
            before = set(context.window.screen.areas)
            region = next(r for r in area.regions if r.type == "WINDOW")
            with context.temp_override(area=area, region=region):
                bpy.ops.screen.area_split(direction="VERTICAL", factor=0.5)
            views = [area, *(set(context.window.screen.areas) - before)]
        for number, one in enumerate(views[:2]):
            one.spaces.active.region_3d.view_perspective = "CAMERA" if number == 0 else "PERSP"
        return {"FINISHED"}


def _views(context: Context) -> list[Any]:
    screens = [w.screen for w in context.window_manager.windows]
    return [a.spaces.active for s in screens for a in s.areas if a.type == "VIEW_3D"]


CLASSES = (GoToLost, MatchCamera, SideBySide)


def register() -> None:
    """Add operators, switches and the overlay."""
    global _handle
    for one in CLASSES:
        bpy.utils.register_class(one)
    WindowManager.mien_strip = BoolProperty(
        name="Confidence", default=True, description="Show how sure the capture is, over time"
    )
    WindowManager.mien_landmarks = BoolProperty(
        name="Landmarks", default=False, description="Show the 68 landmarks over the footage"
    )
    if not bpy.app.background:
        _handle = bpy.types.SpaceView3D.draw_handler_add(draw, (), "WINDOW", "POST_PIXEL")


def unregister() -> None:
    """Take them away."""
    global _handle
    if _handle is not None:
        bpy.types.SpaceView3D.draw_handler_remove(_handle, "WINDOW")
        _handle = None
    _marks.clear()
    del WindowManager.mien_landmarks
    del WindowManager.mien_strip
    for one in reversed(CLASSES):
        bpy.utils.unregister_class(one)
