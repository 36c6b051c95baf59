# SPDX-License-Identifier: GPL-3.0-or-later
"""A head of Mien's own is keyed so that it moves: whatever held it, whoever shares its data."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import bpy
import numpy as np
import pytest
from mien.core.errors import MienError
from mien.core.model.head import Head
from mien.core.performance.performance import Performance
from mien.core.performance.performance_to_motion import performance_to_motion
from mien.core.solve.motion import Motion
from mien.scene.action import curves_of
from mien.scene.build import Built, build_scene
from mien.scene.changes import Changes
from mien.scene.keying import key_motion

from .small_avatar import JAW, performance, turned


@pytest.fixture
def motion(head: Head) -> Motion:
    return seen_from_a_metre(performance(), head)


def seen_from_a_metre(played: Performance, head: Head) -> Motion:
    """A performance as a motion before a camera."""
    away = np.full_like(played.translation, (0.0, 0.0, -1.0))
    return performance_to_motion(replace(played, translation=away), head)


@pytest.fixture
def built(scene: Any, motion: Motion, head: Head) -> Built:
    return build_scene(scene, motion, head)


def jaw(mesh: Any, frame: int) -> float:
    """How far the lower lip is seen to go down, metres."""
    keys = mesh.data.shape_keys.key_blocks
    wide = np.empty((2, len(mesh.data.vertices), 3), np.float32)
    for values, name in zip(wide, ("Basis", "jawOpen"), strict=True):
        keys[name].data.foreach_get("co", values.ravel())
    lowest = int((wide[1] - wide[0])[:, 2].argmin())
    seen = []
    for at in (1, frame):
        bpy.context.scene.frame_set(at)
        graph = bpy.context.evaluated_depsgraph_get()
        for modifier in mesh.modifiers:
            modifier.show_viewport = False
        seen.append(np.array(mesh.evaluated_get(graph).data.vertices[lowest].co))
    return float(np.linalg.norm(seen[1] - seen[0]) / np.linalg.norm((wide[1] - wide[0])[lowest]))


def pin(it: Built) -> None:
    it.mesh.show_only_shape_key = True


def mute_curve(it: Built) -> None:
    for curve in curves_of(it.mesh.data.shape_keys):
        curve.mute = True


def add_noise(it: Built) -> None:
    for block in (it.rig, it.mesh.data.shape_keys):
        for curve in curves_of(block):
            curve.modifiers.new("NOISE").strength = 2.0


def solo_track(it: Built) -> None:
    for block in (it.rig, it.mesh.data.shape_keys):
        block.animation_data.nla_tracks.new().is_solo = True


def constrain(it: Built) -> None:
    it.rig.pose.bones["head"].constraints.new("COPY_ROTATION").target = it.camera


def rest(it: Built) -> None:
    it.rig.data.pose_position = "REST"


def absolute(it: Built) -> None:
    it.mesh.data.shape_keys.use_relative = False


def edit(it: Built) -> None:
    bpy.context.view_layer.objects.active = it.mesh
    bpy.ops.object.mode_set(mode="EDIT")


@pytest.mark.parametrize(
    "spoil", [pin, mute_curve, add_noise, solo_track, constrain, rest, absolute, edit]
)
def test_what_held_the_head_is_taken_away(
    spoil: Callable[[Built], None], built: Built, motion: Motion, scene: Any
) -> None:
    before = turned(built.rig, 21)
    identity = [k.value for k in built.mesh.data.shape_keys.key_blocks if "identity" in k.name]
    spoil(built)
    changes = Changes()
    key_motion(scene, motion, built.mesh, built.rig, built.stand, changes=changes)
    assert changes.lines() or spoil is edit
    assert np.linalg.norm(before) == pytest.approx(np.radians(30), abs=0.01)
    assert np.allclose(turned(built.rig, 21), before, atol=1e-3)
    assert jaw(built.mesh, 21) == pytest.approx(JAW, abs=0.02)
    keys = built.mesh.data.shape_keys.key_blocks
    assert [k.value for k in keys if "identity" in k.name] == identity


def test_a_driven_key_is_named(built: Built, motion: Motion, scene: Any) -> None:
    key = built.mesh.data.shape_keys.key_blocks["jawOpen"]
    key.driver_add("value").driver.expression = "0.1"
    with pytest.raises(MienError, match="jawOpen: a driver moves it"):
        key_motion(scene, motion, built.mesh, built.rig, built.stand)


def test_a_copy_that_shares_mesh_and_action_stays_as_it_is(
    built: Built, head: Head, scene: Any
) -> None:
    rig, mesh = built.rig.copy(), built.mesh.copy()
    for thing in (rig, mesh):
        scene.collection.objects.link(thing)
    mesh.parent, mesh.modifiers["Armature"].object = rig, rig
    played = performance()
    played.rotation[:], played.blendshapes[:] = played.rotation[0], 0
    still = seen_from_a_metre(played, head)
    key_motion(scene, still, built.mesh, built.rig, built.stand)
    assert np.linalg.norm(turned(built.rig, 21)) < 0.01
    assert np.linalg.norm(turned(rig, 21)) == pytest.approx(np.radians(30), abs=0.01)
    assert jaw(built.mesh, 21) < 0.02
    assert jaw(mesh, 21) == pytest.approx(JAW, abs=0.02)


def test_keys_and_rig_keep_actions_of_their_own(built: Built, motion: Motion, scene: Any) -> None:
    keys = built.mesh.data.shape_keys
    own = keys.animation_data.action.copy()
    keys.animation_data.action = own
    key_motion(scene, motion, built.mesh, built.rig, built.stand)
    assert keys.animation_data.action == own
    assert built.rig.animation_data.action != own
