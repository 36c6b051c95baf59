# SPDX-License-Identifier: GPL-3.0-or-later
"""Live: a camera moves a head as its pictures come; what is recorded becomes a take."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, StringProperty
from bpy.types import Context, Event, Operator

from ...core.errors import MienError
from ...core.modes import State
from ...scene.typed import scene_of
from ...worker.job import Job, Status
from ..state import capture_session, preload
from ..state.preferences import model_file, new_take, preferences
from ..state.translation import report, translate
from ..state.typed import Result, capture_settings, windows_of
from .incremental_build import IncrementalBuildMixin

if TYPE_CHECKING:
    from ..state.live_head import LiveHead

TICK = 1 / 60
"""Seconds between two looks at the camera: a screen shows no more."""


class LiveState:
    """What the panel shows of the camera that runs.

    Attributes:
        head: that it moves, once there is a face.
        recording: time in seconds from which on it is recorded, or None.
    """

    head: "LiveHead | None" = None
    recording: float | None = None

    def now(self) -> float:
        """Time of the newest frame that was shown."""
        return self.head.shown if self.head else 0.0


state = LiveState()


class Live(IncrementalBuildMixin, Operator):
    """Move a head live from a camera; stop with Esc"""

    bl_idname = "mien.live"
    bl_label = "Live"
    bl_options = {"UNDO"}  # noqa: RUF012

    record: BoolProperty(
        name="Record", options={"SKIP_SAVE"}, description="Record from the first picture on"
    )
    filepath: StringProperty(
        name="Footage", subtype="FILE_PATH", options={"SKIP_SAVE"},
        description="A video that is played at its own rate in place of a camera",
    )  # fmt: skip

    _take: Path

    @classmethod
    def poll(cls, context: Context) -> bool:
        return capture_session.may_begin(cls)

    def invoke(self, context: Context, _: Event) -> Result:
        """Start the child and move the head with what it says."""
        played = bpy.path.abspath(self.filepath)
        try:
            self._take = new_take(Path(played).stem if played else "live", context)
            job = Job(
                footage=played,
                take=str(self._take),
                camera=-1 if played else capture_settings(context).camera,
                played=bool(played),
                model=model_file(context),
                threads=preferences(context).threads,
            )
            capture_session.begin(job, context, TICK)
        except MienError as error:
            self.report({"ERROR"}, translate(str(error)))
            return {"CANCELLED"}
        except OSError as error:
            report(self, "ERROR", "The capture cannot be started ({})", error)
            return {"CANCELLED"}
        state.head, state.recording = None, 0.0 if self.record else None
        windows_of(context).modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: Context, event: Event) -> Result:
        """Pose the head with the newest frame; Esc asks for an end."""
        if event.type == "ESC" and event.value == "PRESS":
            capture_session.stop()
            return {"RUNNING_MODAL"}
        if event.type != "TIMER":
            made = self._building is not None or (state.head is not None and state.head.building)
            return {"RUNNING_MODAL"} if made else {"PASS_THROUGH"}
        if not capture_session.busy():
            return {"CANCELLED"}
        capture_session.redraw(context)
        if self._building is not None:
            return self._go_on(context)
        status = capture_session.poll()
        ready = preload.preload_next()
        if status.over:
            return self._over(context, status)
        if ready:
            self._follow(context, status)
        return {"PASS_THROUGH"}

    def cancel(self, context: Context) -> None:
        """Blender closes the file or quits."""
        capture_session.end()
        state.head = None

    def _follow(self, context: Context, status: Status) -> None:
        from ..state.live_head import LiveHead

        session = capture_session.session()
        row = session.newest() if session else None
        if row is None:
            return
        if state.head is None:
            state.head = LiveHead(self._take)
        if state.head.show(row, status.started, context):
            capture_session.redraw(context, everything=True)

    def _over(self, context: Context, status: Status) -> Result:
        """The camera or the animator has stopped."""
        if state.head is not None:
            state.head.remove(context)
            state.head = None
        capture_session.redraw(context, everything=True)
        if status.state == State.FAILED:
            capture_session.end()
            self.report({"ERROR"}, translate(status.message))
            return {"CANCELLED"}
        if state.recording is None or not status.takes:
            capture_session.end()
            self._take.unlink(missing_ok=True)
            return {"CANCELLED"}
        self._building = self._build(context)
        return {"PASS_THROUGH"}

    def _build(self, context: Context) -> Iterator[None]:
        from ...core.take.take import part_of
        from ...core.take.take_file import load_take, save_take
        from ..state import heads

        save_take(part_of(load_take(self._take), state.recording or 0.0), self._take)
        yield
        settings = capture_settings(context)
        first = settings.first_frame()
        yield from heads.build(scene_of(context), [self._take], None, settings.match, first)

    def _finished(self, context: Context) -> Result:
        capture_session.redraw(context, everything=True)
        report(self, "INFO", "The recording is kept in {}", self._take)
        return {"FINISHED"}


def register() -> None:
    """Add the operator."""
    bpy.utils.register_class(Live)


def unregister() -> None:
    """Take it away."""
    state.head = None
    bpy.utils.unregister_class(Live)
