# SPDX-License-Identifier: GPL-3.0-or-later
"""Picking a face: the first frame is shown over the viewport, and a click says which one."""

from pathlib import Path
from typing import Any

import bpy
import gpu
import numpy as np
from bpy.types import Context, Event, Operator
from gpu_extras.presets import draw_texture_2d

from ..core.errors import MienError
from . import running

LARGEST = 0.8
"""Of the region's width or height that the picture takes."""


class PickFace(Operator):  # type: ignore[misc]
    """Click on the face to follow in the first frame of the range"""

    bl_idname = "mien.pick_face"
    bl_label = "Pick Face"

    _texture: Any = None
    _handle: Any = None
    _size = (1, 1)

    @classmethod
    def poll(cls, context: Context) -> bool:
        if running.busy():
            cls.poll_message_set("A capture is running; wait for it or cancel it")
            return False
        if not context.scene.mien.footage:
            cls.poll_message_set("Choose the footage first")
            return False
        return True

    def invoke(self, context: Context, _: Event) -> set[str]:
        """Show the frame and wait for a click."""
        if context.area is None or context.area.type != "VIEW_3D":
            self.report({"ERROR"}, "Pick a face from the sidebar of a 3D viewport")
            return {"CANCELLED"}
        from ..core.sources import open_source

        settings = context.scene.mien
        try:
            source = open_source(
                Path(bpy.path.abspath(settings.footage)),
                settings.start if settings.use_range else None,
            )
            image = next(iter(source)).image
        except (MienError, StopIteration) as error:
            self.report({"ERROR"}, str(error) or "The footage has no frame in that range")
            return {"CANCELLED"}
        self._size = (image.shape[1], image.shape[0])
        pixels = np.ones((*image.shape[:2], 4), np.float32)
        pixels[..., :3] = (image[::-1, :, ::-1] / np.float32(255)) ** 2.2
        data = gpu.types.Buffer("FLOAT", pixels.size, pixels.ravel())
        self._texture = gpu.types.GPUTexture(self._size, format="RGBA16F", data=data)
        self._handle = bpy.types.SpaceView3D.draw_handler_add(
            self._draw, (), "WINDOW", "POST_PIXEL"
        )
        context.window_manager.modal_handler_add(self)
        context.window.cursor_modal_set("CROSSHAIR")
        self._region = _window_region(context)
        context.area.tag_redraw()
        return {"RUNNING_MODAL"}

    def modal(self, context: Context, event: Event) -> set[str]:
        """Take the place of a click; Esc or the right button leaves things as they are."""
        if event.type in {"ESC", "RIGHTMOUSE"} and event.value == "PRESS":
            self._leave(context)
            return {"CANCELLED"}
        if event.type == "LEFTMOUSE" and event.value == "PRESS":
            left, bottom, width, height = self._frame(self._region)
            x = (event.mouse_x - self._region.x - left) / width
            y = 1 - (event.mouse_y - self._region.y - bottom) / height
            if not (0 <= x <= 1 and 0 <= y <= 1):
                return {"RUNNING_MODAL"}
            context.scene.mien.place = (x, y)
            context.scene.mien.faces = "at"
            self._leave(context)
            return {"FINISHED"}
        return {"RUNNING_MODAL"}

    def cancel(self, context: Context) -> None:
        """Blender closes the file or quits."""
        self._leave(context)

    def _frame(self, region: Any) -> tuple[float, float, float, float]:
        """Left, bottom, width and height of the picture in a region."""
        width, height = self._size
        zoom = LARGEST * min(region.width / width, region.height / height)
        across, up = width * zoom, height * zoom
        return (region.width - across) / 2, (region.height - up) / 2, across, up

    def _draw(self) -> None:
        if bpy.context.region is not None:
            left, bottom, width, height = self._frame(bpy.context.region)
            draw_texture_2d(self._texture, (left, bottom), width, height)

    def _leave(self, context: Context) -> None:
        if self._handle is not None:
            bpy.types.SpaceView3D.draw_handler_remove(self._handle, "WINDOW")
            self._handle = None
        self._texture = None
        context.window.cursor_modal_restore()
        if context.area is not None:
            context.area.tag_redraw()


def _window_region(context: Context) -> Any:
    return next(r for r in context.area.regions if r.type == "WINDOW")


def register() -> None:
    """Add the operator."""
    bpy.utils.register_class(PickFace)


def unregister() -> None:
    """Take it away."""
    bpy.utils.unregister_class(PickFace)
