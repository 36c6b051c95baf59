# SPDX-License-Identifier: GPL-3.0-or-later
"""Which head a take moves in the window, and what its sliders say when they cannot act."""

from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from mien.core.errors import MienError
from mien.scene.action import curves_of

from .test_window import rig, translate, values, window  # noqa: F401


@pytest.fixture
def mesh(rig: Any) -> Any:  # noqa: F811
    return rig.mien.mesh


def test_the_head_itself_is_keyed_and_not_a_copy_of_it(rig: Any, mesh: Any) -> None:  # noqa: F811
    from mien.window.state.scene_lookup import mesh_of

    spare = mesh.copy()
    spare.name = "A Spare"
    spare.data = mesh.data.copy()
    bpy.context.scene.collection.objects.link(spare)
    assert spare.parent == rig
    assert mesh_of(rig) == mesh
    empty = bpy.data.objects.new("Turntable", None)
    bpy.context.scene.collection.objects.link(empty)
    mesh.parent = empty
    assert mesh_of(rig) == mesh
    bpy.data.objects.remove(spare)
    bpy.data.objects.remove(mesh)
    assert mesh_of(rig) is None


def test_a_take_that_was_moved_and_renamed_is_known_by_its_id(rig: Any, tmp_path: Path) -> None:  # noqa: F811
    from mien.core.take.take import part_of
    from mien.core.take.take_file import load_take, save_take
    from mien.window.state.take_place import take_file

    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    take = Path(rig.mien.take)
    save_take(part_of(load_take(take), 0.3), tmp_path / "a_shorter_one.npz")
    (tmp_path / "no_take.npz").write_bytes(b"PK")
    take.rename(tmp_path / "renamed.npz")
    assert take_file(rig) == tmp_path / "renamed.npz"
    before = values(rig)
    rig.mien.smoothing = 0.9
    assert values(rig) != before
    (tmp_path / "renamed.npz").unlink()
    assert take_file(rig) == take  # it is the missing one that is named


def test_a_slider_keeps_the_times_of_keys_in_a_scene_of_another_rate(rig: Any) -> None:  # noqa: F811
    from mien.core.take.take_file import load_take

    render = bpy.context.scene.render
    render.fps, render.fps_base = 60, 1.0
    rig.mien.smoothing = 0.9
    frames = [point.co.x for point in curves_of(rig)[0].keyframe_points]
    times = load_take(Path(rig.mien.take)).times
    assert np.allclose(np.subtract(frames, frames[0]), (times - times[0]) * 60, atol=2e-2)


def test_a_head_that_was_duplicated_moves_its_own_mesh(rig: Any, mesh: Any) -> None:  # noqa: F811
    from mien.window.state.scene_lookup import mesh_of

    for thing in (rig, mesh):
        thing.select_set(True)
    bpy.ops.object.duplicate()
    other = next(o for o in bpy.context.selected_objects if o.type == "ARMATURE")
    assert mesh_of(other) != mesh
    before = values(rig)
    other.mien.mouth = 0.0
    assert values(rig) == before
    assert values(other) != before


def test_sliders_say_why_they_cannot_act(rig: Any, mesh: Any) -> None:  # noqa: F811
    from mien.window.operators import adjust
    from mien.window.state.scene_lookup import refusal

    assert refusal(rig) == ""
    keys = mesh.data.shape_keys.key_blocks
    keys["jawOpen"].name = "Jaw"
    assert "lacks jawOpen" in refusal(rig)
    before = values(rig)
    rig.mien.smoothing = 0.9
    assert "lacks jawOpen" in adjust.problem(rig)
    assert adjust.problem(mesh) == ""  # it is not of another head
    assert values(rig) == before
    keys["Jaw"].name = "jawOpen"
    mesh.show_only_shape_key = True
    rig.mien.smoothing = 0.5
    assert adjust.problem(rig) == ""
    assert adjust.changed(rig) == ("pinned keys let go: Mien Head",)
    assert values(rig) != before


@pytest.mark.parametrize("override", [False, True])
def test_a_head_of_another_file_is_refused(rig: Any, override: bool, tmp_path: Path) -> None:  # noqa: F811
    from mien.window.state import heads
    from mien.window.state.scene_lookup import refusal

    collection = rig.users_collection[0].name
    library = tmp_path / "library.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(library))
    bpy.ops.wm.read_homefile(use_empty=True)
    with bpy.data.libraries.load(str(library), link=True) as (_, wanted):
        wanted.collections = [collection]
    made = wanted.collections[0]
    if override:
        scene, layer = bpy.context.scene, bpy.context.view_layer
        made = made.override_hierarchy_create(scene, layer, do_fully_editable=True)
    if made.name not in bpy.context.scene.collection.children:
        bpy.context.scene.collection.children.link(made)
    linked = next(o for o in made.all_objects if o.type == "ARMATURE")
    assert "comes from another file" in refusal(linked)
    with pytest.raises(MienError, match="comes from another file"):
        heads.key_again(linked, bpy.context.scene)


def test_what_was_keyed_onto_a_character_in_vain_can_be_undone(rig: Any) -> None:  # noqa: F811
    bpy.ops.mesh.primitive_cube_add()
    cube = bpy.context.active_object
    cube.shape_key_add(name="Basis")
    cube.shape_key_add(name="Fold")
    bpy.context.view_layer.objects.active = rig
    bpy.context.scene.mien_character.target = cube
    assert "No name of Cube's keys (Fold)" in translate(bpy.ops.mien.retarget)
