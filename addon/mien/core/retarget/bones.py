# SPDX-License-Identifier: GPL-3.0-or-later
"""A performance on bones: from the head's axes to each bone's own, whatever its rest pose.

All rotations are given about the axes of the avatar's head at rest (x to its left, y up, z out of the
face), which are those of a performance, and are turned into the axes of the armature and then into
those of the bone: with the head's axes as the columns of A and the bone's rest orientation M, a
rotation R becomes the channel ``M^-1 A R A^-1 M``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from ..model.arkit import ARKIT_BLENDSHAPES
from ..model.params import FloatArray
from ..model.rotation import unroll
from .table import Move, Skeleton, Table

Array = NDArray[np.float64]


@dataclass(frozen=True)
class RestPose:
    """An armature at rest, in its own space.

    Attributes:
        heads: bone to where it starts ``(3,)``.
        matrices: bone to its orientation ``(3, 3)``, the bone's axes as columns.
        axes: ``(3, 3)`` the avatar's left, up and forward as columns.
    """

    heads: Mapping[str, Array]
    matrices: Mapping[str, Array]
    axes: Array


class Channels(NamedTuple):
    """How one bone moves over F frames, in its own axes.

    Attributes:
        shift: ``(F, 3)`` in the armature's units, or None where it only turns.
        turn: ``(F, 4)`` unit quaternions, w first, or None where it only shifts.
    """

    shift: FloatArray | None
    turn: FloatArray | None


def key_values(table: Table, weights: FloatArray) -> dict[str, FloatArray]:
    """Values ``(F,)`` of each shape key of a table for weights ``(F, 52)``; not clipped."""
    return {key: (weights @ _row(said)).astype(np.float32) for key, said in table.keys.items()}


def face_channels(table: Table, weights: FloatArray, rest: RestPose) -> dict[str, Channels]:
    """How the table's bones move for weights ``(F, 52)``.

    Several blendshapes add up: shifts as they are, turns as rotation vectors.
    """
    if not table.bones:
        return {}
    first, second = (rest.heads[b] for b in table.size)
    size = float(np.linalg.norm(first - second))
    return {
        bone: _channels(bone, moves, weights, rest, size) for bone, moves in table.bones.items()
    }


def head_channels(
    skeleton: Skeleton, rotation: FloatArray, rest: RestPose, follow: float = 1.0
) -> dict[str, Channels]:
    """The head's turn ``(F, 4)`` shared between neck and head.

    Args:
        skeleton: which bones there are.
        rotation: of the performance, w first.
        rest: the armature.
        follow: how much of the neck's turn the head takes along, 0 to 1; some rigs hold the head
            still when the neck turns.
    """
    if not skeleton.head:
        return {}
    turn = _rotations(rotation).as_rotvec()
    share = skeleton.neck_share if skeleton.neck else 0.0
    parts = {bone: share / len(skeleton.neck) for bone in skeleton.neck}
    parts[skeleton.head] = 1.0 - share * follow
    return {
        bone: Channels(None, _in_bone(Rotation.from_rotvec(part * turn), bone, rest))
        for bone, part in parts.items()
    }


def eye_channels(skeleton: Skeleton, eyes: FloatArray, rest: RestPose) -> dict[str, Channels]:
    """Eyes ``(F, 2, 2)`` of a performance, as turns of their bones or as shifts of what they look at."""
    out = {}
    sides = ((skeleton.eye_left, skeleton.pivot_left), (skeleton.eye_right, skeleton.pivot_right))
    for side, (bone, pivot) in enumerate(sides):
        if not bone:
            continue
        yaw, pitch = eyes[:, side, 0], eyes[:, side, 1]
        turn = Rotation.from_euler("YX", np.column_stack([yaw, -pitch]))
        if not skeleton.aims:
            out[bone] = Channels(None, _in_bone(turn, bone, rest))
        elif pivot:
            away = rest.heads[bone] - rest.heads[pivot]
            shift = _in_armature(turn, rest).apply(away) - away
            out[bone] = Channels((shift @ rest.matrices[bone]).astype(np.float32), None)
    return out


def _channels(
    bone: str, moves: dict[str, Move], weights: FloatArray, rest: RestPose, size: float
) -> Channels:
    shift, turn = np.zeros((len(weights), 3)), np.zeros((len(weights), 3))
    for blendshape, move in moves.items():
        weight = weights[:, [ARKIT_BLENDSHAPES.index(blendshape)]].astype(np.float64)
        way = size * (rest.axes @ np.array(move.move))
        if move.toward:
            way = way + move.share * (rest.heads[move.toward] - rest.heads[bone])
        shift += weight * way
        turn += weight * np.radians(move.turn)
    local = (shift @ rest.matrices[bone]).astype(np.float32)
    turns = any(any(m.turn) for m in moves.values())
    shifts = any(any(m.move) or m.toward for m in moves.values())
    return Channels(
        local if shifts else None,
        _in_bone(Rotation.from_rotvec(turn), bone, rest) if turns else None,
    )


def _row(said: Mapping[str, float]) -> FloatArray:
    return np.array([said.get(blendshape, 0.0) for blendshape in ARKIT_BLENDSHAPES], np.float32)


def _rotations(quaternions: FloatArray) -> Rotation:
    return Rotation.from_quat(np.asarray(quaternions, np.float64)[:, [1, 2, 3, 0]])


def _in_armature(turn: Rotation, rest: RestPose) -> Rotation:
    axes = Rotation.from_matrix(rest.axes)
    return axes * turn * axes.inv()


def _in_bone(turn: Rotation, bone: str, rest: RestPose) -> FloatArray:
    own = Rotation.from_matrix(rest.matrices[bone])
    local = own.inv() * _in_armature(turn, rest) * own
    return unroll(local.as_quat()[:, [3, 0, 1, 2]])
