# SPDX-License-Identifier: GPL-3.0-or-later
"""What characters share with others and with other files: nobody else moves, and what is saved moves."""

from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from mien.avatar.retarget_file import retarget, retarget_file
from mien.core.errors import MienError

from .small_avatar import Avatar, assert_plays, opened, performance, small_avatar, turned


def still(it: Avatar) -> bool:
    """Whether a character does nothing."""
    return all(
        np.allclose(turned(it.rig, f), 0, atol=1e-4) and opened(*it, f) < 1e-3 for f in (11, 21, 31)
    )


def two() -> tuple[Avatar, Avatar]:
    """The character and its twin, two metres beside it."""
    it, twin = small_avatar(), small_avatar("Twin")
    twin.rig.location.x = 2
    return it, twin


def share_action(it: Avatar, twin: Avatar) -> None:
    """One action and one slot for both, as duplicating an object leaves it."""
    blocks = [(one.rig, one.face.data.shape_keys) for one in (it, twin)]
    for mine, other in zip(*blocks, strict=True):
        path = "location" if mine == it.rig else 'key_blocks["cheekPuff"].value'
        mine.keyframe_insert(path, frame=1)
        data = other.animation_data_create()
        data.action = mine.animation_data.action
        if bpy.app.version >= (4, 4, 0):
            data.action_slot = mine.animation_data.action_slot


def test_a_twin_on_the_same_action_stays_still(scene: Any) -> None:
    it, twin = two()
    share_action(it, twin)
    action = twin.rig.animation_data.action
    assert "shared actions copied" in retarget(scene, performance(), "Face").report()
    assert_plays(it)
    assert still(twin)
    assert twin.rig.animation_data.action == action
    again = retarget(scene, performance(), "Face")
    assert "copied" not in again.report()  # it has its own now
    assert_plays(it)
    assert still(twin)


def test_a_strip_of_the_same_action_stays_as_it_was(scene: Any) -> None:
    it, twin = two()
    it.rig.keyframe_insert("location", frame=1)
    action = it.rig.animation_data.action
    strip = twin.rig.animation_data_create().nla_tracks.new().strips.new("Walk", 1, action)
    if bpy.app.version >= (4, 4, 0):
        strip.action_slot = it.rig.animation_data.action_slot
    retarget(scene, performance(), "Face")
    assert_plays(it)
    assert still(twin)


@pytest.mark.skipif(bpy.app.version < (4, 4, 0), reason="slots came with Blender 4.4")
def test_an_action_with_a_slot_for_each_is_not_copied(scene: Any) -> None:
    it, twin = two()
    it.rig.keyframe_insert("location", frame=1)
    action = it.rig.animation_data.action
    twin.rig.animation_data_create().action = action
    twin.rig.animation_data.action_slot = action.slots.new(id_type="OBJECT", name="Twin")
    retarget(scene, performance(), "Face")
    assert it.rig.animation_data.action == action
    assert_plays(it)
    assert still(twin)


def test_a_twin_with_the_same_mesh_stays_still(scene: Any) -> None:
    it, twin = two()
    twin.face.data = it.face.data
    assert "shared meshes copied: Face" in retarget(scene, performance(), "Face").report()
    assert_plays(it)
    assert still(twin)


def test_one_mesh_in_two_objects_of_a_character_goes_on_being_one(scene: Any) -> None:
    it = small_avatar()
    other = it.face.copy()
    scene.collection.objects.link(other)
    retarget(scene, performance(), "Face")
    assert other.data == it.face.data
    assert_plays(it)


@pytest.fixture
def library(tmp_path: Path, scene: Any) -> Path:
    """A file with the character in a collection of its own."""
    it = small_avatar()
    it.rig["jawOpen"] = 0
    target = bpy.data.objects.new("Target", None)
    character = bpy.data.collections.new("Character")
    scene.collection.children.link(character)
    scene.collection.objects.link(target)
    it.rig.pose.bones["head"].constraints.new("COPY_ROTATION").target = target
    for thing in (*it, target):
        character.objects.link(thing)
        scene.collection.objects.unlink(thing)
    path = tmp_path / "library.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    return path


def link(library: Path) -> Any:
    """The character's collection, linked."""
    with bpy.data.libraries.load(str(library), link=True) as (_, wanted):
        wanted.collections = ["Character"]
    bpy.context.scene.render.fps = 24
    return wanted.collections[0]


def test_a_linked_character_is_refused_and_nothing_is_written(
    library: Path, tmp_path: Path
) -> None:
    bpy.context.scene.collection.children.link(link(library))
    with pytest.raises(MienError, match=r"is linked from .*library override"):
        retarget_file(performance(), "Face", tmp_path / "out.blend")
    assert not (tmp_path / "out.blend").exists()


@pytest.mark.parametrize("editable", [False, True])
def test_an_overridden_character_moves_after_the_file_was_saved(
    editable: bool, library: Path, tmp_path: Path
) -> None:
    layer = bpy.context.view_layer
    made = link(library).override_hierarchy_create(
        bpy.context.scene, layer, do_fully_editable=editable
    )
    if made.name not in bpy.context.scene.collection.children:
        bpy.context.scene.collection.children.link(made)
    before = library.read_bytes()
    done = retarget_file(performance(), "Face", tmp_path / "out.blend")
    assert ("library overrides made editable" in done.report()) != editable
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "out.blend"))
    things = bpy.context.scene.objects
    assert_plays(Avatar(things["Face"], things["Rig"]))
    assert library.read_bytes() == before


def test_whole_numbers_of_another_file_are_refused(library: Path, tmp_path: Path) -> None:
    bpy.ops.wm.open_mainfile(filepath=str(library))
    keys = bpy.data.objects["Face"].data.shape_keys
    for key in keys.key_blocks[1:]:
        bpy.data.objects["Rig"][key.name] = 0
        key.driver_add("value").driver.expression = "0"
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    made = link(library).override_hierarchy_create(
        bpy.context.scene, bpy.context.view_layer, do_fully_editable=True
    )
    if made.name not in bpy.context.scene.collection.children:
        bpy.context.scene.collection.children.link(made)
    with pytest.raises(MienError, match="whole numbers only, and comes from another file"):
        retarget_file(performance(), "Face", tmp_path / "out.blend")
