# SPDX-License-Identifier: GPL-3.0-or-later
"""Exports that are read back: the same curves, bones and vertices."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import bpy  # before addon_utils, which it makes importable

import addon_utils  # isort: skip
import numpy as np
import pytest
from mien.core.errors import MienError
from mien.core.model.head import Head
from mien.core.model.params import FloatArray
from mien.core.modes import KeySet
from mien.core.solve.motion import Motion, solve_take
from mien.scene.action import curves_of
from mien.scene.build import Built, build_scene
from mien.scene.exporting import export_things, family, find_thing
from mien.scene.mesh import let_act
from mien.scene.timing import Keying
from numpy.typing import NDArray

from tests.conftest import made_take
from tests.full_disk import full_after

COUNT = 24


@dataclass(frozen=True)
class Seen:
    """An animated face as it is evaluated at some times.

    Attributes:
        weights: ``(T, K)`` of the shape keys, by name; vertices: ``(T, N, 3)`` in the scene.
    """

    names: tuple[str, ...]
    weights: FloatArray
    vertices: FloatArray


def look(mesh: bpy.types.Object, frames: NDArray[np.float64]) -> Seen:
    """Evaluate what acts of a face at scene frames, with sliders that cut nothing off."""
    scene = bpy.context.scene
    blocks = [block for block in mesh.data.shape_keys.key_blocks[1:] if not block.mute]
    for block in blocks:
        block.slider_min, block.slider_max = -10, 10
    weights, vertices = [], []
    for frame in frames:
        scene.frame_set(int(frame), subframe=frame % 1)
        weights.append([block.value for block in blocks])
        evaluated = mesh.evaluated_get(bpy.context.evaluated_depsgraph_get())
        points = np.empty(3 * len(evaluated.data.vertices), np.float32)
        evaluated.data.vertices.foreach_get("co", points)
        matrix = np.array(evaluated.matrix_world)
        vertices.append(points.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3])
    return Seen(tuple(b.name for b in blocks), np.array(weights), np.array(vertices))


def read_back(path: Path, rate: float) -> bpy.types.Object:
    """Read an exported file into an empty scene of a rate; its face."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    render = bpy.context.scene.render
    render.fps = round(rate)
    render.fps_base = render.fps / rate
    if path.suffix == ".glb":
        bpy.ops.import_scene.gltf(filepath=str(path))
    elif path.suffix == ".fbx":
        bpy.ops.import_scene.fbx(filepath=str(path))
    else:
        bpy.ops.wm.usd_import(filepath=str(path))
    return next(o for o in bpy.context.scene.objects if o.type == "MESH" and o.data.shape_keys)


@pytest.fixture
def built(scene: bpy.types.Scene, head: Head) -> Iterator[Built]:
    """A head that turns and talks, at thirty frames a second."""
    return build_scene(scene, solve_take(made_take(head, COUNT)), head)


def nearest(first: FloatArray, second: FloatArray) -> float:
    """Largest distance of a point of the second set from the first; exporters split vertices."""
    from scipy.spatial import cKDTree

    return float(cKDTree(first).query(second)[0].max())


@pytest.mark.parametrize("keys", [KeySet.BLENDSHAPES, KeySet.COMPONENTS])
@pytest.mark.parametrize("suffix", [".glb", ".fbx", ".usdc"])
def test_what_is_read_back_moves_the_same_and_holds_what_acts(
    suffix: str, keys: str, built: Built, tmp_path: Path
) -> None:
    let_act(built.mesh, keys)
    own, curves = built.mesh.data, len(curves_of(built.mesh.data.shape_keys))
    meshes = len(bpy.data.meshes)
    frames = np.arange(1.0, COUNT + 1)
    before = look(built.mesh, frames)
    path = tmp_path / f"face{suffix}"
    export_things(path, bpy.context.scene, family(built.mesh))
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    assert (built.mesh.data, own.name, len(bpy.data.meshes)) == (own, "Mien Head", meshes)
    assert len(own.shape_keys.key_blocks) == 1 + 40 + 10 + 52
    assert len(curves_of(own.shape_keys)) == curves
    after = look(read_back(path, 30.0), frames)
    assert after.names == before.names
    assert ("jawOpen" in after.names) == (keys == KeySet.BLENDSHAPES)
    assert ("expression_00" in after.names) == (keys == KeySet.COMPONENTS)
    assert np.abs(before.weights).max() > 1.5  # beyond what a slider shows
    assert np.allclose(after.weights, before.weights, rtol=0, atol=1e-5)
    for one, other in zip(before.vertices, after.vertices, strict=True):
        assert nearest(one, other) < 1e-5


