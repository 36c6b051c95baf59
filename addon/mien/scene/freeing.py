# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes away what would keep keys from being seen: pins, mutes, rest position, constraints."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from bpy.types import Constraint, Depsgraph, Object, PoseBone

from .changes import Changes
from .checking import bones_off
from .evaluation import Stage
from .typed import armature_data, keys_of, loose, pose_of

LIMITS = ("LIMIT_ROTATION", "LIMIT_LOCATION", "LIMIT_SCALE", "LIMIT_DISTANCE")
"""Constraints that keep a bone within what its rig can do; they are left, and told."""


def free_mesh(mesh: Object, names: Collection[str], changes: Changes) -> None:
    """Let shape keys of a mesh act by their values, all at once.

    Args:
        mesh: with shape keys of its own.
        names: of the keys that are to act.
        changes: told what was in the way.
    """
    keys = keys_of(mesh)
    if mesh.show_only_shape_key:
        mesh.show_only_shape_key = False
        changes.add("pinned keys let go", mesh.name)
    if not keys.use_relative:
        keys.use_relative = True
        changes.add("absolute keys made relative", mesh.name)
    for name in names:
        block = keys.key_blocks[name]
        if block.mute:
            block.mute = False
            changes.add("muted keys act again", name)


def show_pose(rig: Object, changes: Changes) -> None:
    """Let an armature show its pose instead of its rest position; one of another file is copied."""
    if armature_data(rig).pose_position == "POSE":
        return
    armature = armature_data(rig)
    if armature.library is not None:
        rig.data = armature.copy()
    armature_data(rig).pose_position = "POSE"
    changes.add("rest position left", rig.name)


def release_bones(
    stage: Stage, rig: Object, bones: Sequence[str], frames: Sequence[float], changes: Changes
) -> tuple[dict[str, str], bool]:
    """Switch off constraints that keep bones from following their channels; limits stay.

    Args:
        stage: with the armature.
        rig: the armature.
        bones: that were keyed.
        frames: to look at.
        changes: told what was switched off.

    Returns:
        Bones that still do not follow, with the reason; whether anything was switched off.
    """
    left: dict[str, str] = {}
    released = False
    for name in _off(stage, rig, bones, frames):
        holding = list(_constraints(rig, pose_of(rig).bones[name]))
        limits = [c for _, c in holding if c.type in LIMITS]
        with _muted(limits):
            off = _holding(stage, rig, name, frames, [h for h in holding if h[1] not in limits])
        if off is None:
            held = ", ".join(c.name for _, c in holding)
            left[name] = f"held by {held}" if held else "something else moves it"
            continue
        for owner, constraint in off:
            constraint.mute = released = True
            changes.add("constraints switched off", f"{constraint.name} of {owner.name}")
        if limits and name in _off(stage, rig, [name], frames):
            changes.add("kept within their limits", name)
    return left, released


def _holding(
    stage: Stage, rig: Object, bone: str, frames: Sequence[float],
    constraints: Sequence[tuple[PoseBone, Constraint]],
) -> list[tuple[PoseBone, Constraint]] | None:  # fmt: skip
    """Which of the constraints must go for a bone to follow; None if all of them are not enough."""
    needed = list(constraints)
    with _muted([c for _, c in needed]):
        if _off(stage, rig, [bone], frames):
            return None
    for one in constraints:
        without = [c for c in needed if c != one]
        with _muted([c for _, c in without]):
            if not _off(stage, rig, [bone], frames):
                needed = without
    return needed


@contextmanager
def _muted(constraints: Sequence[Constraint]) -> Iterator[None]:
    for constraint in constraints:
        constraint.mute = True
    try:
        yield
    finally:
        for constraint in constraints:
            constraint.mute = False


def _off(stage: Stage, rig: Object, bones: Sequence[str], frames: Sequence[float]) -> list[str]:
    found: dict[str, None] = {}
    for frame in frames:
        graph: Depsgraph = stage.at(frame)
        found |= dict.fromkeys(bones_off(graph, rig, bones))
    return list(found)


def _constraints(rig: Object, bone: PoseBone) -> Iterator[tuple[PoseBone, Constraint]]:
    """What acts on a bone, the last and so the strongest first: its own, and chains that it lies in."""
    for constraint in reversed(bone.constraints):
        if not constraint.mute:
            yield bone, constraint
    for other in pose_of(rig).bones:
        for constraint in other.constraints:
            chain = constraint.type in {"IK", "SPLINE_IK"} and other != bone
            if (
                chain
                and not constraint.mute
                and bone in _chain(other, loose(constraint).chain_count)
            ):
                yield other, constraint


def _chain(end: PoseBone, count: int) -> list[PoseBone]:
    bones = [end, *end.parent_recursive]
    return bones[:count] if count else bones
