# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether what was keyed is what Blender then plays: a few frames are evaluated and compared."""

from collections.abc import Sequence

import numpy as np
from bpy.types import ID, Depsgraph, FCurve, Object

from .action import KeyedChannel
from .evaluation import Stage
from .typed import animation_of, pose_of

LOOKS = 4
"""Frames that are looked at, at most: enough for the brows, lids, mouth and head of a take to differ once."""
NEAR = 0.02
"""Difference that is none, in weights, metres and parts of a quaternion; key reduction allows as much."""


def frames_to_look_at(keyed: Sequence[KeyedChannel], most: int = LOOKS) -> list[float]:
    """A few frames in which as many channels as possible differ from the first one.

    Args:
        keyed: channels.
        most: frames to choose.
    """
    if not keyed:
        return []
    candidates = np.unique(np.concatenate([k.frames for k in keyed]))
    candidates = candidates[:: max(1, len(candidates) // 500)]
    values = np.array([np.interp(candidates, k.frames, k.values) for k in keyed])
    chosen = [int(np.abs(values).sum(axis=0).argmax())]
    moved = np.abs(values - values[:, chosen])
    open_ = moved.max(axis=1) > NEAR
    while len(chosen) < most and open_.any():
        share = moved / np.maximum(moved.max(axis=1, keepdims=True), NEAR)
        best = int(np.where(open_[:, None], share, 0).sum(axis=0).argmax())
        chosen.append(best)
        open_ &= share[:, best] < 0.5
        if share[:, best].max() <= 0:
            break
    return sorted(float(candidates[i]) for i in set(chosen))


def still(stage: Stage, keyed: Sequence[KeyedChannel], frames: Sequence[float]) -> dict[str, str]:
    """Channels that do not have their keys' values when they are evaluated, each with the reason.

    Args:
        stage: with the objects that they belong to.
        keyed: channels.
        frames: to look at.
    """
    found: dict[str, str] = {}
    for frame in frames:
        graph = stage.at(frame)
        for one in keyed:
            wanted = float(np.interp(frame, one.frames, one.values))
            if one.name not in found and abs(played(graph, one) - wanted) > NEAR:
                found[one.name] = reason(one.block, one.path, one.index)
    return found


def played(graph: Depsgraph, one: KeyedChannel) -> float:
    """The value of a channel in an evaluated file; NaN where there is no such channel."""
    try:
        value = one.block.evaluated_get(graph).path_resolve(one.path)
    except ValueError:
        return float("nan")
    return float(value if isinstance(value, bool | int | float) else value[one.index])


def reason(block: ID, path: str, index: int) -> str:
    """Why a channel of a data-block does not follow its keys, as far as it can be told."""
    if driver_of(block, path, index) is not None:
        return "a driver moves it"
    data = animation_of(block)
    if data is not None and any(track.is_solo for track in data.nla_tracks):
        return "a solo track of the nonlinear animation hides it"
    return "something else moves it"


def driver_of(block: ID, path: str, index: int = 0) -> FCurve | None:
    """The driver that acts on a channel."""
    data = animation_of(block)
    drivers: list[FCurve] = [] if data is None else list(data.drivers)
    return next(
        (d for d in drivers if d.data_path == path and d.array_index == index and not d.mute), None
    )


def bones_off(graph: Depsgraph, rig: Object, bones: Sequence[str]) -> list[str]:
    """Bones that do not lie as their own channels say, because a constraint moves them."""
    posed = rig.evaluated_get(graph)
    out = []
    for name in bones:
        bone = pose_of(posed).bones[name]
        local = posed.convert_space(
            pose_bone=bone, matrix=bone.matrix, from_space="POSE", to_space="LOCAL"
        )
        turn = local.to_quaternion().rotation_difference(bone.matrix_basis.to_quaternion()).angle
        away = (local.translation - bone.matrix_basis.translation).length
        free = not bone.bone.use_connect  # else where it is follows from its parent
        if min(turn, 2 * np.pi - turn) > NEAR or (free and away > NEAR * bone.length):
            out.append(name)
    return out
