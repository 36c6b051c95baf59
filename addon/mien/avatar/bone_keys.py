# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys bones of a character, in the way that each of them is turned."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import bpy
import numpy as np
from bpy.types import ID, Object, PoseBone
from scipy.spatial.transform import Rotation

from ..core.model.params import FloatArray
from ..core.performance.performance import Performance
from ..core.retarget.bones import Channels, eye_channels, face_channels, head_channels
from ..core.retarget.table import Skeleton, Table
from ..scene.evaluation import Stage
from ..scene.typed import armature_data, pose_of
from .object_turn import euler_angles
from .rest import rest_pose

PROBE = 0.2
"""Turn in radians by which it is found out whether the head follows the neck."""

Key = Callable[[ID, str, int, FloatArray], None]


def bone_channels(
    rig: Object, table: Table, performance: Performance, head: bool
) -> tuple[dict[str, Channels], list[str]]:
    """How the bones of a table move, and those of them that cannot: they are connected to their parents.

    Args:
        rig: the character's armature, showing its pose.
        table: in the character's names.
        performance: ``(F,)`` frames.
        head: whether the head turns.
    """
    skeleton = _present(table.skeleton, rig)
    rest = rest_pose(rig, skeleton.head)
    channels = face_channels(table, performance.blendshapes, rest)
    if not _eyes_have_keys(table):
        channels |= eye_channels(skeleton, performance.eyes, rest)
    if head:
        channels |= head_channels(skeleton, performance.rotation, rest, follow_of(rig, skeleton))
    held = [
        name for name, moved in channels.items()
        if moved.shift is not None and armature_data(rig).bones[name].use_connect
    ]  # fmt: skip
    return {n: c._replace(shift=None) if n in held else c for n, c in channels.items()}, held


def key_bones(rig: Object, channels: Mapping[str, Channels], key: Key) -> None:
    """Key bones by name."""
    for name, moved in channels.items():
        _key_bone(rig, pose_of(rig).bones[name], moved, key)


def _eyes_have_keys(table: Table) -> bool:
    return any(u.startswith("eyeLook") for said in table.keys.values() for u in said)


def _key_bone(rig: Object, bone: PoseBone, moved: Channels, key: Key) -> None:
    path = f'pose.bones["{bpy.utils.escape_identifier(bone.name)}"]'
    if moved.shift is not None:
        for index in range(3):
            key(rig, f"{path}.location", index, moved.shift[:, index])
    if moved.turn is None:
        return
    if bone.rotation_mode == "QUATERNION":
        values, name = moved.turn, "rotation_quaternion"
    elif bone.rotation_mode == "AXIS_ANGLE":
        values, name = _axis_angle(moved.turn), "rotation_axis_angle"
    else:
        turn = Rotation.from_quat(moved.turn[:, [1, 2, 3, 0]])
        values, name = euler_angles(turn, bone.rotation_mode), "rotation_euler"
    for index in range(values.shape[1]):
        key(rig, f"{path}.{name}", index, values[:, index])


def _axis_angle(turn: FloatArray) -> FloatArray:
    vector = Rotation.from_quat(turn[:, [1, 2, 3, 0]]).as_rotvec()
    angle = np.linalg.norm(vector, axis=1, keepdims=True)
    return np.hstack([angle, vector / np.maximum(angle, 1e-9)]).astype(np.float32)


def follow_of(rig: Object, skeleton: Skeleton) -> float:
    """How much of the neck's turn the head takes along, 0 to 1: found by turning the neck a little.

    Rigs differ: a plain head bone is carried by the neck, Rigify's stays as it is.
    """
    if not skeleton.neck or not skeleton.head:
        return 1.0
    bones = [pose_of(rig).bones[name] for name in skeleton.neck]
    before = [bone.matrix_basis.copy() for bone in bones]

    with Stage([rig]) as stage:

        def turned() -> Rotation:
            head = pose_of(rig.evaluated_get(stage.now())).bones[skeleton.head]
            return Rotation.from_matrix(np.array(head.matrix.to_quaternion().to_matrix()))

        rest = turned()
        try:
            for bone in bones:
                axis = bone.bone.matrix_local.to_3x3().inverted().col[0]
                probe = np.array(bone.matrix_basis)
                turn = Rotation.from_rotvec(PROBE / len(bones) * np.array(axis.normalized()))
                probe[:3, :3] = probe[:3, :3] @ turn.as_matrix()
                bone.matrix_basis = probe.tolist()
            angle = (rest.inv() * turned()).magnitude()
        finally:
            for bone, basis in zip(bones, before, strict=True):
                bone.matrix_basis = basis
    return float(np.clip(angle / PROBE, 0.0, 1.0))


def _present(skeleton: Skeleton, rig: Object) -> Skeleton:
    def have(name: str) -> str:
        return name if name in armature_data(rig).bones else ""

    return replace(
        skeleton,
        head=have(skeleton.head),
        neck=tuple(b for b in skeleton.neck if have(b)),
        eye_left=have(skeleton.eye_left),
        eye_right=have(skeleton.eye_right),
        pivot_left=have(skeleton.pivot_left),
        pivot_right=have(skeleton.pivot_right),
    )
