# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a character takes which values: its shape keys, and the numbers of its armature."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from bpy.types import Object

from ..core.errors import AvatarError
from ..core.model.params import FloatArray
from ..core.retarget.names import stem_of
from ..scene.changes import Changes
from ..scene.typed import keys_of, loose
from .target import Target, free_keys

PERCENT = 100.0
"""Top of a slider that counts in percent."""
CUT = 0.02
"""Part of a motion that a slider's range may cut off without being told."""
MOST = 1000
"""A whole number with a larger range than this is no slider, and moves by 1."""


class Value(NamedTuple):
    """Something that takes the values of a table's key.

    Attributes:
        thing: a mesh whose shape key it is, or the armature whose custom property.
        name: of the key or the property.
        curve: ``(F,)``, within the range that it has.
    """

    thing: Object
    name: str
    curve: FloatArray


def values_of(target: Target, curves: Mapping[str, FloatArray], changes: Changes) -> list[Value]:
    """Shape keys, of every mesh that has one, or else a number of the armature, for each name.

    Args:
        target: the character.
        curves: name to values ``(F,)``, 1 at a full motion.
        changes: told what the range of a slider cuts off.
    """
    found: list[Value] = []
    names = {mesh: _spelt(free_keys(keys_of(mesh)), curves) for mesh in target.meshes}
    for name, curve in curves.items():
        meshes = [mesh for mesh, spelt in names.items() if name in spelt]
        for mesh in meshes:
            block = keys_of(mesh).key_blocks[names[mesh][name]]
            if block.slider_max < min(float(curve.max()), 1.0) - CUT:
                changes.add("cut off by the ranges of their sliders", block.name)
            kept = curve.clip(block.slider_min, block.slider_max)
            found.append(Value(mesh, block.name, kept))
        if not meshes and target.armature is not None and name in target.properties:
            found.append(Value(target.armature, name, _in_range(target.armature, name, curve)))
    return found


def _spelt(free: list[str], wanted: Mapping[str, FloatArray]) -> dict[str, str]:
    """Wanted names to those of a mesh's keys: its own, or with the number that Blender put behind."""
    plain = {name: name for name in free}
    return {stem_of(name): name for name in free if stem_of(name) in wanted} | plain


def make_fractional(rig: Object, name: str, changes: Changes) -> None:
    """Let a custom property hold fractions; a whole number would cut every weight below 1 to 0.

    Raises:
        AvatarError: it is that of another file.
    """
    if type(rig[name]) is not int:
        return
    if rig.override_library is not None:
        raise AvatarError(
            f"The property {name} of {rig.name} holds whole numbers only, and comes from another file; make "
            "it a float there."
        )
    shown = loose(rig).id_properties_ui(name).as_dict()
    rig[name] = float(rig[name])
    limits = {k: float(shown[k]) for k in ("min", "max", "soft_min", "soft_max") if k in shown}
    loose(rig).id_properties_ui(name).update(**limits, description=shown.get("description", ""))
    changes.add("whole numbers turned into fractions", name)


def _in_range(rig: Object, name: str, curve: FloatArray) -> FloatArray:
    """A curve in a property's own numbers: of a slider of whole numbers or percents all of it is 1."""
    limits = loose(rig).id_properties_ui(name).as_dict()
    top = float(limits["max"])
    whole = type(rig[name]) is int and 1 < top <= MOST
    scale = top if whole or top == PERCENT else 1.0
    return np.asarray(curve * scale).clip(limits["min"], limits["max"]).astype(np.float32)
