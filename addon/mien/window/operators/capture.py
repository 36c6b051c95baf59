# SPDX-License-Identifier: GPL-3.0-or-later
"""Capturing from footage: the operator that starts it, follows it, and builds what it brought."""

import time
from collections.abc import Iterator
from pathlib import Path

import bpy
from bpy.types import Context, Event, Operator

from ...core.errors import MienError
from ...core.modes import Faces, State
from ...scene.typed import scene_of
from ...worker.job import Job, Status
from ..state import capture_session, preload
from ..state.preferences import model_file, new_take, preferences
from ..state.translation import report, translate
from ..state.typed import Result, capture_settings, windows_of
from . import cameras
from .incremental_build import IncrementalBuildMixin


class Capture(IncrementalBuildMixin, Operator):
    """Capture the face in the footage and build an animated head from it"""

    bl_idname = "mien.capture"
    bl_label = "Capture"
    bl_options = {"UNDO"}  # noqa: RUF012

    _scene = ""

    @classmethod
    def poll(cls, context: Context) -> bool:
        return capture_session.may_capture(cls, context)

    def invoke(self, context: Context, _: Event) -> Result:
        """Start the child and follow it without holding up the window."""
        if not self._begin(context):
            return {"CANCELLED"}
        windows_of(context).modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: Context) -> Result:
        """Capture to the end before returning, for scripts."""
        if not self._begin(context):
            return {"CANCELLED"}
        while not (status := capture_session.poll()).over:
            time.sleep(capture_session.TICK)
        try:
            if (ended := self._over(status)) is not None:
                return ended
            for _ in self._build(context, status):
                pass
        except MienError as error:
            self.report({"ERROR"}, translate(str(error)))
            return {"CANCELLED"}
        finally:
            capture_session.end()
        return self._summary(status)

    def modal(self, context: Context, event: Event) -> Result:
        """Look at the child; Esc asks it to stop. What it brought is built piece by piece."""
        if event.type == "ESC" and event.value == "PRESS":
            capture_session.stop()
            return {"RUNNING_MODAL"}
        if event.type != "TIMER":
            return {"PASS_THROUGH"} if self._building is None else {"RUNNING_MODAL"}
        if not capture_session.busy():  # another file was opened, or Mien was disabled
            return {"CANCELLED"}
        capture_session.redraw(context)
        if self._building is not None:
            return self._go_on(context)
        status = capture_session.poll()
        ready = preload.preload_next()
        if not (ready and status.over):
            return {"PASS_THROUGH"}
        ended = self._over(status)
        if ended is not None:
            capture_session.end()
            return ended
        self._building = self._build(context, status)
        return {"PASS_THROUGH"}

    def cancel(self, context: Context) -> None:
        """Blender closes the file or quits."""
        capture_session.end()

    def _begin(self, context: Context) -> bool:
        settings = capture_settings(context)
        path = Path(bpy.path.abspath(settings.footage))
        self._scene = scene_of(context).name
        ranged = settings.use_range
        try:
            job = Job(
                footage=str(path),
                take=str(new_take(path.stem, context)),
                start=settings.start if ranged else None,
                end=settings.end if ranged else None,
                model=model_file(context),
                threads=preferences(context).threads,
                faces=Faces(settings.faces),
                x=settings.place[0],
                y=settings.place[1],
                refine=settings.refine,
                texture=settings.texture,
                sequence=settings.texture and settings.sequence,
            )
            capture_session.begin(job, context)
        except MienError as error:
            self.report({"ERROR"}, translate(str(error)))
            return False
        except OSError as error:
            report(self, "ERROR", "The capture cannot be started ({})", error)
            return False
        return True

    def _over(self, status: Status) -> Result | None:
        """What ends here because there is nothing to build."""
        if status.takes:
            return None
        if status.state == State.STOPPED:
            report(self, "INFO", "Stopped before a face was seen; nothing was changed")
        else:
            self.report({"ERROR"}, translate(status.message))
        return {"CANCELLED"}

    def _build(self, context: Context, status: Status) -> Iterator[None]:
        from ...worker.motion_file import load_motion, motion_path
        from ..state import heads

        session = capture_session.session()
        for number, path in enumerate(status.takes if session else ()):
            assert session is not None
            heads.remember(Path(path), load_motion(motion_path(session.folder, number)))
            yield
        scene = bpy.data.scenes.get(self._scene) or scene_of(context)
        settings = capture_settings(scene)
        footage = Path(bpy.path.abspath(settings.footage))
        yield from heads.build(
            scene, list(map(Path, status.takes)), footage, settings.match, settings.first_frame()
        )

    def _finished(self, context: Context) -> Result:
        if capture_settings(context).match:
            cameras.look_through(context)
        capture_session.redraw(context, everything=True)
        return self._summary(capture_session.status())

    def _summary(self, status: Status) -> Result:
        if status.state == State.STOPPED and status.lost:
            sentence = "Stopped: {} frames are kept, {} of them without a face"
            report(self, "WARNING", sentence, status.done, status.lost)
        elif status.state == State.STOPPED:
            report(self, "WARNING", "Stopped: {} frames are kept", status.done)
        elif len(status.takes) > 1:
            report(self, "INFO", "{} faces captured in {} frames", len(status.takes), status.done)
        elif status.lost:
            sentence = "{} frames captured, {} of them without a face"
            report(self, "INFO", sentence, status.done, status.lost)
        else:
            report(self, "INFO", "{} frames captured", status.done)
        for warning in status.message.splitlines():
            self.report({"WARNING"}, translate(warning))
        return {"FINISHED"}


def register() -> None:
    """Add the operator."""
    bpy.utils.register_class(Capture)


def unregister() -> None:
    """Take it away."""
    bpy.utils.unregister_class(Capture)
