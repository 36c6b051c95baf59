# SPDX-License-Identifier: GPL-3.0-or-later
"""Exports carry what is seen: modifiers, poses, keys that act; what they cannot carry is said."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy  # before addon_utils, which it makes importable

import addon_utils  # isort: skip
import numpy as np
import pytest
from mien.avatar.retarget_file import retarget
from mien.cli.__main__ import main
from mien.scene.exporting import WRITERS, export_things, family

from .small_avatar import Avatar, performance, small_avatar

READERS = {
    ".glb": lambda path: bpy.ops.import_scene.gltf(filepath=path, bone_heuristic="BLENDER"),
    ".fbx": lambda path: bpy.ops.import_scene.fbx(filepath=path),
    ".usdc": lambda path: bpy.ops.wm.usd_import(filepath=path),
}


@pytest.fixture(autouse=True)
def addons() -> None:
    """Blender's exporters, which a file without settings has switched off."""
    for name in ("io_scene_gltf2", "io_scene_fbx"):
        addon_utils.enable(name)


def points(mesh: Any, frame: int) -> np.ndarray:
    """Where vertices are seen in the world at a frame."""
    bpy.context.scene.frame_set(frame)
    evaluated = mesh.evaluated_get(bpy.context.evaluated_depsgraph_get())
    found = np.array([evaluated.matrix_world @ v.co for v in evaluated.data.vertices])
    return np.unique(found.round(4), axis=0)


def far(one: np.ndarray, other: np.ndarray) -> float:
    """The largest distance from a point of either set to the nearest of the other."""
    away = np.linalg.norm(one[:, None] - other[None], axis=2)
    return float(max(away.min(axis=0).max(), away.min(axis=1).max()))


def mirror(it: Avatar) -> None:
    it.face.modifiers.new("Mirror", "MIRROR").merge_threshold = 0.001
    it.face.modifiers.move(1, 0)


def mirror_that_parts(it: Avatar) -> None:
    """The jaw's key takes a vertex out of the middle, so that it is joined at rest only."""
    mirror(it)
    number = min(v.index for v in it.face.data.vertices if abs(v.co.x) < 1e-6)
    it.face.data.shape_keys.key_blocks["jawOpen"].data[number].co.x += 0.03


def subdivide(it: Avatar) -> None:
    it.face.modifiers.new("Smooth", "SUBSURF").levels = 1
    it.face.modifiers.move(1, 0)


def thicken(it: Avatar) -> None:
    it.face.modifiers.new("Thick", "SOLIDIFY").thickness = 0.01
    it.face.modifiers.move(1, 0)


def on_a_track(it: Avatar) -> None:
    mirror(it)
    data = it.face.data.shape_keys.animation_data
    action, slot = data.action, getattr(data, "action_slot", None)
    data.action = None
    strip = data.nla_tracks.new().strips.new("Take", 1, action)
    if slot is not None:
        strip.action_slot = slot


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("change", [mirror, mirror_that_parts, subdivide, thicken])
def test_what_modifiers_make_of_a_face_is_exported(
    change: Callable[[Avatar], None], kind: str, scene: Any, tmp_path: Path
) -> None:
    it = small_avatar(half=True)
    change(it)
    retarget(scene, performance(), "Face")
    seen = [points(it.face, frame) for frame in (1, 11, 21)]
    mesh, keys = it.face.data, it.face.data.shape_keys

    def state() -> tuple[Any, ...]:
        action = keys.animation_data.action
        return mesh.name, keys.name, len(mesh.vertices), action, len(bpy.data.meshes)

    before = state()
    export_things(tmp_path / f"face{kind}", scene, family(it.face))
    assert (it.face.data, state()) == (mesh, before)
    assert all(m.show_viewport for m in it.face.modifiers)
    assert [far(points(it.face, f), s) for f, s in zip((1, 11, 21), seen, strict=True)] == [0] * 3
    read = _read(tmp_path / f"face{kind}")
    for frame, wanted in zip((1, 11, 21), seen, strict=True):
        assert far(points(read, frame), wanted) < 0.002


def test_strips_are_exported_with_modifiers_too(scene: Any, tmp_path: Path) -> None:
    it = small_avatar(half=True)
    retarget(scene, performance(), "Face")
    on_a_track(it)
    wanted = points(it.face, 21)
    export_things(tmp_path / "face.usdc", scene, family(it.face))
    assert far(points(_read(tmp_path / "face.usdc"), 21), wanted) < 0.002


def test_rest_position_pins_and_muted_keys_are_told(scene: Any, tmp_path: Path) -> None:
    it = small_avatar()
    retarget(scene, performance(), "Face")
    wanted = points(it.face, 21)
    it.rig.data.pose_position = "REST"
    it.face.show_only_shape_key = True
    it.face.data.shape_keys.key_blocks["cheekPuff"].mute = True
    said = " ".join(export_things(tmp_path / "face.glb", scene, family(it.face)))
    assert "rest position: Rig" in said
    assert "one is pinned: Face" in said
    assert "muted keys left out: cheekPuff" in said
    assert it.rig.data.pose_position == "REST"
    read = _read(tmp_path / "face.glb")
    assert far(points(read, 21), wanted) < 0.002
    assert "cheekPuff" not in read.data.shape_keys.key_blocks


def test_what_cannot_be_carried_is_told_by_the_command(
    scene: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    it = small_avatar()
    it.face.modifiers.new("Fewer", "DECIMATE").ratio = 0.5
    it.face.modifiers.new("Cloth", "CLOTH")
    retarget(scene, performance(), "Face")
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    words = ["export", str(tmp_path / "shot.blend"), "--output", str(tmp_path / "face.glb")]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "otherwise   simulations left out: Cloth of Face" in said


def _read(path: Path) -> Any:
    """The face of an exported file, at 24 frames a second from frame 1 on."""
    assert path.suffix in WRITERS
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    bpy.context.scene.render.fps = 24
    assert READERS[path.suffix](str(path)) == {"FINISHED"}
    return next(o for o in bpy.context.scene.objects if o.type == "MESH" and o.data.shape_keys)
