# SPDX-License-Identifier: GPL-3.0-or-later
"""Keyframes, many at a time: the one place that knows actions before and after slots.

From Blender 4.4 on an action holds a slot and a channelbag for each thing it moves, so that rig and
shape keys share one action. Before that an action belongs to one kind of data-block; there the
shape keys get an action of their own.
"""

from typing import Any

import bpy
import numpy as np
from bpy.types import ID, Action, FCurve
from numpy.typing import NDArray

from ..core.model.params import FloatArray
from .typed import animation_of, loose

SLOTS = bpy.app.version >= (4, 4, 0)
LINEAR = 1
"""Value of a keyframe's interpolation that draws straight lines: there is a key on every frame."""


class Keyer:
    """Writes curves of several data-blocks into one action (two before Blender 4.4)."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._action: Action | None = None

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
        """
        curves = self._curves(block)
        curve: FCurve = curves.find(path, index=index) or curves.new(path, index=index)
        curve.keyframe_points.clear()
        count = len(frames)
        curve.keyframe_points.add(count)
        points = np.empty((count, 2), np.float32)
        points[:, 0], points[:, 1] = frames, values
        curve.keyframe_points.foreach_set("co", points.ravel())
        curve.keyframe_points.foreach_set("interpolation", np.full(count, LINEAR, np.int32))
        curve.update()
        return curve

    def _curves(self, block: ID) -> Any:
        data = animation_of(block) or block.animation_data_create()
        if not SLOTS:
            if data.action is None:
                data.action = bpy.data.actions.new(f"{self.name} {loose(block.bl_rna).name}")
            return loose(data.action).fcurves
        if self._action is None:
            self._action = data.action
        if self._action is None:
            self._action = bpy.data.actions.new(self.name)
            self._action.layers.new("Layer").strips.new(type="KEYFRAME")
        if data.action_slot is None or data.action != self._action:
            data.action = self._action
            data.action_slot = self._action.slots.new(id_type=block.id_type, name=block.name)
        strip = self._action.layers[0].strips[0]
        return loose(strip).channelbag(data.action_slot, ensure=True).fcurves


def curves_of(block: ID) -> list[FCurve]:
    """The curves that move a data-block, in any version of Blender; empty where there are none."""
    data = animation_of(block)
    if data is None or data.action is None:
        return []
    if not SLOTS:
        return list(loose(data.action).fcurves)
    bags = (loose(s).channelbag(data.action_slot) for la in data.action.layers for s in la.strips)
    return [curve for bag in bags if bag is not None for curve in bag.fcurves]
