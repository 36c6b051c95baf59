# SPDX-License-Identifier: GPL-3.0-or-later
"""The skin in motion on a head, seen in renders: each picture of these sequences is a grey of its own."""

import json
import shutil
from pathlib import Path

import bpy
import cv2
import numpy as np
import pytest
from mien.core.errors import MienError
from mien.core.model.head import Head
from mien.core.model.parts import REGIONS
from mien.core.modes import Timing
from mien.core.solve.motion import Motion, solve_take
from mien.core.texture.packed import pack
from mien.core.texture.sequence_folder import MARK, PICTURE, SkinSequence
from mien.scene.build import Built, build_scene
from mien.scene.exporting import export_things, family
from mien.scene.saving import save_file
from mien.scene.skin_sequence import NODE, STILL, time_sequence
from mien.scene.timing import Keying

from tests.conftest import made_take

COUNT, STEP = 8, 25
"""Pictures, and levels of grey from one to the next."""


def sequence_in(folder: Path) -> SkinSequence:
    folder.mkdir()
    for number in range(1, COUNT + 1):
        grey = np.full((16, 16, 3), STEP * number, np.uint8)
        (folder / PICTURE.format(number)).write_bytes(pack(grey).tobytes())
    (folder / MARK).write_text(json.dumps({"take": "made", "pictures": COUNT}))
    return SkinSequence(folder, COUNT)


@pytest.fixture
def motion(head: Head) -> Motion:
    return solve_take(made_take(head, COUNT))


def worn(scene: bpy.types.Scene, motion: Motion, head: Head, folder: Path, **how: object) -> Built:
    still = pack(np.full((16, 16, 3), 250, np.uint8))
    sequence = sequence_in(folder)
    return build_scene(scene, motion, head, texture=still, sequence=sequence, **how)


def shown_at(thing: bpy.types.Object, frames: list[int], path: Path) -> list[int]:
    """The numbers of the pictures that a render shows on skin and lips at some frames; 10 is the still one."""
    found = []
    for region in ("skin", "lips"):
        material = thing.data.materials[REGIONS.index(region)]
        tree = material.node_tree
        shader = next(n for n in tree.nodes if n.type == "BSDF_PRINCIPLED")
        out = next(n for n in tree.nodes if n.type == "OUTPUT_MATERIAL")
        glow = tree.nodes.new("ShaderNodeEmission")
        tree.links.new(shader.inputs["Base Color"].links[0].from_socket, glow.inputs["Color"])
        tree.links.new(glow.outputs[0], out.inputs["Surface"])
        scene = bpy.context.scene
        things = _screen(scene, material)
        scene.render.filepath = str(path / "seen.png")
        seen = []
        for frame in frames:
            scene.frame_set(frame)
            bpy.ops.render.render(write_still=True)
            seen.append(round(cv2.imread(scene.render.filepath)[2, 2].mean() / STEP))
        for one in things:
            bpy.data.objects.remove(one)
        tree.links.new(shader.outputs[0], out.inputs["Surface"])
        tree.nodes.remove(glow)
        found.append(seen)
    assert found[0] == found[1]
    return found[0]


def _screen(scene: bpy.types.Scene, material: bpy.types.Material) -> list[bpy.types.Object]:
    """A plane of a material, far from all else, and a camera before it through which the scene is rendered."""
    mesh = bpy.data.meshes.new("Plane")
    mesh.from_pydata([(-2, -2, 0), (2, -2, 0), (2, 2, 0), (-2, 2, 0)], [], [(0, 1, 2, 3)])
    mesh.uv_layers.new()
    mesh.materials.append(material)
    plane = bpy.data.objects.new("Plane", mesh)
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    plane.location, camera.location = (0, 0, -50), (0, 0, -48)
    for one in scene.objects:
        one.hide_render = True  # what nobody sees takes its time
    for one in (plane, camera):
        scene.collection.objects.link(one)
    scene.camera, scene.render.engine, scene.cycles.samples = camera, "CYCLES", 1
    scene.render.resolution_x = scene.render.resolution_y = 4
    scene.view_settings.view_transform = "Standard"
    scene.render.image_settings.file_format = "PNG"
    return [plane, camera]


def test_every_frame_shows_its_picture(
    scene: bpy.types.Scene, motion: Motion, head: Head, tmp_path: Path
) -> None:
    built = worn(scene, motion, head, tmp_path / "a.skin")
    frames = [-20, 0, 1, 2, 5, 8, 9, 40]
    assert shown_at(built.mesh, frames, tmp_path) == [1, 1, 1, 2, 5, 8, 8, 8]


@pytest.mark.parametrize(
    ("timing", "start", "frames", "pictures"),
    [
        (Timing.TIMES, 11.0, [10, 11, 12, 15, 16, 17, 30], [1, 1, 2, 6, 7, 8, 8]),
        (Timing.TIMES, 11.4, [11, 12, 14, 16], [1, 2, 4, 7]),
        (Timing.WHOLE, 11.0, [10, 11, 12, 15, 16], [1, 1, 2, 6, 7]),
        (Timing.ONE_BY_ONE, 11.0, [10, 11, 12, 15, 18, 19], [1, 1, 2, 5, 8, 8]),
    ],
)
def test_other_rates_and_starts_show_the_nearest_picture(
    scene: bpy.types.Scene, motion: Motion, head: Head, tmp_path: Path, timing: Timing,
    start: float, frames: list[int], pictures: list[int],
) -> None:  # fmt: skip
    scene.render.fps, scene.render.fps_base = 24, 1.0  # the motion has 30
    keying = Keying(timing=timing, start=start)
    built = worn(scene, motion, head, tmp_path / "a.skin", match=False, keying=keying)
    assert shown_at(built.mesh, frames, tmp_path) == pictures


