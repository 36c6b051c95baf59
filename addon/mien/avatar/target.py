# SPDX-License-Identifier: GPL-3.0-or-later
"""A character in the file: the meshes of its face, its armature, and what they call things."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import bpy
from bpy.types import Key, Modifier, Object, Scene

from ..core.errors import AvatarError
from ..scene.checking import driver_of
from ..scene.typed import armature_data, has_keys, keys_of, loose

LISTED = 8
"""Names that an error lists; more would fill the screen."""


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
        """Names of what can be animated: shape keys and numbers of the armature that no driver moves."""
        names = dict.fromkeys(n for m in self.meshes for n in free_keys(keys_of(m)))
        return tuple(names | dict.fromkeys(self.properties))

    @property
    def properties(self) -> tuple[str, ...]:
        """Custom properties of the armature that hold a number and are under no driver."""
        rig = self.armature
        if rig is None:
            return ()
        return tuple(
            k for k in rig.keys()  # noqa: SIM118
            if type(rig[k]) in (float, int) and driver_of(rig, property_path(k)) is None
        )  # fmt: skip

    @property
    def driven(self) -> tuple[str, ...]:
        """Names of shape keys that a driver moves."""
        named = (
            k.name for m in self.meshes for k in keys_of(m).key_blocks
            if driver_of(keys_of(m), key_path(k.name)) is not None
        )  # fmt: skip
        return tuple(dict.fromkeys(named))

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
            if name in bpy.data.objects:
                raise AvatarError(
                    f"{name} is in the file but not in the scene; if it shows up there as a collection's "
                    "instance, make that a library override, or real (Object > Apply > Make Instances Real)."
                )
            raise AvatarError(f"The file has no object {name!r}; it has {_movable(scene)}.")
    else:
        things = [thing, *thing.children_recursive]
    rig = _armature(things)
    if rig is not None:
        things += [o for o in scene.objects if armature_of(o) == rig]
    meshes = [o for o in dict.fromkeys(things) if has_keys(o)]
    if rig is None and not meshes and any(t.instance_collection for t in things):
        raise AvatarError(
            f"{name} is an instance of a collection, which cannot be keyed; make it a library override, or real "
            "(Object > Apply > Make Instances Real)."
        )
    if rig is None and not meshes:
        raise AvatarError(
            f"{name} has neither shape keys nor bones; generate keys for it, or name one of {_movable(scene)}."
        )
    return Target(name, tuple(meshes), rig)


def _armature(things: Iterable[Object]) -> Object | None:
    """The armature that most faces among some things follow; without faces, the first one."""
    things = list(things)
    rigs = [r for t in things if (r := armature_of(t)) is not None]
    faces = [t for t in things if has_keys(t)]
    votes = Counter(r for t in faces if (r := armature_of(t)) is not None)
    return votes.most_common(1)[0][0] if votes else next(iter(rigs), None)


def armature_of(thing: Object) -> Object | None:
    """The armature that an object is, or that deforms or carries it.

    Of several that deform it the one counts that acts, and that has most bones with weights of the mesh:
    old ones are often left switched off.
    """
    if thing.type == "ARMATURE":
        return thing
    parent = thing.parent if thing.parent is not None and thing.parent.type == "ARMATURE" else None
    if thing.type != "MESH":
        return parent
    groups = {group.name for group in thing.vertex_groups}

    def acts(modifier: Modifier) -> tuple[bool, bool, bool, int, bool]:
        rig: Object = loose(modifier).object
        weighted = sum(bone.name in groups for bone in armature_data(rig).bones)
        there = bool(rig.users_scene)
        return modifier.show_viewport, modifier.show_render, there, weighted, rig == parent

    found = [m for m in thing.modifiers if m.type == "ARMATURE" and loose(m).object is not None]
    best = max(found, key=acts, default=None)
    if best is not None and (best.show_viewport or best.show_render or parent is None):
        rig: Object = loose(best).object
        return rig
    return parent


def free_keys(keys: Key) -> list[str]:
    """Shape keys that keyframes can move: not the reference, and under no driver that acts."""
    return [
        k.name
        for k in keys.key_blocks
        if k != keys.reference_key and driver_of(keys, key_path(k.name)) is None
    ]


def key_path(name: str) -> str:
    """Data path of a shape key's value within its shape keys."""
    return f'key_blocks["{bpy.utils.escape_identifier(name)}"].value'


def property_path(name: str) -> str:
    """Data path of a custom property within its object."""
    return f'["{bpy.utils.escape_identifier(name)}"]'


def _collection(scene: Scene, name: str) -> list[Object]:
    found = next((c for c in scene.collection.children_recursive if c.name == name), None)
    return list(found.all_objects) if found is not None else []


def _movable(scene: Scene) -> str:
    names = [o.name for o in scene.objects if o.type == "ARMATURE" or (has_keys(o))]
    if not names:
        return "none with shape keys or bones"
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more
