# SPDX-License-Identifier: GPL-3.0-or-later
"""Which way is left, up and front of a face without bones: told by where its shape keys move it."""

import numpy as np
from bpy.types import Object

from ..core.retarget.bones import Array
from ..core.retarget.table import Table
from ..scene.typed import keys_of, loose
from .rest import character_axes
from .target import Target

SIDES = (("eyeBlinkLeft", "eyeBlinkRight"), ("mouthSmileLeft", "mouthSmileRight"))
ABOVE = (("browInnerUp", "jawOpen"), ("eyeBlinkLeft", "jawOpen"))
"""Blendshapes that move what lies to the left, or above, and those that move what lies opposite."""


def face_axes(target: Target, table: Table) -> Array:
    """Left, up and front of a face as columns, in the world.

    Args:
        target: a character without an armature.
        table: which of its keys are which blendshapes.
    """
    for mesh in target.meshes:
        left, rise = (_way(mesh, table, pairs) for pairs in (SIDES, ABOVE))
        if rise is not None:
            world = np.array(mesh.matrix_world.to_3x3(), np.float64)
            up = np.linalg.inv(world) @ [0.0, 0.0, 1.0]
            own = character_axes(np.zeros(3) if left is None else left, rise, up)
            seen = world @ own
            return seen / np.linalg.norm(seen, axis=0)
    return character_axes(np.zeros(3), None, np.array([0.0, 0.0, 1.0]))


def _way(mesh: Object, table: Table, pairs: tuple[tuple[str, str], ...]) -> Array | None:
    """From what one blendshape of a pair moves to what the other does, in the mesh's own space."""
    for one, other in pairs:
        places = [_middle(mesh, table, blendshape) for blendshape in (one, other)]
        if places[0] is not None and places[1] is not None:
            return places[0] - places[1]
    return None


def _middle(mesh: Object, table: Table, blendshape: str) -> Array | None:
    """The middle of the vertices that a blendshape's key moves, the more the more they move."""
    keys = keys_of(mesh)
    names = [
        k for k, said in table.keys.items() if set(said) == {blendshape} and k in keys.key_blocks
    ]
    if not names:
        return None
    rest, moved = (
        np.array([loose(p).co for p in block.data], np.float64)
        for block in (keys.reference_key, keys.key_blocks[names[0]])
    )
    weight = np.linalg.norm(moved - rest, axis=1)
    if not weight.sum() > 0:
        return None
    middle: Array = weight @ rest / weight.sum()
    return middle
