# SPDX-License-Identifier: GPL-3.0-or-later
"""Performances on characters: MakeHuman's head with ARKit keys, a VRM-like one, Rigify's face."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from mien.avatar.bone_keys import follow_of
from mien.avatar.keying import key_performance
from mien.avatar.rest import rest_pose
from mien.avatar.retarget_file import match_target, retarget
from mien.avatar.target import find_target
from mien.cli.__main__ import main
from mien.cli.retarget import read_performance
from mien.core.errors import AvatarError
from mien.core.model.arkit import ARKIT_BLENDSHAPES, N_BLENDSHAPES
from mien.core.model.head import Head
from mien.core.performance.performance import Performance
from mien.core.retarget.files import load_table
from mien.core.solve.reconstruct import take_landmarks
from mien.core.take.take_file import load_take
from mien.scene.action import curves_of
from scipy.spatial.transform import Rotation

from training.head.archive import Archive

from . import avatars
from .rigify_avatar import rigify


def performance(turn: tuple[float, float, float] = (0, 0, 0), **blendshapes: float) -> Performance:
    """Ten frames at rest, then one of these weights and this turn (rotation vector)."""
    weights = np.zeros((11, N_BLENDSHAPES), np.float32)
    for blendshape, value in blendshapes.items():
        weights[10, ARKIT_BLENDSHAPES.index(blendshape)] = value
    turns = Rotation.from_rotvec(np.linspace(0, 1, 11)[:, None] * np.array(turn))
    return Performance(
        times=np.arange(11) / 24.0, blendshapes=weights,
        rotation=turns.as_quat()[:, [3, 0, 1, 2]].astype(np.float32),
        translation=np.zeros((11, 3), np.float32), eyes=np.zeros((11, 2, 2), np.float32),
        confidence=np.ones(11, np.float32), seen=np.ones(N_BLENDSHAPES, np.float32), fps=24.0,
    )  # fmt: skip


def shape(mesh: Any, frame: int) -> np.ndarray:
    """Vertices in the world as Blender draws them."""
    bpy.context.scene.frame_set(frame)
    evaluated = mesh.evaluated_get(bpy.context.evaluated_depsgraph_get())
    points = np.empty(len(evaluated.data.vertices) * 3, np.float32)
    evaluated.data.vertices.foreach_get("co", points)
    return points.reshape(-1, 3) @ np.array(mesh.matrix_world.to_3x3()).T


def gap(head: Head, vertices: np.ndarray, upper: int, lower: int) -> float:
    """Distance between two landmarks, metres."""
    at = np.einsum("lc,lcx->lx", head.landmark_weights, vertices[head.landmark_corners])
    return float(np.linalg.norm(at[upper] - at[lower]))


BUILDERS: dict[str, Callable[[Archive, Head], tuple[Any, Any]]] = {
    "MPFB": lambda parts, _: avatars.mpfb(parts),
    "VRM": lambda parts, _: avatars.vrm(parts),
    "Rigify": rigify,
}


@pytest.mark.parametrize("kind", BUILDERS)
def test_eyes_close_and_the_mouth_opens(kind: str, parts: Archive, head: Head, scene: Any) -> None:
    mesh, _ = BUILDERS[kind](parts, head)
    scene.render.fps = 24
    both = {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0, "jawOpen": 1.0}
    retarget(scene, performance(**both), mesh.name)
    rest, moved = shape(mesh, 1), shape(mesh, 11)
    for upper, lower in ((37, 41), (38, 40), (43, 47), (44, 46)):
        # The landmarks lie on the lids' skin; with the lids shut their thickness is left between.
        assert gap(head, moved, upper, lower) < 0.62 * gap(head, rest, upper, lower)
    assert gap(head, moved, 62, 66) > gap(head, rest, 62, 66) + 0.015
    assert gap(head, moved, 8, 27) > gap(head, rest, 8, 27) + 0.008  # the jaw drops


@pytest.mark.parametrize("kind", BUILDERS)
def test_the_head_turns_as_far_as_the_performance(
    kind: str, parts: Archive, head: Head, scene: Any
) -> None:
    mesh, _ = BUILDERS[kind](parts, head)
    scene.render.fps = 24
    retarget(scene, performance(turn=(0.2, 0.4, -0.1)), mesh.name)
    crown = np.argsort(-shape(mesh, 1)[:, 2])[:800]
    rest, moved = shape(mesh, 1)[crown], shape(mesh, 11)[crown]
    found = Rotation.align_vectors(moved - moved.mean(axis=0), rest - rest.mean(axis=0))[0]
    wanted = Rotation.from_rotvec([0.2, 0.1, 0.4])  # x, y, z of the model are x, z, -y of the scene
    assert (found * wanted.inv()).magnitude() < 0.02


def test_tables_are_chosen_by_name(parts: Archive, head: Head, scene: Any) -> None:
    for kind, said in (
        ("MPFB", "ARKit 52"),
        ("VRM", "VRM 1.0 expressions"),
        ("Rigify", "Rigify face"),
    ):
        mesh, rig = BUILDERS[kind](parts, head)
        found = match_target(find_target(scene, mesh.name))
        assert found.source == said
        assert find_target(scene, rig.name).armature == rig
        assert found.table.skeleton.head


def test_an_armature_that_lies_down_and_looks_away_is_understood(
    parts: Archive, scene: Any
) -> None:
    mesh, rig = avatars.mpfb(parts)
    rig.rotation_euler = (0.0, 0.0, np.pi / 2)  # looks along +x
    bpy.context.view_layer.update()
    assert np.allclose(rest_pose(rig).axes @ [0, 0, 1], [0, -1, 0], atol=1e-3)
    scene.render.fps = 24
    retarget(scene, performance(turn=(0, 0.4, 0)), mesh.name)
    crown = np.argsort(-shape(mesh, 1)[:, 2])[:800]
    rest, moved = shape(mesh, 1)[crown], shape(mesh, 11)[crown]
    found = Rotation.align_vectors(moved - moved.mean(axis=0), rest - rest.mean(axis=0))[0]
    assert np.allclose(found.as_rotvec(), [0, 0, 0.4], atol=0.02)


def test_euler_bones_are_keyed_as_euler(parts: Archive, scene: Any) -> None:
    mesh, rig = avatars.mpfb(parts)
    rig.pose.bones["head"].rotation_mode = "ZXY"
    scene.render.fps = 24
    retarget(scene, performance(turn=(0.2, 0.4, -0.1)), mesh.name)
    scene.frame_set(11)
    turned = np.array(rig.pose.bones["head"].matrix.to_3x3())
    rest = np.array(rig.data.bones["head"].matrix_local.to_3x3())
    found = Rotation.from_matrix(turned @ rest.T)
    assert (found * Rotation.from_rotvec([0.2, 0.1, 0.4]).inv()).magnitude() < 0.01
    paths = {c.data_path for c in curves_of(rig)}
    assert 'pose.bones["head"].rotation_euler' in paths
    assert 'pose.bones["head"].rotation_quaternion' not in paths


def test_a_head_that_does_not_follow_its_neck_is_found_out(parts: Archive, scene: Any) -> None:
    _, rig = avatars.mpfb(parts)
    skeleton = match_target(find_target(scene, rig.name)).table.skeleton
    assert follow_of(rig, skeleton) == pytest.approx(1, abs=1e-3)
    rig.data.bones["head"].use_inherit_rotation = False
    assert follow_of(rig, skeleton) == pytest.approx(0, abs=1e-3)
    assert np.allclose(np.array(rig.pose.bones["neck01"].matrix_basis), np.eye(4), atol=1e-6)


def test_what_else_is_animated_stays(parts: Archive, scene: Any) -> None:
    mesh, rig = avatars.mpfb(parts)
    rig.location = (0, 0, 1)
    rig.keyframe_insert("location", frame=5)
    keys = mesh.data.shape_keys
    extra = mesh.shape_key_add(name="Fat", from_mix=False)
    extra.keyframe_insert("value", frame=3)
    retarget(scene, performance(jawOpen=1.0), mesh.name)
    assert "location" in {c.data_path for c in curves_of(rig)}
    assert 'key_blocks["Fat"].value' in {c.data_path for c in curves_of(keys)}
    assert 'key_blocks["jawOpen"].value' in {c.data_path for c in curves_of(keys)}


def test_driven_keys_are_left_and_properties_moved(parts: Archive, scene: Any) -> None:
    mesh, rig = avatars.mpfb(parts)
    rig["jawOpen"] = 0.0
    keys = mesh.data.shape_keys
    driver = keys.key_blocks["jawOpen"].driver_add("value").driver
    driver.type = "SUM"
    variable = driver.variables.new()
    variable.targets[0].id = rig
    variable.targets[0].data_path = '["jawOpen"]'
    scene.render.fps = 24
    retarget(scene, performance(jawOpen=0.8), mesh.name)
    assert '["jawOpen"]' in {c.data_path for c in curves_of(rig)}
    assert 'key_blocks["jawOpen"].value' not in {c.data_path for c in curves_of(keys)}
    scene.frame_set(11)
    bpy.context.view_layer.update()
    assert rig["jawOpen"] == pytest.approx(0.8)


def test_who_is_not_there_is_named(parts: Archive, scene: Any) -> None:
    with pytest.raises(AvatarError, match="none with shape keys or bones"):
        find_target(scene, "Face")
    mesh, _ = avatars.mpfb(parts)
    with pytest.raises(AvatarError, match="Human"):
        find_target(scene, "Face")
    cube = bpy.data.objects.new("Cube", bpy.data.meshes.new("Cube"))
    scene.collection.objects.link(cube)
    with pytest.raises(AvatarError, match="neither shape keys nor bones"):
        find_target(scene, "Cube")
    from mien.core.retarget.table import Table

    with pytest.raises(AvatarError, match="choose another"):
        key_performance(
            scene, performance(), find_target(scene, mesh.name), Table("none"), head=False
        )


def test_the_command_writes_a_shot_and_the_map(
    parts: Archive, clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    avatars.vrm(parts)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "avatar.blend"))
    words = ["capture", str(clip), "--output", str(tmp_path / "face.blend"), "--end", "1"]
    assert main(words) == 0
    words = ["retarget", "--avatar", str(tmp_path / "avatar.blend"), "--target", "Face"]
    words += ["--take", str(tmp_path / "face.take.npz"), "--output", str(tmp_path / "shot.blend")]
    assert main([*words, "--save-map", str(tmp_path / "map.toml")]) == 0
    said = capsys.readouterr().out
    assert "VRM 1.0 expressions" in said
    table = load_table(tmp_path / "map.toml")
    assert table.skeleton.head == "J_Bip_C_Head"
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
    keys = bpy.data.objects["Face"].data.shape_keys
    paths = {c.data_path for c in curves_of(keys)}
    assert paths == {f'key_blocks["{k}"].value' for k in table.keys}
    assert main([*words, "--map", str(tmp_path / "map.toml"), "--no-head"]) == 0
    # As blender -b avatar.blend --command mien has it: the file is open already.
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "avatar.blend"))
    assert main(["retarget", *words[3:]]) == 0
    before = (tmp_path / "shot.blend").read_bytes()
    words[words.index("Face")] = "Nobody"
    assert main(words) == 1
    assert "Nobody" in capsys.readouterr().err
    assert (tmp_path / "shot.blend").read_bytes() == before


@pytest.fixture(scope="module")
def clip_take(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clip")
    assert main(["capture", str(clip), "--output", str(folder / "face.blend")]) == 0
    return folder / "face.take.npz"


@pytest.mark.parametrize("kind", BUILDERS)
def test_the_characters_mouth_opens_when_the_man_opens_his(
    kind: str, parts: Archive, head: Head, scene: Any, clip_take: Path
) -> None:
    captured = read_performance(clip_take)
    seen = take_landmarks(load_take(clip_take), head)
    opened = np.linalg.norm(seen[:, 62, :2] - seen[:, 66, :2], axis=1)
    opened /= np.linalg.norm(seen[:, 36, :2] - seen[:, 45, :2], axis=1)
    mesh, _ = BUILDERS[kind](parts, head)
    scene.render.fps, scene.render.fps_base = 30, 30 / captured.fps
    retarget(scene, captured, mesh.name)
    frames = np.arange(0, len(captured), 8)
    played = [gap(head, shape(mesh, int(f) + 1), 62, 66) for f in frames]
    assert np.corrcoef(played, opened[frames])[0, 1] > 0.9
    assert np.ptp(played) > 0.01
