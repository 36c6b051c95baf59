# SPDX-License-Identifier: GPL-3.0-or-later
"""Keyframes, many at a time: the one place that knows actions before and after slots.

From Blender 4.4 on an action holds a slot and a channelbag for each thing it moves, so that rig and
shape keys share one action. Before that an action belongs to one kind of data-block; there the
shape keys get an action of their own.
"""

from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from bpy.types import ID, Action, FCurve
from numpy.typing import NDArray

from ..core.model.params import FloatArray
from .changes import Changes
from .owning import SLOTS, make_editable, own_action
from .typed import animation_of, loose, present

LINEAR = 1
"""Value of a keyframe's interpolation that draws straight lines: there is a key on every frame."""


@dataclass(frozen=True)
class KeyedChannel:
    """One channel as it was keyed.

    Attributes:
        block: the data-block that it belongs to.
        path, index: of the channel within the block.
        frames: ``(F,)`` where keys lie.
        values: ``(F,)`` of the keys, with straight lines between them.
    """

    block: ID
    path: str
    index: int
    frames: NDArray[np.floating[Any]]
    values: FloatArray

    @property
    def name(self) -> str:
        """Of the shape key, bone or property, for a person to read."""
        quoted = self.path.split('"')
        return quoted[1] if len(quoted) > 2 else self.path


class Keyer:
    """Writes curves of data-blocks so that they act, on these blocks and no others.

    A block that has an action keeps it, with whatever else is in there, or a copy of it that is its
    own; the others share a new one (two before Blender 4.4).

    Attributes:
        changes: what had to be changed for that.
    """

    def __init__(self, name: str, changes: Changes | None = None) -> None:
        self.name = name
        self.changes = changes or Changes()
        self._keyed: dict[tuple[ID, str, int], KeyedChannel] = {}
        self._action: Action | None = None
        self._ready: set[ID] = set()

    @property
    def keyed(self) -> list[KeyedChannel]:
        """Every channel as it was keyed last."""
        return list(self._keyed.values())

    def key(
        self,
        block: ID,
        path: str,
        index: int,
        frames: NDArray[np.floating[Any]],
        values: FloatArray,
    ) -> FCurve:
        """Key one channel of a data-block anew; other channels stay as they are.

        Args:
            block: the object or the shape keys that the channel belongs to.
            path: data path within the block.
            index: of the channel, for vectors; 0 for single values.
            frames: ``(F,)`` rising, may be fractions.
            values: ``(F,)``.

        Raises:
            MienError: the block belongs to another file.
        """
        keyed = KeyedChannel(block, path, index, frames, values)
        curve = self._plain(self._curves(block), keyed)
        count = len(frames)
        curve.keyframe_points.add(count)
        points = np.empty((count, 2), np.float32)
        points[:, 0], points[:, 1] = frames, values
        curve.keyframe_points.foreach_set("co", points.ravel())
        curve.keyframe_points.foreach_set("interpolation", np.full(count, LINEAR, np.int32))
        curve.update()
        self._keyed[block, path, index] = keyed
        return curve

    def _plain(self, curves: Any, keyed: KeyedChannel) -> FCurve:
        """The channel's curve without keys, acting and unmodified."""
        curve: FCurve | None = curves.find(keyed.path, index=keyed.index)
        if curve is None:
            return present(curves.new(keyed.path, index=keyed.index))
        if curve.modifiers:
            self.changes.add("curve modifiers removed", keyed.name)
            for modifier in list(curve.modifiers):
                curve.modifiers.remove(modifier)
        muted = curve.group is not None and curve.group.mute
        if curve.mute or muted:
            self.changes.add("muted curves act again", keyed.name)
        if muted or not curve.is_valid or len(curve.sampled_points):
            curves.remove(curve)
            return present(curves.new(keyed.path, index=keyed.index))
        curve.mute, curve.extrapolation = False, "CONSTANT"
        curve.keyframe_points.clear()
        return curve

    def _curves(self, block: ID) -> Any:
        if block not in self._ready:
            make_editable(block, self.changes)
            if animation_of(block) is None:
                block.animation_data_create()
            if own_action(block, self.changes) is None:
                self._give_action(block)
            self._ready.add(block)
        data = present(animation_of(block))
        action = present(data.action)
        if not SLOTS:
            return loose(action).fcurves
        if data.action_slot is None:
            data.action_slot = action.slots.new(id_type=block.id_type, name=block.name)
        layer = action.layers[0] if action.layers else action.layers.new("Layer")
        strip = layer.strips[0] if layer.strips else layer.strips.new(type="KEYFRAME")
        return loose(strip).channelbag(data.action_slot, ensure=True).fcurves

    def _give_action(self, block: ID) -> None:
        data = present(animation_of(block))
        if not SLOTS:
            data.action = bpy.data.actions.new(f"{self.name} {loose(block).bl_rna.name}")
            return
        if self._action is None:
            self._action = bpy.data.actions.new(self.name)
        data.action = self._action
        data.action_slot = self._action.slots.new(id_type=block.id_type, name=block.name)


def curves_of(block: ID) -> list[FCurve]:
    """The curves that move a data-block, in any version of Blender; empty where there are none."""
    data = animation_of(block)
    if data is None or data.action is None:
        return []
    if not SLOTS:
        return list(loose(data.action).fcurves)
    bags = (loose(s).channelbag(data.action_slot) for la in data.action.layers for s in la.strips)
    return [curve for bag in bags if bag is not None for curve in bag.fcurves]
