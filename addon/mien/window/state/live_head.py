# SPDX-License-Identifier: GPL-3.0-or-later
"""The head that a camera moves: built with the first face, posed with every newer one."""

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from bpy.types import Context
from numpy.typing import NDArray

from ...core.errors import MienError
from ...core.modes import Hair
from ...core.solve.motion import solve_take
from ...core.take.journal import journal_path
from ...core.take.take import part_of
from ...core.take.take_file import load_take
from ...scene.build import building
from ...scene.posing import LivePose
from ...scene.typed import camera_data, has_keys, layer_of, scene_of
from ...scene.widgets import remove_unused_ring
from . import place_head
from .heads import loaded_head
from .typed import capture_settings, space_in

_SHARE = 0.1
"""Of the newest frame in the averages that are shown."""
_PIECES = 0.015
"""Seconds of work after which the window draws again while the head is made; a piece takes up to twice that."""
_RECENT = 1.0
"""Seconds of what was seen that say what the head is like at first."""
_FRONT = (0.7071068, 0.7071068, 0.0, 0.0)
"""The view's rotation that Blender calls Front."""
_AWAY = 0.9
"""Metres from which a head fills about half the view's height, chosen by eye."""


class LiveHead:
    """A head without keys, in the scene for as long as the camera runs.

    Attributes:
        shown: time of the newest frame that it shows, seconds of the camera's clock.
        latency: seconds from the camera's picture to the posed head, lately; None until it is known.
        rate: heads posed a second, lately.
    """

    def __init__(self, take: Path) -> None:
        self.shown, self.rate = -1.0, 0.0
        self.latency: float | None = None
        self._take = take
        self._pose: LivePose | None = None
        self._names = ("", "", "")
        self._view: tuple[Any, ...] | None = None
        self._pieces: Iterator[None] | None = None

    @property
    def building(self) -> bool:
        """Whether the head is being made, a piece at each :meth:`show`: an undo would pull it away."""
        return self._pieces is not None

    def show(self, row: NDArray[np.void], started: float, context: Context) -> bool:
        """Pose the head as a newer row of a take has it; False if there is nothing new, or no head yet.

        Args:
            row: of :data:`mien.core.take.take.RECORD`.
            started: moment of the camera's time 0, seconds since 1970; 0 while that is not known.
            context: whose scene the head is in.
        """
        moment = float(row["time"])
        if moment <= self.shown or not self._stands(context):
            return False
        assert self._pose is not None
        if not self._pose.show(row):
            return False
        if started:
            behind = time.time() - (started + moment)
            before = behind if self.latency is None else self.latency
            self.latency = before + _SHARE * (behind - before)
        if self.shown >= 0:
            now = 1 / (moment - self.shown)
            self.rate += (1.0 if self.rate == 0 else _SHARE) * (now - self.rate)
        self.shown = moment
        return True

    def remove(self, context: Context) -> None:
        """Take the head out of the scene again, and look where the animator looked before."""
        with suppress(MienError, ReferenceError):  # half a head has no name yet by which to find it
            for _ in self._pieces or ():
                pass
        self._clear()
        view = _view_of(context)
        if view is not None and self._view is not None:
            view.view_perspective, view.view_rotation, view.view_location, view.view_distance = (
                self._view
            )

    def _clear(self) -> None:
        """Take out what there is of the head."""
        collection = bpy.data.collections.get(self._names[0])
        if collection is None:
            return
        for thing in list(collection.objects):
            data = thing.data
            bpy.data.objects.remove(thing)
            if data.users == 0:
                bpy.data.batch_remove([data])
        bpy.data.collections.remove(collection)
        remove_unused_ring()

    def _stands(self, context: Context) -> bool:
        """Whether there is a head to pose; some of it is made if not. An undo may have taken it away."""
        rig, mesh = (bpy.data.objects.get(n) for n in self._names[1:])
        if self._pieces is None and self._pose is not None:
            if rig is not None and mesh is not None and has_keys(mesh):
                self._pose.rig, self._pose.mesh = rig, mesh
                return True
            self._clear()
        self._pieces = self._pieces or self._building(context)
        begun = time.thread_time()
        try:
            while time.thread_time() - begun < _PIECES:
                next(self._pieces)
        except (StopIteration, MienError, ReferenceError):
            self._pieces = None  # it stands; or there is no face yet, or an undo took what was made
        return False

    def _building(self, context: Context) -> Iterator[None]:
        take = load_take(journal_path(self._take))
        take = part_of(take, float(take.times[-1]) - _RECENT)
        yield
        motion = solve_take(take, loaded_head())
        yield
        scene, active = scene_of(context), layer_of(context).objects.active
        built = yield from building(
            scene, motion, loaded_head(), match=False, keying=None,
            hair=Hair(capture_settings(scene).hair),
        )  # fmt: skip
        layer_of(context).objects.active = active
        place_head.offset_from_existing(built, scene)
        bpy.data.cameras.remove(camera_data(built.camera))
        built.rig.hide_set(True)  # it is posed by the camera, not by hand
        self._names = (built.collection.name, built.rig.name, built.mesh.name)
        strength = capture_settings(scene).live_smoothing
        self._pose = LivePose(built.mesh, built.rig, built.stand, take.info, strength)
        self._look_at(context, built.rig.location)

    def _look_at(self, context: Context, place: Any) -> None:
        view = _view_of(context)
        if view is None or self._view is not None:
            return
        self._view = (
            view.view_perspective, view.view_rotation.copy(), view.view_location.copy(),
            view.view_distance,
        )  # fmt: skip
        view.view_perspective, view.view_rotation = "PERSP", _FRONT
        view.view_location, view.view_distance = place, _AWAY


def _view_of(context: Context) -> Any:
    """What the first viewport of the window looks at; None where there is none."""
    window = context.window
    areas = window.screen.areas if window else ()
    return next((space_in(a).region_3d for a in areas if a.type == "VIEW_3D"), None)
