# SPDX-License-Identifier: GPL-3.0-or-later
"""What acts and nothing else while a scene is exported: no file format can say that a key is muted."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import bpy
from bpy.types import ID, Mesh, Object

from .typed import mesh_data, present


@contextmanager
def without_muted(things: Iterable[Object]) -> Iterator[None]:
    """Inside, objects have copies of their meshes that lack the muted shape keys.

    FBX and USD would carry a muted key with its curve and let it act on top of the others.
    Afterwards the objects have their own meshes again, which were never changed.

    Args:
        things: to be exported; those without muted keys are left alone.
    """
    swapped: list[tuple[Object, Mesh, Mesh]] = []
    try:
        for thing in things:
            keys = getattr(thing.data, "shape_keys", None)
            if keys is None or not any(key.mute for key in keys.key_blocks[1:]):
                continue
            own = mesh_data(thing)
            copy = own.copy()
            swapped.append((thing, own, copy))
            thing.data = copy
            for name in [key.name for key in keys.key_blocks[1:] if key.mute]:
                thing.shape_key_remove(present(copy.shape_keys).key_blocks[name])
            _swap_names(own, copy)
        yield
    finally:
        for thing, own, copy in swapped:
            _swap_names(own, copy)
            thing.data = own
            bpy.data.meshes.remove(copy)


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
    pairs: tuple[tuple[ID, ID], ...] = (
        (one, other),
        (present(one.shape_keys), present(other.shape_keys)),
    )
    for first, second in pairs:
        name, later = first.name, second.name
        second.name = f"{name} spare"
        first.name, second.name = later, name
