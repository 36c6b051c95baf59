# SPDX-License-Identifier: GPL-3.0-or-later
"""What acts and nothing else while a scene is exported: no file format can say that a key is muted."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

import bpy
from bpy.types import ID, Mesh, Object

from .changes import Changes
from .typed import armature_data, has_keys, keys_of, mesh_data, present


@contextmanager
def without_muted(things: Iterable[Object], changes: Changes) -> Iterator[None]:
    """Inside, objects have copies of their meshes that lack the muted shape keys.

    FBX and USD would carry a muted key with its curve and let it act on top of the others.
    Afterwards the objects have their own meshes again, which were never changed.

    Args:
        things: to be exported; those without muted keys are left alone.
        changes: told which keys are left out.
    """
    with ExitStack() as stack:
        for thing in things:
            if not has_keys(thing):
                continue
            muted = [key.name for key in keys_of(thing).key_blocks[1:] if key.mute]
            if not muted:
                continue
            copy = mesh_data(thing).copy()
            stack.enter_context(stand_in(thing, copy))
            for name in muted:
                changes.add("muted keys left out", name)
                thing.shape_key_remove(present(copy.shape_keys).key_blocks[name])
        yield


@contextmanager
def stand_in(thing: Object, mesh: Mesh) -> Iterator[None]:
    """Inside, an object has another mesh, which goes by the names of its own and is removed afterwards.

    Args:
        thing: a mesh object.
        mesh: with shape keys if its own has some.
    """
    own = mesh_data(thing)
    thing.data = mesh
    _swap_names(own, mesh)
    try:
        yield
    finally:
        _swap_names(own, mesh)
        thing.data = own
        bpy.data.meshes.remove(mesh)


@contextmanager
def as_posed(things: Iterable[Object], changes: Changes) -> Iterator[None]:
    """Inside, armatures show their poses and faces all their keys, though the viewport shows them at rest.

    Args:
        things: to be exported.
        changes: told what was at rest.
    """
    resting = [
        t for t in things if t.type == "ARMATURE" and armature_data(t).pose_position == "REST"
    ]
    for rig in resting:
        armature_data(rig).pose_position = "POSE"
        changes.add("exported with its motion, though it shows its rest position", rig.name)
    for thing in things:
        if has_keys(thing) and thing.show_only_shape_key:
            changes.add("exported with all keys, though one is pinned", thing.name)
    try:
        yield
    finally:
        for rig in resting:
            armature_data(rig).pose_position = "REST"


@contextmanager
def as_in_viewport(things: Iterable[Object]) -> Iterator[None]:
    """Inside, a render shows no modifiers that the viewport does not: some exporters look at a render.

    Args:
        things: whose modifiers are meant.
    """
    shut = [m for t in things for m in t.modifiers if m.show_render and not m.show_viewport]
    for modifier in shut:
        modifier.show_render = False
    try:
        yield
    finally:
        for modifier in shut:
            modifier.show_render = True


def _swap_names(one: Mesh, other: Mesh) -> None:
    """Files name a mesh and its keys; the copy goes by the names of its original."""
    pairs: list[tuple[ID, ID]] = [(one, other)]
    if one.shape_keys is not None and other.shape_keys is not None:
        pairs.append((one.shape_keys, other.shape_keys))
    for first, second in pairs:
        name, later = first.name, second.name
        second.name = f"{name} spare"
        first.name, second.name = later, name
