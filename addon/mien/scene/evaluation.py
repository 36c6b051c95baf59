# SPDX-License-Identifier: GPL-3.0-or-later
"""What objects do at a frame, whatever the user's scene shows: hidden, excluded, at another frame."""

from collections.abc import Iterable
from types import TracebackType

import bpy
from bpy.types import Depsgraph, Object, Scene

from ..core.errors import MienError
from .typed import loose, present


class Stage:
    """A scene of its own in which things are evaluated; it is gone afterwards, and they are as they were."""

    def __init__(self, things: Iterable[Object]) -> None:
        """Make the stage.

        Args:
            things: to be looked at; what they depend on comes along.
        """
        self._things = list(dict.fromkeys(things))

    def __enter__(self) -> "Stage":
        self._scene: Scene = bpy.data.scenes.new("Mien Stage")
        self._layer = self._scene.view_layers[0]
        self._hidden = [t for t in self._things if t.hide_viewport]
        for thing in self._things:
            self._scene.collection.objects.link(thing)
            if thing.hide_viewport:
                thing.hide_viewport = False
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for thing in self._hidden:
            thing.hide_viewport = True
        bpy.data.scenes.remove(self._scene)

    def at(self, frame: float) -> Depsgraph:
        """The things as they are animated at a frame, which may lie between two."""
        whole = int(frame // 1)
        self._scene.frame_set(whole, subframe=frame - whole)
        return present(self._layer.depsgraph)

    def now(self) -> Depsgraph:
        """The things as they are posed by hand."""
        self._layer.update()
        return present(self._layer.depsgraph)


def leave_edit_mode(things: Iterable[Object]) -> list[Object]:
    """Leave edit mode, which shows objects at rest.

    Returns:
        The things that were in it.

    Raises:
        MienError: Blender stays in it.
    """
    edited = [thing for thing in things if thing.mode == "EDIT"]
    if not edited:
        return []
    with bpy.context.temp_override(active_object=edited[0], object=edited[0]):
        if loose(bpy.ops.object.mode_set).poll():
            bpy.ops.object.mode_set(mode="OBJECT")
    stuck = [thing.name for thing in edited if thing.mode == "EDIT"]
    if stuck:
        raise MienError(f"{stuck[0]} is in edit mode; leave it with Tab first.")
    return edited
