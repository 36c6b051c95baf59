# SPDX-License-Identifier: GPL-3.0-or-later
"""Capturing from footage: the operator that starts it, follows it, and builds what it brought."""

import time
from pathlib import Path
from typing import Any

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, FloatVectorProperty, StringProperty
from bpy.types import Context, Event, Operator

from ..core.errors import MienError
from ..worker.job import DONE, FAILED, STOPPED, Job, Status
from . import running
from .preferences import preferences, takes_folder
from .settings import FACES

TICK = 0.03
"""Seconds between looks at the child."""


class Capture(Operator):  # type: ignore[misc]
    """Capture the face in a video and build an animated head from it"""

    bl_idname = "mien.capture"
    bl_label = "Capture"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    filepath: StringProperty(name="Footage", subtype="FILE_PATH")
    start: FloatProperty(name="From", default=-1.0, options={"SKIP_SAVE"})
    end: FloatProperty(name="To", default=-1.0, options={"SKIP_SAVE"})
    faces: EnumProperty(name="Face", items=FACES, options={"SKIP_SAVE"})
    place: FloatVectorProperty(size=2, default=(0.5, 0.5), options={"SKIP_SAVE"})
    match: BoolProperty(name="Match Scene", default=True, options={"SKIP_SAVE"})

    @classmethod
    def poll(cls, context: Context) -> bool:
        if running.busy():
            cls.poll_message_set("A capture is running; wait for it or cancel it")
            return False
        return True

    def invoke(self, context: Context, _: Event) -> set[str]:
        """Start the child and follow it without holding up the window."""
        if not self._begin(context):
            return {"CANCELLED"}
        manager = context.window_manager
        self._timer = manager.event_timer_add(TICK, window=context.window)
        manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: Context) -> set[str]:
        """Capture to the end before returning, for scripts."""
        if not self._begin(context):
            return {"CANCELLED"}
        while not (status := running.poll()).over:
            time.sleep(TICK)
        return self._finish(context, status)

    def modal(self, context: Context, event: Event) -> set[str]:
        """Look at the child; Esc asks it to stop."""
        if event.type == "ESC" and event.value == "PRESS":
            running.stop()
            return {"RUNNING_MODAL"}
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        if not running.busy():  # another file was opened, or Mien was disabled
            self._unhook(context)
            return {"CANCELLED"}
        status = running.poll()
        redraw(context)
        if not status.over:
            return {"PASS_THROUGH"}
        self._unhook(context)
        return self._finish(context, status)

    def cancel(self, context: Context) -> None:
        """Blender closes the file or quits."""
        self._unhook(context)
        running.end()

    def _unhook(self, context: Context) -> None:
        if self._timer is not None:
            context.window_manager.event_timer_remove(self._timer)
            self._timer = None

    _timer: Any = None

    def _begin(self, context: Context) -> bool:
        path = Path(bpy.path.abspath(self.filepath))
        if not self.filepath:
            self.report({"ERROR"}, "Choose the footage first")
            return False
        try:
            take = new_take(path.stem, context)
            chosen = preferences(context)
            job = Job(
                footage=str(path),
                take=str(take),
                start=None if self.start < 0 else self.start,
                end=None if self.end < 0 else self.end,
                model=bpy.path.abspath(chosen.model) if chosen.model else "",
                threads=chosen.threads,
                faces=self.faces,
                x=self.place[0],
                y=self.place[1],
            )
            running.begin(job)
        except (MienError, OSError) as error:
            self.report({"ERROR"}, str(error))
            return False
        return True

    def _finish(self, context: Context, status: Status) -> set[str]:
        running.end()
        redraw(context)
        if status.state == FAILED:
            self.report({"ERROR"}, status.message)
            return {"CANCELLED"}
        from . import heads

        try:
            for number, take in enumerate(status.takes):
                first = number == 0
                footage = Path(bpy.path.abspath(self.filepath)) if first else None
                heads.build(context.scene, Path(take), footage, self.match and first)
        except MienError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self.report(*_summary(status))
        return {"FINISHED"}


def _summary(status: Status) -> tuple[set[str], str]:
    text = f"{status.done} frames captured"
    if len(status.takes) > 1:
        text += f", {len(status.takes)} faces"
    if status.lost:
        text += f", {status.lost} without a face"
    if status.state == STOPPED:
        text += "; stopped, what was captured until then is kept"
    if status.state == DONE and status.message:
        return {"WARNING"}, f"{text}. {status.message}"
    return {"INFO"}, text


class StopCapture(Operator):  # type: ignore[misc]
    """Stop the capture and keep what was captured so far"""

    bl_idname = "mien.stop"
    bl_label = "Cancel"

    @classmethod
    def poll(cls, context: Context) -> bool:
        return running.busy()

    def execute(self, context: Context) -> set[str]:
        running.stop()
        return {"FINISHED"}


def new_take(stem: str, context: Context) -> Path:
    """A free name for a take in the folder where takes are kept.

    Raises:
        MienError: the folder cannot be made.
    """
    folder = takes_folder(context)
    number = 1
    while any(folder.glob(f"{stem}_{number:03d}*")):
        number += 1
    return folder / f"{stem}_{number:03d}.take.npz"


def redraw(context: Context) -> None:
    """Let the panels and overlays of all windows be drawn anew."""
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                area.tag_redraw()


CLASSES = (Capture, StopCapture)


def register() -> None:
    """Add the operators."""
    for one in CLASSES:
        bpy.utils.register_class(one)


def unregister() -> None:
    """Take them away."""
    for one in reversed(CLASSES):
        bpy.utils.unregister_class(one)
