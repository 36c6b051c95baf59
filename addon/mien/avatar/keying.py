# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys a performance onto a character, and looks whether it moves."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from bpy.types import ID, Object, Scene

from ..core.errors import AvatarError
from ..core.model.params import FloatArray
from ..core.performance.key_reduction import every_nth, simplify_keys
from ..core.performance.performance import Performance
from ..core.performance.resampling import resampled
from ..core.retarget.bones import Channels, key_values
from ..core.retarget.table import Table
from ..scene.action import Keyer
from ..scene.changes import Changes, listed
from ..scene.checking import frames_to_look_at, still
from ..scene.evaluation import Stage, leave_edit_mode
from ..scene.freeing import free_mesh, release_bones, show_pose
from ..scene.keying import Frames, placed_keys
from ..scene.owning import make_editable, own_mesh
from ..scene.timing import PLAIN, Keying
from ..scene.typed import armature_data, keys_of
from .bone_keys import bone_channels, key_bones
from .face_axes import face_axes
from .key_values import Value, make_fractional, values_of
from .object_turn import key_object_turn, take_turn_off, turned_object
from .target import Target, key_path, property_path

ACTION = "Mien Performance"


@dataclass(frozen=True)
class Keyed:
    """What was keyed.

    Attributes:
        keys: names of shape keys and properties.
        bones: names of bones.
        held: names of bones that a table moves but that cannot be: they are connected to their
            parents.
        turned: name of the object that turns as the head does, where there are no bones; or empty.
        changed: what was in the way and was changed, a line for each kind.
    """

    keys: tuple[str, ...]
    bones: tuple[str, ...]
    held: tuple[str, ...]
    turned: str = ""
    changed: tuple[str, ...] = ()


def key_performance(
    scene: Scene, performance: Performance, target: Target, table: Table, keying: Keying = PLAIN,
    head: bool = True,
) -> Keyed:  # fmt: skip
    """Key a performance onto a character; what was keyed on these channels before is replaced.

    What would keep the keys from being seen is taken away; then a few frames are evaluated and compared
    with what was meant. Other characters that share data with this one stay as they are.

    Args:
        scene: whose frame rate and start count.
        performance: what to key.
        target: the character.
        table: what moves it, in its own names.
        keying: at which frames.
        head: whether the head turns.

    Raises:
        AvatarError: the table moves nothing of this character's face, or something of it does not move
            after all.
        MienError: it belongs to another file.
    """
    performance, frames = _timed(scene, performance, keying)
    changes = Changes()
    values = values_of(target, key_values(table, performance.blendshapes), changes)
    rig = target.armature
    if not values and not (
        rig is not None and any(b in armature_data(rig).bones for b in table.bones)
    ):
        raise AvatarError(
            f"Nothing of {target.name}'s face is in the table {table.name!r}; choose another or generate keys."
        )
    keyer = Keyer(ACTION, changes)
    _free(target, values, changes)
    thin = every_nth(len(frames), keying.step)

    def key(block: ID, path: str, index: int, curve: FloatArray) -> None:
        at, kept = frames[thin], np.ascontiguousarray(curve[thin], np.float32)
        if keying.tolerance > 0:
            keep = simplify_keys(at, kept, keying.tolerance)
            at, kept = at[keep], kept[keep]
        keyer.key(block, path, index, at, kept)

    for owner, name, curve in values:
        if owner == rig:
            key(owner, property_path(name), 0, curve)
        else:
            key(keys_of(owner), key_path(name), 0, curve)
    channels: dict[str, Channels] = {}
    held: list[str] = []
    again = True
    while (
        again and rig is not None
    ):  # how far the head goes with its neck depends on what holds them
        channels, held = bone_channels(rig, table, performance, head)
        key_bones(rig, channels, key)
        again = _release(rig, list(channels), keyer)
    thing, turned = turned_object(scene, target) if head else None, False
    if thing is not None:
        take_turn_off(thing)
        turned = key_object_turn(thing, face_axes(target, table), performance.rotation, key)
    things = [o for o in (*target.meshes, rig, thing) if o is not None]
    _make_sure(things, target.name, keyer)
    names = tuple(dict.fromkeys(v.name for v in values))
    bones = tuple(n for n in channels if n not in held)
    return Keyed(
        names, bones, tuple(held), thing.name if thing and turned else "",
        tuple(keyer.changes.lines()),
    )  # fmt: skip


def _free(target: Target, values: Sequence[Value], changes: Changes) -> None:
    """Take away what would keep the character's keys from being seen."""
    rig = target.armature
    leave_edit_mode([*target.meshes, *([rig] if rig is not None else [])])
    for mesh in target.meshes:
        names = [v.name for v in values if v.thing == mesh]
        if names:
            own_mesh(mesh, target.meshes, changes)
            free_mesh(mesh, names, changes)
    if rig is not None:
        make_editable(rig, changes)
        show_pose(rig, changes)
    for thing, name, _ in values:
        if thing == rig:
            make_fractional(rig, name, changes)


def _release(rig: Object, bones: Sequence[str], keyer: Keyer) -> bool:
    """Switch off what holds bones; whether there was anything."""
    frames = frames_to_look_at([k for k in keyer.keyed if k.block == rig])
    with Stage([rig]) as stage:
        left, released = release_bones(stage, rig, bones, frames, keyer.changes)
    if left and not released:
        raise AvatarError(
            f"{len(left)} bones of {rig.name} do not move as they were keyed ("
            f"{listed([f'{n}: {why}' for n, why in left.items()])}); take that away, or leave them out with a "
            "mapping table of your own."
        )
    return released


def _make_sure(things: Sequence[Object], name: str, keyer: Keyer) -> None:
    """See that a character does what was keyed."""
    with Stage(things) as stage:
        left = still(stage, keyer.keyed, frames_to_look_at(keyer.keyed))
    if left:
        raise AvatarError(
            f"{len(left)} keys of {name} do not move as they were keyed ("
            f"{listed([f'{n}: {why}' for n, why in left.items()])}); take that away, or leave them out with a "
            "mapping table of your own."
        )


def _timed(scene: Scene, performance: Performance, keying: Keying) -> tuple[Performance, Frames]:
    frames, times = placed_keys(scene, performance.times, keying)
    return (performance if times is None else resampled(performance, times)), frames
