# SPDX-License-Identifier: GPL-3.0-or-later
"""A character at rest: where its bones are, and which way is its left, its up and its front."""

from collections.abc import Iterator, Mapping

import numpy as np
from bpy.types import Bone, Object

from ..core.retarget.bones import Array, RestPose
from ..core.retarget.files import library
from ..core.retarget.match import match
from ..core.retarget.names import words
from ..scene.typed import armature_data

SNAP = 0.8
"""Cosine within which a direction is meant to be an axis: spines lean, armatures are built upright."""


ALIGNED = 0.98
"""Cosine within which the way to the left must be an axis for the armature's axes to be the character's."""


def rest_pose(rig: Object, head: str = "") -> RestPose:
    """The armature at rest, with the axes of the character that it carries.

    Args:
        rig: the armature; how it lies in the world does not matter where its bones tell up from down.
        head: name of the bone that turns the head; found by its name by default.
    """
    bones = armature_data(rig).bones
    heads = {b.name: np.array(b.head_local, np.float64) for b in bones}
    turned = {b.name: np.array(b.matrix_local.to_3x3(), np.float64) for b in bones}
    matrices = {n: m / np.linalg.norm(m, axis=0) for n, m in turned.items()}
    head = head or match((), list(heads), library()).table.skeleton.head
    rise = _rise(bones[head]) if head in bones else None
    world = np.linalg.inv(np.array(rig.matrix_world.to_3x3(), np.float64)) @ [0.0, 0.0, 1.0]
    return RestPose(heads, matrices, character_axes(sum(_pairs(heads), np.zeros(3)), rise, world))


def character_axes(left: Array, rise: Array | None, world: Array) -> Array:
    """Left, up and forward of a character as columns, all in the armature's space.

    Up is the armature's axis that the body rises along. A body that rises along none of them, such as
    a horse's with its head ahead, has the world's up, if that is how it stands. Left is where the bones
    of the left side are; without any it is the x axis, as Blender's characters have it.

    Args:
        left: ``(3,)`` the way from right to left; zeros if it is not known.
        rise: ``(3,)`` the way from the lowest bone to the head's; None if it is not known.
        world: ``(3,)`` the world's up.
    """
    up = _unit(world)
    if rise is not None and np.linalg.norm(rise) > 0:
        rise = _unit(rise)
        axis = np.zeros(3)
        axis[np.abs(rise).argmax()] = np.sign(rise[np.abs(rise).argmax()])
        known = np.linalg.norm(left) > 0
        aligned = not known or np.abs(_unit(left)).max() > ALIGNED
        if aligned and rise @ axis > SNAP:
            up = axis
        elif rise @ up < 0.5:  # it does not stand: its own way up is the best guess
            up = rise
    side = left - up * (left @ up)
    if np.linalg.norm(side) < 1e-9:
        side = np.array([1.0, 0, 0]) if abs(up[0]) < SNAP else np.array([0, 1.0, 0])
        side = side - up * (side @ up)
    side = _unit(side)
    return np.column_stack([side, up, np.cross(side, up)])


def _rise(head: Bone) -> Array:
    """The way from the lowest bone below the head to where it starts; its own way if it is alone."""
    start = np.array(head.head_local, np.float64)
    for bone in reversed(head.parent_recursive):
        way = start - np.array(bone.head_local, np.float64)
        if np.linalg.norm(way) > 1e-6:
            return way
    return np.array(head.tail_local, np.float64) - start


def _pairs(heads: Mapping[str, Array]) -> Iterator[Array]:
    by_words = {words(name): place for name, place in heads.items()}
    for named, place in by_words.items():
        if named and named[-1] == "left":
            other = by_words.get((*named[:-1], "right"))
            if other is not None:
                yield place - other


def _unit(vector: Array) -> Array:
    return vector / np.linalg.norm(vector)
