# SPDX-License-Identifier: GPL-3.0-or-later
"""Keyed means it moves: whatever held a character before, it plays the performance, or is refused."""

from collections.abc import Callable
from math import pi
from typing import Any

import bpy
import numpy as np
import pytest
from mien.avatar.retarget_file import retarget
from mien.core.errors import AvatarError
from mien.scene.action import curves_of

from .held_avatars import JAW, NEW_ONLY, SAID, jaw_curve
from .small_avatar import JAW as JAW_OPEN
from .small_avatar import Avatar, assert_plays, opened, performance, small_avatar, turned


def shown(it: Avatar) -> Avatar:
    """The character where it can be looked at: what is hidden or at rest on purpose may stay so."""
    for child in bpy.context.view_layer.layer_collection.children:
        child.exclude = False
    for thing in it:
        thing.hide_viewport = False
        for collection in thing.users_collection:
            collection.hide_viewport = False
    return it


@pytest.mark.parametrize("spoil", SAID)
def test_what_held_the_character_is_taken_away(spoil: Callable[[Avatar], None], scene: Any) -> None:
    it = small_avatar()
    spoil(it)
    done = retarget(scene, performance(), "Face")
    assert_plays(shown(it))
    assert SAID[spoil] in done.report()
    assert len(done.keyed.keys) == 52


@pytest.mark.parametrize("spoil", SAID)
def test_a_second_time_is_like_the_first(spoil: Callable[[Avatar], None], scene: Any) -> None:
    it = small_avatar()
    retarget(scene, performance(), "Face")
    if spoil not in NEW_ONLY:
        spoil(it)
    retarget(scene, performance(), "Face")
    assert_plays(shown(it))


def test_an_armature_whose_y_is_up_turns_about_its_own_axes(scene: Any) -> None:
    from mathutils import Matrix

    it = small_avatar()
    lay = Matrix.Rotation(-pi / 2, 4, "X")
    it.rig.data.transform(lay)
    it.rig.rotation_euler = (pi / 2, 0, 0)
    bpy.context.view_layer.update()
    retarget(scene, performance(), "Face")
    for frame, way in {11: (1, 0, 0), 21: (0, 1, 0), 31: (0, 0, 1)}.items():
        assert np.allclose(turned(it.rig, frame), np.radians(30) * np.array(way), atol=0.01)


def test_limits_of_a_rig_stay_and_are_told(scene: Any) -> None:
    it = small_avatar()
    limit = it.rig.pose.bones["head"].constraints.new("LIMIT_ROTATION")
    limit.use_limit_x = limit.use_limit_y = limit.use_limit_z = True
    limit.owner_space = "LOCAL"
    done = retarget(scene, performance(), "Face")
    assert not limit.mute
    assert "kept within their limits: head" in done.report()


def test_a_driven_bone_is_refused_by_name(scene: Any) -> None:
    it = small_avatar()
    head = it.rig.pose.bones["head"]
    head.rotation_mode = "XYZ"
    head.driver_add("rotation_euler", 0).driver.expression = "0"
    with pytest.raises(AvatarError, match="head: a driver moves it"):
        retarget(scene, performance(), "Face")


def test_a_face_that_nothing_would_move_is_refused(scene: Any) -> None:
    it = small_avatar()
    for number, key in enumerate(it.face.data.shape_keys.key_blocks[1:]):
        key.name = f"Fold {number}"
    with pytest.raises(AvatarError, match=r"Fold 0, Fold 1.*and 46 more"):
        retarget(scene, performance(), "Face")
    assert it.rig.animation_data is None
    for key in it.face.data.shape_keys.key_blocks[1:]:
        key.driver_add("value").driver.expression = "0"
    with pytest.raises(AvatarError, match="under drivers"):
        retarget(scene, performance(), "Face")


def test_a_second_mesh_with_numbered_keys_moves_too(scene: Any) -> None:
    it = small_avatar()
    teeth = it.face.copy()
    teeth.data = it.face.data.copy()
    scene.collection.objects.link(teeth)
    for key in teeth.data.shape_keys.key_blocks[1:]:
        key.name += ".001"
    retarget(scene, performance(), "Face")
    assert_plays(it)
    assert opened(teeth, it.rig, 21) == pytest.approx(JAW_OPEN, abs=0.01)


def test_what_a_slider_cuts_off_is_told(scene: Any) -> None:
    it = small_avatar()
    it.face.data.shape_keys.key_blocks["jawOpen"].slider_max = 0.5
    assert "ranges of their sliders: jawOpen" in retarget(scene, performance(), "Face").report()
    assert opened(*it, 21) == pytest.approx(0.5, abs=0.01)


def test_an_instance_of_a_collection_is_refused_by_name(scene: Any) -> None:
    it = small_avatar()
    inside = bpy.data.collections.new("Inside")
    for thing in it:
        inside.objects.link(thing)
        scene.collection.objects.unlink(thing)
    empty = bpy.data.objects.new("Instance", None)
    empty.instance_type, empty.instance_collection = "COLLECTION", inside
    scene.collection.objects.link(empty)
    for name in ("Instance", "Face"):
        with pytest.raises(AvatarError, match="library override, or real"):
            retarget(scene, performance(), name)


def test_what_keeps_its_own_group_and_other_curves(scene: Any) -> None:
    it = small_avatar()
    keys = it.face.data.shape_keys
    jaw_curve(it)
    extra = it.face.shape_key_add(name="Fat", from_mix=False)
    extra.keyframe_insert("value", frame=3)
    action = keys.animation_data.action
    retarget(scene, performance(), "Face")
    assert keys.animation_data.action == action
    assert {'key_blocks["Fat"].value', JAW} <= {c.data_path for c in curves_of(keys)}