@pytest.mark.parametrize(("footage", "scene_rate"), [(30.0, 24.0), (29.97, 24.0), (12.0, 30.0)])
@pytest.mark.parametrize("suffix", [".glb", ".usdc"])
def test_keys_between_frames_lose_nothing(
    suffix: str,
    footage: float,
    scene_rate: float,
    scene: bpy.types.Scene,
    head: Head,
    tmp_path: Path,
) -> None:
    motion = solve_take(made_take(head, COUNT))
    motion = replace(motion, times=np.arange(COUNT) / footage, fps=footage)
    scene.render.fps = round(scene_rate)
    built = build_scene(scene, motion, head, match=False, keying=Keying(keys=KeySet.COMPONENTS))
    curves = curves_of(built.mesh.data.shape_keys)
    keys = np.array([[p.co[:] for p in curve.keyframe_points] for curve in curves])
    assert np.abs(keys[..., 0] - np.round(keys[..., 0])).max() > 0.1
    path = tmp_path / f"face{suffix}"
    export_things(path, scene, family(built.mesh))
    _assert_untouched(scene, built, keys, scene_rate)
    rate = footage * (3 if footage == 12.0 else 1)  # 36 a second: no coarser than the scene
    mesh = read_back(path, rate)
    first = 0.0 if suffix == ".glb" else 1.0
    at = first + motion.times * rate
    names = [f"expression_{i:02d}" for i in range(10)]
    seen = look(mesh, np.round(at))
    values = seen.weights[:, [seen.names.index(n) for n in names]]
    assert np.allclose(values, motion.expression, rtol=0, atol=1e-5)


def _assert_untouched(scene: bpy.types.Scene, built: Built, keys: FloatArray, rate: float) -> None:
    curves = curves_of(built.mesh.data.shape_keys)
    after = np.array([[p.co[:] for p in curve.keyframe_points] for curve in curves])
    assert (after == keys).all()
    assert scene.render.fps / scene.render.fps_base == pytest.approx(rate)
    assert not built.mesh.select_get()