def test_it_follows_a_head_that_is_keyed_anew(
    scene: bpy.types.Scene, motion: Motion, head: Head, tmp_path: Path
) -> None:
    built = worn(scene, motion, head, tmp_path / "a.skin")
    time_sequence(built.mesh, scene, motion.times, Keying(start=21.0))
    assert shown_at(built.mesh, [1, 21, 23, 60], tmp_path) == [1, 1, 3, 8]


def test_a_take_of_one_frame_shows_its_picture(
    scene: bpy.types.Scene, motion: Motion, head: Head, tmp_path: Path
) -> None:
    built = worn(scene, motion, head, tmp_path / "a.skin")
    time_sequence(built.mesh, scene, motion.times[:1], Keying())
    assert shown_at(built.mesh, [0, 1, 2, 3, 50], tmp_path) == [1] * 5


def test_a_saved_scene_can_be_moved_with_its_pictures(
    scene: bpy.types.Scene, motion: Motion, head: Head, tmp_path: Path
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    name = worn(scene, motion, head, here / "a.skin").mesh.name
    save_file(here / "a.blend")
    shutil.move(here, there)
    bpy.ops.wm.open_mainfile(filepath=str(there / "a.blend"))
    thing = bpy.data.objects[name]
    assert shown_at(thing, [1, 4, 8], tmp_path) == [1, 4, 8]
    skin = thing.data.materials[REGIONS.index("skin")].node_tree
    assert skin.nodes[NODE].image.filepath.startswith("//a.skin")
    assert skin.nodes.active == skin.nodes[NODE]  # what Solid mode shows by its texture
    assert skin.nodes[NODE].image_user.use_auto_refresh


def test_a_head_in_a_saved_file_names_its_pictures_by_where_they_lie_from_there(
    scene: bpy.types.Scene, motion: Motion, head: Head, tmp_path: Path
) -> None:
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "mine.blend"))
    built = worn(bpy.context.scene, motion, head, tmp_path / "a.skin")
    tree = built.mesh.data.materials[REGIONS.index("skin")].node_tree
    assert tree.nodes[NODE].image.filepath == f"//a.skin/{PICTURE.format(1)}"


def test_two_heads_have_their_own(
    scene: bpy.types.Scene, motion: Motion, head: Head, tmp_path: Path
) -> None:
    first = worn(scene, motion, head, tmp_path / "a.skin")
    other = worn(scene, motion, head, tmp_path / "b.skin", beside=first, keying=Keying(start=5.0))
    assert shown_at(first.mesh, [2, 6], tmp_path) == [2, 6]
    assert shown_at(other.mesh, [2, 6], tmp_path) == [1, 2]


@pytest.mark.parametrize("suffix", [".glb", ".fbx", ".usdc"])
def test_exported_files_carry_the_still_texture(
    scene: bpy.types.Scene, motion: Motion, head: Head, tmp_path: Path, suffix: str
) -> None:
    built = worn(scene, motion, head, tmp_path / "a.skin")
    out = tmp_path / "out"
    out.mkdir()
    said = export_things(out / f"a{suffix}", scene, family(built.mesh))
    assert [line for line in said if "still texture" in line]
    assert [p for p in out.rglob("*") if "skin_" in p.name] == []
    tree = built.mesh.data.materials[REGIONS.index("skin")].node_tree
    assert tree.nodes[NODE].image.source == "SEQUENCE"
    assert shown_at(built.mesh, [3], tmp_path) == [3]
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    if suffix == ".glb":
        bpy.ops.import_scene.gltf(filepath=str(out / "a.glb"))
        levels = [i.pixels[0] * 255 for i in bpy.data.images if tuple(i.size) == (16, 16)]
        assert levels
        assert min(levels) > 240


def test_pictures_that_are_gone_build_nothing(
    scene: bpy.types.Scene, motion: Motion, head: Head, tmp_path: Path
) -> None:
    still = pack(np.full((16, 16, 3), 250, np.uint8))
    gone = SkinSequence(tmp_path / "gone.skin", COUNT)
    with pytest.raises(MienError, match="is missing"):
        build_scene(scene, motion, head, texture=still, sequence=gone)
    assert not bpy.data.objects
    assert not bpy.data.actions


def test_the_still_texture_stays_at_hand(
    scene: bpy.types.Scene, motion: Motion, head: Head, tmp_path: Path
) -> None:
    built = worn(scene, motion, head, tmp_path / "a.skin")
    for region in ("skin", "lips"):
        tree = built.mesh.data.materials[REGIONS.index(region)].node_tree
        assert tree.nodes[STILL].image.packed_file is not None
        assert not tree.nodes[STILL].outputs["Color"].links
