# SPDX-License-Identifier: GPL-3.0-or-later
"""Live: a camera moves the head as its pictures come, and what it saw becomes a take."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import BoolProperty, IntProperty, StringProperty
from bpy.types import Context, Event, Operator

from ..core.errors import MienError
from ..worker.job import FAILED, Job, Status
from . import running
from .capturing import new_take, redraw
from .preferences import preferences

if TYPE_CHECKING:
    from ..scene.posing import LivePose

TICK = 1 / 60
_latency = 0.0
_rate = 0.0


def latency() -> float:
    """Seconds from the camera's picture to the posed head, lately."""
    return _latency


def rate() -> float:
    """Heads posed a second, lately."""
    return _rate


class Live(Operator):  # type: ignore[misc]
    """Move a head live from a camera; stop with Esc"""

    bl_idname = "mien.live"
    bl_label = "Live"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    camera: IntProperty(name="Camera", min=0)
    record: BoolProperty(
        name="Record", default=True, description="Key what was seen onto the head when it stops"
    )
    filepath: StringProperty(
        name="Footage", subtype="FILE_PATH", options={"SKIP_SAVE"},
        description="A video that is played at its own rate in place of a camera",
    )  # fmt: skip

    _timer: Any = None
    _pose: "LivePose | None" = None
    _take: Path
    _shown = -1.0
    _names: tuple[str, str] = ("", "")

    @classmethod
    def poll(cls, context: Context) -> bool:
        if running.busy():
            cls.poll_message_set("A capture is running; wait for it or cancel it")
            return False
        return True

    def invoke(self, context: Context, _: Event) -> set[str]:
        """Start the child and move the head with what it says."""
        played = bpy.path.abspath(self.filepath)
        try:
            self._take = new_take(Path(played).stem if played else "live", context)
            chosen = preferences(context)
            running.begin(
                Job(
                    footage=played,
                    take=str(self._take),
                    camera=-1 if played else self.camera,
                    played=bool(played),
                    model=bpy.path.abspath(chosen.model) if chosen.model else "",
                    threads=chosen.threads,
                )
            )
        except (MienError, OSError) as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        manager = context.window_manager
        self._timer = manager.event_timer_add(TICK, window=context.window)
        manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: Context, event: Event) -> set[str]:
        """Pose the head with the newest frame; Esc asks for an end."""
        if event.type == "ESC" and event.value == "PRESS":
            running.stop()
            return {"RUNNING_MODAL"}
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        if not running.busy():
            self._unhook(context)
            return {"CANCELLED"}
        status = running.poll()
        if status.over:
            self._unhook(context)
            return self._finish(context, status)
        self._follow(context, status)
        redraw(context)
        return {"PASS_THROUGH"}

    def cancel(self, context: Context) -> None:
        """Blender closes the file or quits."""
        self._unhook(context)
        running.end()

    def _follow(self, context: Context, status: Status) -> None:
        global _latency, _rate
        session = running.session()
        row = session.newest() if session else None
        if row is None or float(row["time"]) <= self._shown:
            return
        moment = float(row["time"])
        if self._pose is None:
            self._pose = self._build(context)
        if self._pose is not None and self._pose.show(row):
            behind = time.time() - (status.started + moment)
            _latency = behind if self._shown < 0 else 0.9 * _latency + 0.1 * behind
            if 0 < moment - self._shown < 1:
                _rate = 0.9 * _rate + 0.1 / (moment - self._shown)
        self._shown = moment

    def _build(self, context: Context) -> "LivePose | None":
        """A head to move, from what was seen until now."""
        from ..core.journal import journal_path
        from ..core.motion import motion_of
        from ..core.placement import place_head
        from ..core.take_file import load_take
        from ..scene.build import build_scene
        from ..scene.posing import LivePose
        from .heads import the_head

        try:
            take = load_take(journal_path(self._take))
            motion = motion_of(take)
        except MienError:
            return None  # no face yet
        built = build_scene(context.scene, motion, the_head())
        for block in (built.rig, built.mesh.data.shape_keys):
            block.animation_data_clear()
        self._names = (built.collection.name, built.rig.name)
        return LivePose(built.mesh, built.rig, place_head(motion).camera, take.info)

    def _finish(self, context: Context, status: Status) -> set[str]:
        running.end()
        self._pose = None
        if status.state == FAILED:
            self.report({"ERROR"}, status.message)
            return {"FINISHED"} if self._names[0] else {"CANCELLED"}
        if self.record and status.takes:
            self._remove()
            from . import heads

            try:
                heads.build(context.scene, Path(status.takes[0]), None, match=True)
            except MienError as error:
                self.report({"ERROR"}, str(error))
                return {"CANCELLED"}
            self.report({"INFO"}, f"{status.done} frames recorded in {status.takes[0]}")
        elif not self.record:
            self._take.unlink(missing_ok=True)
        redraw(context)
        return {"FINISHED"}

    def _remove(self) -> None:
        """Remove the head that was moved live; the recorded one takes its place."""
        collection = bpy.data.collections.get(self._names[0])
        if collection is None:
            return
        for thing in list(collection.objects):
            data = thing.data
            bpy.data.objects.remove(thing)
            if data.users == 0:
                bpy.data.batch_remove([data])
        bpy.data.collections.remove(collection)

    def _unhook(self, context: Context) -> None:
        if self._timer is not None:
            context.window_manager.event_timer_remove(self._timer)
            self._timer = None


def register() -> None:
    """Add the operator."""
    bpy.utils.register_class(Live)


def unregister() -> None:
    """Take it away."""
    bpy.utils.unregister_class(Live)