def test_uneven_times_are_sampled_densely(
    scene: bpy.types.Scene, head: Head, tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    times = np.cumsum(rng.uniform(0.03, 0.06, COUNT))
    motion = replace(solve_take(made_take(head, COUNT)), times=times - times[0])
    built = build_scene(scene, motion, head, match=False, keying=Keying(keys=KeySet.COMPONENTS))
    path = tmp_path / "face.glb"
    export_things(path, scene, family(built.mesh))
    mesh = read_back(path, 24.0)
    curve = next(c for c in curves_of(mesh.data.shape_keys) if "expression_00" in c.data_path)
    gap = np.diff(times).min() * 24
    assert len(curve.keyframe_points) >= 24 * motion.times[-1] / gap
    between = [curve.evaluate(t * 24) for t in motion.times]
    swing = np.abs(np.diff(motion.expression[:, 0])).max()
    assert np.abs(between - motion.expression[:, 0]).max() < swing / 3


def test_bones_turn_the_same(built: Built, tmp_path: Path) -> None:
    def turns(rig: bpy.types.Object) -> FloatArray:
        out = []
        for frame in (1, 9, COUNT):
            bpy.context.scene.frame_set(frame)
            out.append(np.array(rig.matrix_world @ rig.pose.bones["head"].matrix)[:3, 3])
        return np.array(out)

    before = turns(built.rig)
    export_things(tmp_path / "face.usdc", bpy.context.scene, family(built.rig))
    read_back(tmp_path / "face.usdc", 30.0)
    rig = next(o for o in bpy.context.scene.objects if o.type == "ARMATURE")
    assert np.ptp(before, axis=0).max() > 1e-3
    assert np.allclose(turns(rig), before, atol=1e-5)


@pytest.mark.parametrize("suffix", [".glb", ".fbx"])
def test_pictures_go_into_the_file(suffix: str, built: Built, tmp_path: Path) -> None:
    path = tmp_path / f"face{suffix}"
    export_things(path, bpy.context.scene, family(built.mesh))
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    mesh = read_back(path, 30.0)
    for name in ("Mien Skin", "Mien Hair", "Mien Iris"):
        found = next(m for m in mesh.data.materials if m.name == name)
        image = next(n.image for n in found.node_tree.nodes if n.type == "TEX_IMAGE")
        assert min(image.size) >= 512


def test_a_usd_file_has_colours_and_nothing_is_written_beside_it(
    built: Built, tmp_path: Path
) -> None:
    export_things(tmp_path / "face.usdc", bpy.context.scene, family(built.mesh))
    assert [p.name for p in tmp_path.iterdir()] == ["face.usdc"]
    hair = bpy.data.materials["Mien Hair"]
    shader = next(n for n in hair.node_tree.nodes if n.type == "BSDF_PRINCIPLED")
    assert shader.inputs["Base Color"].is_linked  # as they were before
    assert shader.inputs["Alpha"].is_linked
    wanted = np.array(hair.diffuse_color[:3])
    mesh = read_back(tmp_path / "face.usdc", 30.0)
    found = next(m for m in mesh.data.materials if "Hair" in m.name)
    shader = next(n for n in found.node_tree.nodes if n.type == "BSDF_PRINCIPLED")
    assert np.allclose(shader.inputs["Base Color"].default_value[:3], wanted, atol=1e-3)


def test_a_family_holds_what_moves_along(built: Built) -> None:
    teeth = bpy.data.objects.new("Teeth", bpy.data.meshes.new("Teeth"))
    teeth.parent = built.rig
    bpy.context.scene.collection.objects.link(teeth)
    assert set(family(built.mesh)) == {built.mesh, built.rig, teeth}
    assert set(family(built.rig)) == {built.mesh, built.rig, teeth}


def test_a_hidden_rig_is_exported_and_hidden_meshes_are_not(built: Built, tmp_path: Path) -> None:
    proxy = bpy.data.objects.new("Proxy", bpy.data.meshes.new("Proxy"))
    proxy.parent = built.rig
    bpy.context.scene.collection.objects.link(proxy)
    proxy.hide_set(True)
    built.rig.hide_viewport = True
    assert set(family(built.mesh)) == {built.mesh, built.rig}
    export_things(tmp_path / "face.usdc", bpy.context.scene, family(built.mesh))
    assert built.rig.hide_viewport
    read_back(tmp_path / "face.usdc", 30.0)
    assert [o.type for o in bpy.context.scene.objects].count("ARMATURE") == 1


def test_the_one_face_is_found(built: Built, head: Head) -> None:
    scene = bpy.context.scene
    assert find_thing(scene) == built.mesh
    assert find_thing(scene, built.rig.name) == built.rig
    with pytest.raises(MienError, match="no object named Nobody"):
        find_thing(scene, "Nobody")
    build_scene(scene, solve_take(made_take(head, 3)), head, match=False)
    with pytest.raises(MienError, match="several animated faces"):
        find_thing(scene)


def test_what_cannot_be_exported_is_named(built: Built, tmp_path: Path) -> None:
    scene = bpy.context.scene
    older = tmp_path / "older.glb"
    older.write_bytes(b"older")
    with pytest.raises(MienError, match="no known kind"):
        export_things(tmp_path / "face.obj", scene, [built.mesh])
    with pytest.raises(MienError, match="make it first"):
        export_things(tmp_path / "gone" / "face.glb", scene, [built.mesh])
    built.mesh.hide_set(True)
    with pytest.raises(MienError, match="Mien Head is hidden"):
        export_things(older, scene, [built.mesh])
    assert older.read_bytes() == b"older"
    assert [p.name for p in tmp_path.iterdir()] == ["older.glb"]


def test_a_format_that_this_blender_lacks_is_named(built: Built, tmp_path: Path) -> None:
    addon_utils.disable("io_scene_gltf2")
    try:
        with pytest.raises(MienError, match=r"cannot write \.glb files"):
            export_things(tmp_path / "face.glb", bpy.context.scene, [built.mesh])
    finally:
        addon_utils.enable("io_scene_gltf2")
    assert not list(tmp_path.iterdir())


def test_the_motion_comes_from_the_take(built: Built, head: Head) -> None:
    let_act(built.mesh, KeySet.COMPONENTS)
    motion: Motion = solve_take(made_take(head, COUNT))
    seen = look(built.mesh, np.arange(1.0, COUNT + 1))
    keyed = [seen.names.index(f"expression_{i:02d}") for i in range(10)]
    assert np.allclose(seen.weights[:, keyed], motion.expression, atol=1e-5)


@pytest.mark.parametrize("suffix", [".glb", ".fbx", ".usdc", ".usda", ".usd"])
def test_a_full_disk_leaves_the_older_export(suffix: str, head: Head, tmp_path: Path) -> None:
    mesh = build_scene(bpy.context.scene, solve_take(made_take(head, 3)), head).mesh
    path = tmp_path / f"face{suffix}"
    path.write_bytes(b"older")
    for size in (1_000, 300_000):
        with full_after(size), pytest.raises(MienError, match="free some space"):
            export_things(path, bpy.context.scene, family(mesh))
        assert path.read_bytes() == b"older"
        assert [p.name for p in tmp_path.iterdir()] == [path.name]
    export_things(path, bpy.context.scene, family(mesh))
    assert path.stat().st_size > 300_000
