# SPDX-License-Identifier: GPL-3.0-or-later
"""A head without bones turns as an object, beside whatever place and turn it has of its own."""

from collections.abc import Callable

import bpy
import numpy as np
from bpy.types import ID, Object, Scene
from mathutils import Matrix, Vector
from scipy.spatial.transform import Rotation

from ..core.model.params import FloatArray
from ..core.model.rotation import unroll
from ..core.retarget.bones import Array
from ..scene.typed import layer_of
from .target import Target


def turned_object(scene: Scene, target: Target) -> Object | None:
    """What turns of a character that has no armature: what it was named by, or the one above all its meshes."""
    if target.armature is not None:
        return None
    named = scene.objects.get(target.name)
    if named is not None:
        return named
    above = {_root(mesh) for mesh in target.meshes}
    return above.pop() if len(above) == 1 else None


def take_turn_off(thing: Object) -> None:
    """Put an object back where it is by its own place and rotation, so that it can be measured."""
    thing.delta_location = (0.0, 0.0, 0.0)
    thing.delta_rotation_euler = (0.0, 0.0, 0.0)
    thing.delta_rotation_quaternion = (1.0, 0.0, 0.0, 0.0)
    layer_of(bpy.context).update()


def key_object_turn(
    thing: Object,
    head: Array,
    rotation: FloatArray,
    key: Callable[[ID, str, int, FloatArray], None],
) -> bool:
    """Key a head's turn ``(F, 4)``, w first, onto the delta transform of an object.

    Place and rotation stay as they are, keyed or not: the delta comes on top of them. The object
    turns about its origin, or about its middle where the origin lies outside of it.

    Args:
        thing: to be turned.
        head: ``(3, 3)`` its left, up and front as columns, in the world.
        rotation: of the performance.
        key: keys a channel of a data-block.

    Returns:
        False where its rotation is by axis and angle, which has no delta.
    """
    if thing.rotation_mode == "AXIS_ANGLE":
        return False
    parent = thing.parent.matrix_world if thing.parent is not None else Matrix.Identity(4)
    space = parent @ thing.matrix_parent_inverse
    own = np.array(space.to_quaternion().to_matrix(), np.float64)
    axes = Rotation.from_matrix(own.T @ head)
    quaternions = np.asarray(rotation, np.float64)[:, [1, 2, 3, 0]]
    turn = axes * Rotation.from_quat(quaternions) * axes.inv()
    if thing.rotation_mode == "QUATERNION":
        values, path = unroll(turn.as_quat()[:, [3, 0, 1, 2]]), "delta_rotation_quaternion"
    else:
        values, path = euler_angles(turn, thing.rotation_mode), "delta_rotation_euler"
    for index in range(values.shape[1]):
        key(thing, path, index, values[:, index])
    place = np.array(thing.location, np.float64)
    pivot = np.array(space.inverted_safe() @ _pivot(thing), np.float64)
    shift = pivot + turn.apply(place - pivot) - place
    for index in range(3):
        key(thing, "delta_location", index, shift[:, index].astype(np.float32))
    return True


def euler_angles(turn: Rotation, order: str) -> FloatArray:
    """Angles ``(F, 3)`` about x, y, z without jumps; Blender turns about the first letter first."""
    angles: Array = turn.as_euler(order.lower())
    out = np.empty_like(angles)
    out[:, ["XYZ".index(letter) for letter in order]] = np.unwrap(angles, axis=0)
    return out.astype(np.float32)


def _pivot(thing: Object) -> Vector:
    """In the world: the origin where it lies within the object and what hangs on it, or their middle."""
    meshes = [o for o in (thing, *thing.children_recursive) if o.type == "MESH"]
    origin = thing.matrix_world.translation
    if not meshes:
        return origin
    corners = np.array([m.matrix_world @ Vector(c) for m in meshes for c in m.bound_box])
    low, high = corners.min(axis=0), corners.max(axis=0)
    inside = (low <= np.array(origin)).all() and (np.array(origin) <= high).all()
    return origin if inside else Vector((low + high) / 2)


def _root(thing: Object) -> Object:
    while thing.parent is not None:
        thing = thing.parent
    return thing
