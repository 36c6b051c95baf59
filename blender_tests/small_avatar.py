# SPDX-License-Identifier: GPL-3.0-or-later
"""A character of a few vertices with 52 shape keys and four bones, and what it does at a frame.

The key of the blendshape with number ``i`` moves vertex ``i`` by :data:`STEP` to the character's left.
"""

from typing import Any, NamedTuple

import bpy
import numpy as np
from mien.core.model.arkit import ARKIT_BLENDSHAPES, N_BLENDSHAPES
from mien.core.performance.performance import Performance
from mien.scene.rig import _editing
from scipy.spatial.transform import Rotation

STEP = 0.05
TURN = np.radians(30)
TURNS = {11: (1, 0, 0), 21: (0, 1, 0), 31: (0, 0, 1)}
"""Frame to axis of :func:`performance`: about the character's own left, up and front."""
JAW = 0.8


class Avatar(NamedTuple):
    """Face and armature."""

    face: Any
    rig: Any


def performance() -> Performance:
    """At rest, then turned by 30 degrees about one axis after another with the jaw open; 24 a second."""
    at = [1, *TURNS]
    frames = np.arange(1, 32)
    axes = np.array([(0, 0, 0), *TURNS.values()]) * TURN
    turns = np.column_stack([np.interp(frames, at, axis) for axis in axes.T])
    weights = np.zeros((len(frames), N_BLENDSHAPES), np.float32)
    weights[:, ARKIT_BLENDSHAPES.index("jawOpen")] = np.interp(frames, at, [0, JAW, JAW, JAW])
    return Performance(
        times=(frames - 1) / 24.0, blendshapes=weights,
        rotation=Rotation.from_rotvec(turns).as_quat()[:, [3, 0, 1, 2]].astype(np.float32),
        translation=np.zeros((len(frames), 3), np.float32),
        eyes=np.zeros((len(frames), 2, 2), np.float32),
        confidence=np.ones(len(frames), np.float32),
        seen=np.ones(N_BLENDSHAPES, np.float32), fps=24.0,
    )  # fmt: skip


def small_avatar(name: str = "", half: bool = False) -> Avatar:
    """A character that stands at the origin and looks along -y.

    Args:
        name: put before ``Face`` and ``Rig``.
        half: only its left half, with the vertices of the keys first.
    """
    bpy.context.scene.render.fps = 24
    rig = _rig(name + "Rig")
    rng = np.random.default_rng(3)
    around = np.linspace(0, np.pi if half else 2 * np.pi, 12, endpoint=half)
    rings = np.linspace(-0.1, 0.1, 6)
    ball = [(0.1 * np.sin(a), 0.1 * np.cos(a), 1.7 + z) for z in rings for a in around]
    points = np.array(ball) + (0 if half else rng.normal(0, 1e-4, (len(ball), 3)))
    columns = len(around)
    steps = range(columns - 1 if half else columns)
    faces = [
        (r * columns + c, r * columns + (c + 1) % columns, (r + 1) * columns + (c + 1) % columns,
         (r + 1) * columns + c)
        for r in range(len(rings) - 1) for c in steps
    ]  # fmt: skip
    mesh = bpy.data.meshes.new(name + "Face")
    mesh.from_pydata(points.tolist(), [], faces)
    face = bpy.data.objects.new(name + "Face", mesh)
    bpy.context.scene.collection.objects.link(face)
    face.shape_key_add(name="Basis", from_mix=False)
    for index, blendshape in enumerate(ARKIT_BLENDSHAPES):
        key = face.shape_key_add(name=blendshape, from_mix=False)
        key.value = 0.0
        key.data[index].co.x += STEP
    face.vertex_groups.new(name="head").add(range(len(points)), 1.0, "REPLACE")
    face.modifiers.new("Armature", "ARMATURE").object = rig
    face.parent = rig
    bpy.context.view_layer.update()
    return Avatar(face, rig)


def _rig(name: str) -> Any:
    armature = bpy.data.armatures.new(name)
    rig = bpy.data.objects.new(name, armature)
    bpy.context.scene.collection.objects.link(rig)
    bones = {
        "neck": ((0, 0, 1.5), (0, 0, 1.6), ""), "head": ((0, 0, 1.6), (0, 0, 1.8), "neck"),
        "eye.L": ((0.03, -0.08, 1.72), (0.03, -0.12, 1.72), "head"),
        "eye.R": ((-0.03, -0.08, 1.72), (-0.03, -0.12, 1.72), "head"),
    }  # fmt: skip
    with _editing(rig):
        for bone, (start, end, parent) in bones.items():
            made = armature.edit_bones.new(bone)
            made.head, made.tail = start, end
            made.parent = armature.edit_bones[parent] if parent else None
    return rig


def turned(rig: Any, frame: int) -> np.ndarray:
    """Rotation vector of the head at a frame, in the armature's axes, as Blender evaluates it."""
    graph = _at(frame)
    posed = np.array(rig.evaluated_get(graph).pose.bones["head"].matrix.to_3x3())
    rest = np.array(rig.data.bones["head"].matrix_local.to_3x3())
    return Rotation.from_matrix(posed @ np.linalg.inv(rest)).as_rotvec()


def opened(face: Any, rig: Any, frame: int, key: str = "jawOpen") -> float:
    """How far a key is seen to move its vertex at a frame, 1 being all of it."""
    graph = _at(frame)
    head = np.array(rig.evaluated_get(graph).pose.bones["head"].matrix)
    head = head @ np.linalg.inv(np.array(rig.data.bones["head"].matrix_local))
    number = ARKIT_BLENDSHAPES.index(key)
    seen = np.array([*face.evaluated_get(graph).data.vertices[number].co, 1])
    rest = np.array([*face.data.shape_keys.reference_key.data[number].co, 1])
    return float(np.linalg.norm(np.linalg.inv(head) @ seen - rest) / STEP)


def assert_plays(avatar: Avatar) -> None:
    """Face and head do what :func:`performance` says, about the character's own axes."""
    for frame, (left, up, front) in TURNS.items():
        wanted = TURN * np.array([left, -front, up])
        assert np.allclose(turned(avatar.rig, frame), wanted, atol=0.01)
        assert abs(opened(*avatar, frame) - JAW) < 0.01


def _at(frame: int) -> Any:
    scene = bpy.context.scene
    scene.frame_set(frame)
    return bpy.context.evaluated_depsgraph_get()
