# SPDX-License-Identifier: GPL-3.0-or-later
"""Modifiers applied to copies of meshes while a scene is exported: exporters drop them where there are keys."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

import bpy
import numpy as np
from bpy.types import Key, Mesh, Modifier, Object
from numpy.typing import NDArray

from .acting import stand_in
from .changes import Changes
from .evaluation import Stage
from .typed import animation_of, has_keys, keys_of, loose, mesh_data

SIMULATED = frozenset({
    "BUILD", "CLOTH", "COLLISION", "DYNAMIC_PAINT", "EXPLODE", "FLUID", "MESH_CACHE", "MESH_SEQUENCE_CACHE",
    "OCEAN", "PARTICLE_INSTANCE", "PARTICLE_SYSTEM", "SOFT_BODY", "SURFACE",
})  # fmt: skip
"""Modifiers that move a mesh by themselves: one frame of them says nothing of the others."""
LEFT_OUT = "modifiers left out, because vertices come and go with them"
Points = NDArray[np.float32]


@contextmanager
def with_modifiers(things: Iterable[Object], changes: Changes) -> Iterator[None]:
    """Inside, what a viewport's modifiers make of a mesh, but for armatures, is its mesh, with keys for all of it.

    Args:
        things: to be exported; those without such modifiers are left alone.
        changes: told what cannot be carried.
    """
    with ExitStack() as stack:
        for thing in things:
            shown = [m for m in thing.modifiers if m.show_viewport and m.type != "ARMATURE"]
            for modifier in shown:
                if modifier.type in SIMULATED:
                    changes.add("simulations left out", f"{modifier.name} of {thing.name}")
            applied = [m for m in shown if m.type not in SIMULATED]
            if thing.type != "MESH" or not applied:
                continue
            solid = _solid(thing, changes)
            if solid is None:
                changes.add(LEFT_OUT, thing.name)
                continue
            stack.enter_context(stand_in(thing, solid))
            stack.enter_context(_off(shown))
        yield


@contextmanager
def _off(modifiers: Iterable[Modifier]) -> Iterator[None]:
    before = [(m, m.show_viewport, m.show_render) for m in modifiers]
    for modifier, *_ in before:
        modifier.show_viewport = modifier.show_render = False
    try:
        yield
    finally:
        for modifier, viewport, render in before:
            modifier.show_viewport, modifier.show_render = viewport, render


def _solid(thing: Object, changes: Changes) -> Mesh | None:
    """A mesh of what is seen of an object at rest, with its keys; None if keys change its vertices' number."""
    probe = _probe(thing)
    try:
        with Stage([probe]) as stage:
            found = _look(stage, probe)
            if (
                found is None
            ):  # vertices in the middle part while a key moves them: then they are not joined
                for modifier in probe.modifiers:
                    if modifier.type == "MIRROR":
                        loose(modifier).use_mirror_merge = loose(modifier).use_clip = False
                found = _look(stage, probe)
            if found is None:
                return None
            made, moved = found
    finally:
        data = mesh_data(probe)
        bpy.data.objects.remove(probe)
        bpy.data.meshes.remove(data)
    if has_keys(thing):
        _add_keys(made, keys_of(thing), moved)
    return made


def _probe(thing: Object) -> Object:
    """A copy of an object at rest that nothing moves but its modifiers."""
    probe = thing.copy()
    probe.data = mesh_data(thing).copy()
    probe.animation_data_clear()
    probe.show_only_shape_key = False
    for modifier in list(probe.modifiers):
        if modifier.type == "ARMATURE" or modifier.type in SIMULATED:
            probe.modifiers.remove(modifier)
    if has_keys(probe):
        keys = keys_of(probe)
        keys.animation_data_clear()
        keys.use_relative = True
        for block in keys.key_blocks:
            block.slider_min, block.slider_max = 0.0, 1.0
            block.mute, block.value = False, 0.0
    return probe


def _look(stage: Stage, probe: Object) -> tuple[Mesh, list[Points]] | None:
    """The mesh at rest and where each key moves its vertices ``(N, 3)``; None if their number changes."""
    graph = stage.now()
    made = bpy.data.meshes.new_from_object(
        probe.evaluated_get(graph), preserve_all_data_layers=True, depsgraph=graph
    )
    moved: list[Points] = []
    for block in list(keys_of(probe).key_blocks)[1:] if has_keys(probe) else []:
        block.value = 1.0
        points = _points(mesh_data(probe.evaluated_get(stage.now())))
        block.value = 0.0
        if len(points) != len(made.vertices):
            bpy.data.meshes.remove(made)
            return None
        moved.append(points)
    return made, moved


def _points(mesh: Mesh) -> Points:
    points = np.empty(3 * len(mesh.vertices), np.float32)
    mesh.vertices.foreach_get("co", points)
    return points.reshape(-1, 3)


def _add_keys(made: Mesh, own: Key, moved: list[Points]) -> None:
    """Give a mesh the keys of another, by where they move its vertices, and what animates them."""
    holder = bpy.data.objects.new(made.name, made)
    for block, points in zip(own.key_blocks, [_points(made), *moved], strict=True):
        key = holder.shape_key_add(name=block.name, from_mix=False)
        key.data.foreach_set("co", points.ravel())
        key.slider_min, key.slider_max = block.slider_min, block.slider_max
        key.value, key.mute = block.value, block.mute
    bpy.data.objects.remove(holder)
    animation = animation_of(own)
    keys = made.shape_keys
    if animation is None or keys is None:
        return
    data = loose(keys.animation_data_create())
    data.action = animation.action
    if animation.action is not None and hasattr(animation, "action_slot"):
        data.action_slot = animation.action_slot
    for driver in animation.drivers:
        data.drivers.from_existing(src_driver=driver)
    for track in animation.nla_tracks:
        copy = data.nla_tracks.new()
        copy.name, copy.mute = track.name, track.mute
        for strip in track.strips:
            _copy_strip(copy, strip)


STRIP = (
    "frame_end", "action_frame_start", "action_frame_end", "scale", "repeat", "blend_type", "influence",
    "extrapolation", "use_reverse", "mute", "action_slot",
)  # fmt: skip


def _copy_strip(track: object, strip: object) -> None:
    source = loose(strip)
    copy = loose(track).strips.new(source.name, int(source.frame_start), source.action)
    copy.frame_start = source.frame_start
    for name in STRIP:
        if hasattr(source, name):
            setattr(copy, name, getattr(source, name))
