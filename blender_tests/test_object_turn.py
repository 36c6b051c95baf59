# SPDX-License-Identifier: GPL-3.0-or-later
"""Characters without bones, and names that are doubtful."""

from typing import Any

import bpy
import numpy as np
import pytest
from mathutils import Vector
from mien.avatar.retarget_file import retarget
from scipy.spatial.transform import Rotation

from .test_avatars import performance


def boneless(turn: float, place: tuple[float, float, float]) -> Any:
    """A head without an armature, under an empty that stands somewhere else."""
    bpy.ops.object.empty_add(location=(0.5, -1.0, 0.2), rotation=(0.3, 0.0, 1.0))
    empty = bpy.context.active_object
    bpy.ops.mesh.primitive_monkey_add(location=place, rotation=(0.0, 0.0, turn))
    monkey = bpy.context.active_object
    monkey.parent = empty
    for name in ("Basis", "jawOpen", "eyeBlinkLeft", "eyeBlinkRight"):
        monkey.shape_key_add(name=name)
    return monkey


@pytest.mark.parametrize("mode", ["XYZ", "ZXY", "QUATERNION"])
def test_a_head_without_bones_turns_as_an_object(scene: Any, mode: str) -> None:
    monkey = boneless(0.4, (0.1, 0.2, 1.0))
    monkey.rotation_mode = mode
    scene.render.fps = 24
    bpy.context.view_layer.update()
    rest, own = monkey.matrix_world.copy(), monkey.rotation_euler.copy()
    for _ in range(2):  # a second time is no second turn
        shot = retarget(scene, performance(turn=(0.2, 0.4, -0.1), jawOpen=1.0), monkey.name)
        assert shot.keyed.turned == monkey.name
        assert f"turned      {monkey.name} as an object" in shot.report()
        scene.frame_set(11)
        moved = np.array((monkey.matrix_world @ rest.inverted()).to_quaternion().to_matrix())
        wanted = Rotation.from_rotvec([0.2, 0.1, 0.4])
        assert (Rotation.from_matrix(moved) * wanted.inv()).magnitude() < 1e-3
        assert np.allclose(monkey.matrix_world.translation, rest.translation, atol=1e-4)
        assert monkey.rotation_euler == own
        scene.frame_set(1)
        assert np.allclose(np.array(monkey.matrix_world), np.array(rest), atol=1e-5)


@pytest.mark.parametrize("lie", [(0.0, 0.0, 0.0), (-1.57, 0.0, 0.3), (0.5, 3.0, 0.0)])
def test_a_head_without_bones_turns_about_its_own_axes_whatever_it_lies_on(
    scene: Any, lie: tuple[float, float, float]
) -> None:
    scene.render.fps = 24
    bpy.ops.mesh.primitive_monkey_add(rotation=lie)
    monkey = bpy.context.active_object
    monkey.shape_key_add(name="Basis")
    for name, way in (
        ("jawOpen", (0, -0.6, -0.8)), ("eyeBlinkLeft", (0.4, -0.8, 0.2)),
        ("eyeBlinkRight", (-0.4, -0.8, 0.2)), ("browInnerUp", (0, -0.7, 0.5)),
    ):  # fmt: skip
        key = monkey.shape_key_add(name=name)
        near = min(key.data, key=lambda point: (point.co - Vector(way)).length)
        near.co.y -= 0.1
    rest = np.array(monkey.matrix_world.to_3x3())
    for _ in range(2):  # the second time it is turned while it is keyed
        retarget(scene, performance(turn=(0.2, 0.4, -0.1), jawOpen=1.0), monkey.name)
        scene.frame_set(11)
        found = Rotation.from_matrix(rest.T @ np.array(monkey.matrix_world.to_3x3()))
        assert np.allclose(found.as_rotvec(), [0.2, 0.1, 0.4], atol=0.01)


def test_a_head_far_from_its_origin_turns_about_its_middle(scene: Any) -> None:
    monkey = boneless(0.0, (0.0, 0.0, 0.0))
    monkey.parent = None
    shift = np.array([0.0, 0.0, 5.0])
    for key in monkey.data.shape_keys.key_blocks:
        for point in key.data:
            point.co = np.array(point.co) + shift
    for vertex in monkey.data.vertices:
        vertex.co = np.array(vertex.co) + shift
    scene.render.fps = 24
    bpy.context.view_layer.update()

    def middle() -> np.ndarray:
        return np.mean([monkey.matrix_world @ Vector(c) for c in monkey.bound_box], axis=0)

    before = middle()
    retarget(scene, performance(turn=(0.5, 0.0, 0.0)), monkey.name)
    scene.frame_set(11)
    assert np.allclose(middle(), before, atol=1e-3)
    assert np.linalg.norm(np.array(monkey.matrix_world.translation)) > 1.0


def test_a_doubtful_name_is_moved_only_when_that_is_asked_for(scene: Any) -> None:
    monkey = boneless(0.0, (0.0, 0.0, 0.0))
    monkey.shape_key_add(name="mouthFunel")
    scene.render.fps = 24
    shot = retarget(scene, performance(mouthFunnel=1.0, jawOpen=1.0), monkey.name, head=False)
    assert [f.name for f in shot.match.doubtful] == ["mouthFunel"]
    assert "mouthFunel" not in shot.keyed.keys
    assert not shot.keyed.turned
    asked = retarget(scene, performance(mouthFunnel=1.0), monkey.name, head=False, guesses=True)
    assert "mouthFunel" in asked.keyed.keys
    scene.frame_set(11)
    assert monkey.data.shape_keys.key_blocks["mouthFunel"].value == pytest.approx(1.0)
