# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys a performance onto a character."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import bpy
import numpy as np
from bpy.types import ID, Object, PoseBone, Scene
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from ..core.errors import AvatarError
from ..core.model.params import FloatArray
from ..core.model.rotation import interpolate, to_matrices, to_quaternions, unroll
from ..core.performance.key_reduction import every_nth, simplify_keys
from ..core.performance.performance import Performance
from ..core.retarget.bones import Channels, eye_channels, face_channels, head_channels, key_values
from ..core.retarget.table import Skeleton, Table
from ..core.solve.gap_filling import interpolate_gaps
from ..scene.action import Keyer
from ..scene.keying import Frames, placed_keys
from ..scene.timing import PLAIN, Keying
from ..scene.typed import animation_of, armature_data, keys_of, layer_of, loose, pose_of
from .object_turn import euler_angles, key_object_turn, turned_object
from .target import Target, free_keys, key_path, rest_pose

ACTION = "Mien Performance"
PROBE = 0.2
"""Turn in radians by which it is found out whether the head follows the neck."""

Key = Callable[[ID, str, int, FloatArray], None]


@dataclass(frozen=True)
class Keyed:
    """What was keyed.

    Attributes:
        keys: names of shape keys and properties.
        bones: names of bones.
        held: names of bones that a table moves but that cannot be: they are connected to their
            parents.
        turned: name of the object that turns as the head does, where there are no bones; or empty.
    """

    keys: tuple[str, ...]
    bones: tuple[str, ...]
    held: tuple[str, ...]
    turned: str = ""


def key_performance(
    scene: Scene, performance: Performance, target: Target, table: Table, keying: Keying = PLAIN,
    head: bool = True,
) -> Keyed:  # fmt: skip
    """Key a performance onto a character; what was keyed on these channels before is replaced.

    Args:
        scene: whose frame rate and start count.
        performance: what to key.
        target: the character.
        table: what moves it, in its own names.
        keying: at which frames.
        head: whether the head turns.

    Raises:
        AvatarError: the table moves nothing of this character.
    """
    performance, frames = _timed(scene, performance, keying)
    thin = every_nth(len(frames), keying.step)
    keyers: dict[ID | None, Keyer] = {}

    def key(block: ID, path: str, index: int, values: FloatArray) -> None:
        at, kept = frames[thin], np.ascontiguousarray(values[thin], np.float32)
        if keying.tolerance > 0:
            keep = simplify_keys(at, kept, keying.tolerance)
            at, kept = at[keep], kept[keep]
        # A block that has an action keeps it, with whatever else is in there.
        animation = animation_of(block)
        own = block if animation and animation.action else None
        keyers.setdefault(own, Keyer(ACTION)).key(block, path, index, at, kept)

    keys = _key_values(target, key_values(table, performance.blendshapes), key)
    bones, held = _key_bones(target, table, performance, head, key)
    if not keys and not bones:
        raise AvatarError(
            f"Nothing of {target.name} is in the table {table.name!r}; choose another or generate keys."
        )
    thing = turned_object(scene, target) if head else None
    turned = thing is not None and key_object_turn(thing, performance.rotation, key)
    return Keyed(tuple(keys), tuple(bones), tuple(held), thing.name if thing and turned else "")


def _key_values(target: Target, values: dict[str, FloatArray], key: Key) -> list[str]:
    done = []
    for name, curve in values.items():
        found = False
        for mesh in target.meshes:
            keys = keys_of(mesh)
            if name in free_keys(keys):
                block = keys.key_blocks[name]
                key(keys, key_path(name), 0, curve.clip(block.slider_min, block.slider_max))
                found = True
        if not found and target.armature is not None and name in target.properties:
            limits = loose(target.armature).id_properties_ui(name).as_dict()
            path = f'["{bpy.utils.escape_identifier(name)}"]'
            key(target.armature, path, 0, curve.clip(limits["min"], limits["max"]))
            found = True
        if found:
            done.append(name)
    return done


def _key_bones(
    target: Target, table: Table, performance: Performance, head: bool, key: Key
) -> tuple[list[str], list[str]]:
    rig = target.armature
    if rig is None:
        return [], []
    rest = rest_pose(rig)
    skeleton = _present(table.skeleton, rig)
    channels = face_channels(table, performance.blendshapes, rest)
    if not _eyes_have_keys(table):
        channels |= eye_channels(skeleton, performance.eyes, rest)
    if head:
        channels |= head_channels(skeleton, performance.rotation, rest, follow_of(rig, skeleton))
    held = []
    for name, moved in channels.items():
        bone = pose_of(rig).bones[name]
        if moved.shift is not None and bone.bone.use_connect:
            held.append(name)
            moved = moved._replace(shift=None)
        _key_bone(rig, bone, moved, key)
    return [n for n in channels if n not in held], held


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
    layer = layer_of(bpy.context)
    if rig.name not in layer.objects:
        return 1.0
    bones = [pose_of(rig).bones[name] for name in skeleton.neck]
    before = [bone.matrix_basis.copy() for bone in bones]
    head = pose_of(rig).bones[skeleton.head]
    layer.update()
    rest = head.matrix.to_quaternion()
    try:
        for bone in bones:
            axis = bone.bone.matrix_local.to_3x3().inverted().col[0]
            probe = np.array(bone.matrix_basis)
            turn = Rotation.from_rotvec(PROBE / len(bones) * np.array(axis.normalized()))
            probe[:3, :3] = probe[:3, :3] @ turn.as_matrix()
            bone.matrix_basis = probe.tolist()
        layer.update()
        turned = rest.rotation_difference(head.matrix.to_quaternion()).angle
    finally:
        for bone, basis in zip(bones, before, strict=True):
            bone.matrix_basis = basis
        layer.update()
    return float(np.clip(turned / PROBE, 0.0, 1.0))


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


def _timed(scene: Scene, performance: Performance, keying: Keying) -> tuple[Performance, Frames]:
    frames, times = placed_keys(scene, performance.times, keying)
    return (performance if times is None else resampled(performance, times)), frames


def resampled(performance: Performance, times: NDArray[np.float64]) -> Performance:
    """The performance at other times ``(G,)``, interpolated; held before its start and after its end."""

    def one(values: FloatArray) -> FloatArray:
        return interpolate_gaps(times, performance.times, values)

    turns = interpolate(times, performance.times, to_matrices(performance.rotation))
    return replace(
        performance, times=times, blendshapes=one(performance.blendshapes), eyes=one(performance.eyes),
        translation=one(performance.translation), confidence=one(performance.confidence),
        rotation=unroll(to_quaternions(turns)),
    )  # fmt: skip
