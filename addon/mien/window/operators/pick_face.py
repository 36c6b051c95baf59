# SPDX-License-Identifier: GPL-3.0-or-later
"""Picking a face: the first frame is shown over the viewport with its faces, and a click picks one."""

from pathlib import Path
from typing import Any

import bpy
from bpy.types import Context, Event, Operator

from ...core.errors import MienError
from ...core.modes import Faces, State
from ...scene.typed import present
from ...worker.job import Job, Status
from ..overlay import picture
from ..state import capture_session
from ..state.preferences import model_file, new_take
from ..state.translation import iface, report, translate
from ..state.typed import Result, capture_settings, windows_of

HINT = "Click on the face to follow; A: all faces; Esc: leave"


class PickFace(Operator):
    """Click on the face to follow in the first frame of the range"""

    bl_idname = "mien.pick_face"
    bl_label = "Pick Face"
    bl_options = {"UNDO"}  # noqa: RUF012

    _picture: "picture.Picture | None" = None
    _region: Any = None

    @classmethod
    def poll(cls, context: Context) -> bool:
        return capture_session.may_capture(cls, context)

    def invoke(self, context: Context, _: Event) -> Result:
        """Let the child look at the first frame."""
        if context.area is None or context.area.type != "VIEW_3D":
            self.report({"ERROR"}, translate("Pick a face from the sidebar of a 3D viewport"))
            return {"CANCELLED"}
        settings = capture_settings(context)
        path = Path(bpy.path.abspath(settings.footage))
        try:
            job = Job(
                footage=str(path),
                take=str(new_take(path.stem, context)),
                start=settings.start if settings.use_range else None,
                model=model_file(context),
                faces=Faces.LOOK,
            )
            capture_session.begin(job, context)
        except MienError as error:
            self.report({"ERROR"}, translate(str(error)))
            return {"CANCELLED"}
        except OSError as error:
            report(self, "ERROR", "The capture cannot be started ({})", error)
            return {"CANCELLED"}
        self._region = next(r for r in context.area.regions if r.type == "WINDOW")
        windows_of(context).modal_handler_add(self)
        present(context.window).cursor_modal_set("WAIT")
        return {"RUNNING_MODAL"}

    def modal(self, context: Context, event: Event) -> Result:
        """Take the place of a click; Esc or the right button leaves things as they are."""
        if event.type in {"ESC", "RIGHTMOUSE"} and event.value == "PRESS":
            return self._leave(context, {"CANCELLED"})
        if self._picture is None:
            return self._wait(context, event)
        x, y = event.mouse_x - self._region.x, event.mouse_y - self._region.y
        if event.type == "MOUSEMOVE":
            self._picture.point_at(self._region, x, y)
            present(context.area).tag_redraw()
        settings = capture_settings(context)
        if event.type == "A" and event.value == "PRESS":
            settings.faces = Faces.ALL
            return self._leave(context, {"FINISHED"})
        if event.type == "LEFTMOUSE" and event.value == "PRESS":
            place = self._picture.face_at(self._region, x, y)
            if place is None:
                return {"RUNNING_MODAL"}
            settings.place, settings.faces = place, Faces.AT
            return self._leave(context, {"FINISHED"})
        return {"RUNNING_MODAL"}

    def cancel(self, context: Context) -> None:
        """Blender closes the file or quits."""
        self._leave(context, {"CANCELLED"})

    def _wait(self, context: Context, event: Event) -> Result:
        if event.type != "TIMER":
            return {"RUNNING_MODAL"}
        session = capture_session.session()
        if session is None:
            return self._leave(context, {"CANCELLED"})
        status = session.poll()
        if not status.over:
            return {"RUNNING_MODAL"}
        return self._show(context, status)

    def _show(self, context: Context, status: Status) -> Result:
        session = capture_session.session()
        image = session.thumbnail() if session else None
        capture_session.end()
        if status.state == State.FAILED or image is None:
            self.report({"ERROR"}, translate(status.message))
            return self._leave(context, {"CANCELLED"})
        if not status.boxes:
            sentence = "There is no face in the first frame of the range; choose another range"
            self.report({"WARNING"}, translate(sentence))
            return self._leave(context, {"CANCELLED"})
        self._picture = picture.Picture(context.area, image, status.boxes)
        present(context.window).cursor_modal_set("CROSSHAIR")
        present(context.workspace).status_text_set(iface(HINT))
        present(context.area).tag_redraw()
        return {"RUNNING_MODAL"}

    def _leave(self, context: Context, how: Result) -> Result:
        capture_session.end()
        if self._picture is not None:
            self._picture.close()
            self._picture = None
            present(context.workspace).status_text_set(None)
        present(context.window).cursor_modal_restore()
        if context.area is not None:
            present(context.area).tag_redraw()
        return how


def register() -> None:
    """Add the operator."""
    bpy.utils.register_class(PickFace)


def unregister() -> None:
    """Take it away."""
    picture.close_all()
    bpy.utils.unregister_class(PickFace)
