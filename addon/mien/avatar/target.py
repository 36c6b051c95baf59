# SPDX-License-Identifier: GPL-3.0-or-later
"""A character in the file: the meshes of its face, its armature, and what they call things."""

from collections.abc import Iterator
from dataclasses import dataclass

import bpy
import numpy as np
from bpy.types import Key, Object, Scene

from ..core.errors import AvatarError
from ..core.retarget.bones import Array, RestPose
from ..core.retarget.names import words
from ..scene.typed import armature_data, has_keys, keys_of, loose

LISTED = 8


@dataclass(frozen=True)
class Target:
    """A character.

    Attributes:
        name: of the object that it was asked for by.
        meshes: its meshes with shape keys; the face may be in several.
        armature: that deforms them, if there is one.
    """

    name: str
    meshes: tuple[Object, ...]
    armature: Object | None

    @property
    def keys(self) -> tuple[str, ...]:
        """Names of what can be animated: shape keys that no driver moves, numbers of the armature."""
        names = dict.fromkeys(n for m in self.meshes for n in free_keys(keys_of(m)))
        return tuple(names | dict.fromkeys(self.properties))

    @property
    def properties(self) -> tuple[str, ...]:
        """Custom properties of the armature that hold a number."""
        rig = self.armature
        if rig is None:
            return ()
        return tuple(k for k in rig.keys() if type(rig[k]) in (float, int))  # noqa: SIM118

    @property
    def bones(self) -> tuple[str, ...]:
        """Names of the bones."""
        return (
            ()
            if self.armature is None
            else tuple(b.name for b in armature_data(self.armature).bones)
        )


def find_target(scene: Scene, name: str) -> Target:
    """The character that an object belongs to.

    Args:
        scene: to look in.
        name: of its face, its armature, or the empty or collection above them.

    Raises:
        AvatarError: there is no such object, or nothing of it can move.
    """
    thing = scene.objects.get(name)
    if thing is None:
        things = _collection(scene, name)
        if not things:
            raise AvatarError(f"The file has no object {name!r}; it has {_movable(scene)}.")
    else:
        things = [thing, *thing.children_recursive]
    rigs = [r for t in things if (r := armature_of(t)) is not None]
    rig = rigs[0] if rigs else None
    if rig is not None:
        things += [o for o in scene.objects if armature_of(o) == rig]
    meshes = [o for o in dict.fromkeys(things) if has_keys(o)]
    if rig is None and not meshes:
        raise AvatarError(
            f"{name} has neither shape keys nor bones; generate keys for it, or name one of {_movable(scene)}."
        )
    return Target(name, tuple(meshes), rig)


def armature_of(thing: Object) -> Object | None:
    """The armature that an object is, or that deforms or carries it."""
    if thing.type == "ARMATURE":
        return thing
    if thing.type == "MESH":
        for modifier in thing.modifiers:
            if modifier.type == "ARMATURE" and loose(modifier).object is not None:
                found: Object = loose(modifier).object
                return found
    parent = thing.parent
    return parent if parent is not None and parent.type == "ARMATURE" else None


def free_keys(keys: Key) -> list[str]:
    """Shape keys that keyframes can move: not the reference, and under no driver."""
    data = keys.animation_data
    driven = {d.data_path for d in data.drivers} if data is not None else set()
    return [
        k.name
        for k in keys.key_blocks
        if k != keys.reference_key and key_path(k.name) not in driven
    ]


def key_path(name: str) -> str:
    """Data path of a shape key's value within its shape keys."""
    return f'key_blocks["{bpy.utils.escape_identifier(name)}"].value'


def rest_pose(rig: Object) -> RestPose:
    """The armature at rest, with the axes of the character that it carries."""
    bones = armature_data(rig).bones
    heads = {b.name: np.array(b.head_local, np.float64) for b in bones}
    turned = {b.name: np.array(b.matrix_local.to_3x3(), np.float64) for b in bones}
    matrices = {n: m / np.linalg.norm(m, axis=0) for n, m in turned.items()}
    return RestPose(heads, matrices, _axes(rig, heads))


def _axes(rig: Object, heads: dict[str, Array]) -> Array:
    """Left, up and forward of a character as columns, in the armature's space.

    Up is the world's. Left is where the bones of the left side are; without pairs of bones the
    character looks along the world's -y, as Blender's do.
    """
    world = np.array(rig.matrix_world.to_3x3(), np.float64)
    inverse = np.linalg.inv(world)
    up = _unit(inverse @ np.array([0.0, 0.0, 1.0]))
    left = sum(_pairs(heads), np.zeros(3))
    left -= up * (left @ up)
    if np.linalg.norm(left) < 1e-9:
        left = inverse @ np.array([1.0, 0.0, 0.0])
        left -= up * (left @ up)
    left = _unit(left)
    return np.column_stack([left, up, np.cross(left, up)])


def _pairs(heads: dict[str, Array]) -> Iterator[Array]:
    by_words = {words(name): place for name, place in heads.items()}
    for named, place in by_words.items():
        if named and named[-1] == "left":
            other = by_words.get((*named[:-1], "right"))
            if other is not None:
                yield place - other


def _unit(vector: Array) -> Array:
    return vector / np.linalg.norm(vector)


def _collection(scene: Scene, name: str) -> list[Object]:
    found = next((c for c in scene.collection.children_recursive if c.name == name), None)
    return list(found.all_objects) if found is not None else []


def _movable(scene: Scene) -> str:
    names = [o.name for o in scene.objects if o.type == "ARMATURE" or (has_keys(o))]
    if not names:
        return "none with shape keys or bones"
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more
