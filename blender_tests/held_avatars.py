# SPDX-License-Identifier: GPL-3.0-or-later
"""What may hold a character still: each function does it to one, :data:`SAID` is what is told of it."""

from collections.abc import Callable
from math import pi
from typing import Any

import bpy
from mien.scene.action import curves_of

from .small_avatar import Avatar

JAW = 'key_blocks["jawOpen"].value'


def jaw_curve(it: Avatar) -> Any:
    """A curve that somebody left on the jaw's key."""
    key = it.face.data.shape_keys.key_blocks["jawOpen"]
    key.keyframe_insert("value", frame=1, group="Mouth")
    return curves_of(it.face.data.shape_keys)[0]


def mute_keys(it: Avatar) -> None:
    for key in it.face.data.shape_keys.key_blocks[1:]:
        key.mute = True


def pin(it: Avatar) -> None:
    it.face.show_only_shape_key = True
    it.face.active_shape_key_index = 3


def make_absolute(it: Avatar) -> None:
    it.face.data.shape_keys.use_relative = False
    it.face.data.shape_keys.key_blocks["cheekPuff"].value = 1.0


def mute_curve(it: Avatar) -> None:
    jaw_curve(it).mute = True


def mute_group(it: Avatar) -> None:
    jaw_curve(it).group.mute = True


def add_noise(it: Avatar) -> None:
    jaw_curve(it).modifiers.new("NOISE").strength = 3.0


def bake_curve(it: Avatar) -> None:
    jaw_curve(it).convert_to_samples(1, 40)


def disable_curve(it: Avatar) -> None:
    jaw_curve(it).is_valid = False


def old_action(it: Avatar) -> Any:
    it.rig.pose.bones["head"].rotation_mode = "QUATERNION"
    it.rig.pose.bones["head"].keyframe_insert("rotation_quaternion", frame=1)
    return it.rig.animation_data


def solo_track(it: Avatar) -> None:
    data = old_action(it)
    track = data.nla_tracks.new()
    track.strips.new("Old", 1, bpy.data.actions.new("Old"))
    track.is_solo = True


def add_on_top(it: Avatar) -> None:
    data = old_action(it)
    strip = data.nla_tracks.new().strips.new("Below", 1, data.action)
    data.action = data.action.copy()
    strip.extrapolation = "HOLD"
    data.action_blend_type, data.action_influence = "ADD", 0.3


def tweak_strip(it: Avatar) -> None:
    data = old_action(it)
    track = data.nla_tracks.new()
    strip = track.strips.new("Tweaked", 50, data.action)
    data.action = None
    strip.select = track.select = True
    data.nla_tracks.active = track
    data.use_tweak_mode = True


def constrain_head(it: Avatar) -> None:
    target = bpy.data.objects.new("Target", None)
    bpy.context.scene.collection.objects.link(target)
    head = it.rig.pose.bones["head"]
    head.constraints.new("COPY_LOCATION").mute = True
    head.constraints.new("COPY_ROTATION").target = target
    head.constraints.new("LIMIT_SCALE")


def constrain_neck_by_a_chain(it: Avatar) -> None:
    target = bpy.data.objects.new("Target", None)
    target.location = (0.3, -0.2, 1.7)
    bpy.context.scene.collection.objects.link(target)
    chain = it.rig.pose.bones["head"].constraints.new("IK")
    chain.target, chain.chain_count = target, 2


def numbers(it: Avatar, value: float, top: float, scale: float) -> None:
    """Properties of the armature drive the keys."""
    keys = it.face.data.shape_keys
    for key in keys.key_blocks[1:]:
        it.rig[key.name] = value
        it.rig.id_properties_ui(key.name).update(min=type(value)(0), max=type(value)(top))
        driver = key.driver_add("value").driver
        variable = driver.variables.new()
        variable.name = "v"
        variable.targets[0].id = it.rig
        variable.targets[0].data_path = f'["{key.name}"]'
        driver.expression = f"v / {scale}"


def whole_numbers(it: Avatar) -> None:
    numbers(it, 0, 1, 1)


def whole_percents(it: Avatar) -> None:
    numbers(it, 0, 100, 100)


def percents(it: Avatar) -> None:
    numbers(it, 0.0, 100.0, 100)


def muted_drivers(it: Avatar) -> None:
    numbers(it, 0.0, 1.0, 1)
    for driver in it.face.data.shape_keys.animation_data.drivers:
        driver.mute = True


def rest_position(it: Avatar) -> None:
    it.rig.data.pose_position = "REST"


def edit(thing: Any) -> None:
    bpy.context.view_layer.objects.active = thing
    bpy.ops.object.mode_set(mode="EDIT")


def move_into(name: str, it: Avatar) -> bpy.types.Collection:
    made = bpy.data.collections.new(name)
    bpy.context.scene.collection.children.link(made)
    for thing in it:
        made.objects.link(thing)
        bpy.context.scene.collection.objects.unlink(thing)
    return made


def hide(it: Avatar) -> None:
    hidden = move_into("Hidden", it)
    it.face.hide_viewport = True
    hidden.hide_viewport = True


def lie(it: Avatar) -> None:
    it.rig.rotation_euler = (-pi / 2, 0.3, 0)
    bpy.context.view_layer.update()


def stand_on_the_head(it: Avatar) -> None:
    it.rig.rotation_euler = (pi, 0, 0)
    bpy.context.view_layer.update()


def sit_in_a_tilted_seat(it: Avatar) -> None:
    seat = bpy.data.objects.new("Seat", None)
    bpy.context.scene.collection.objects.link(seat)
    seat.rotation_euler, seat.scale = (pi / 3, 0, pi / 2), (2, 2, 2)
    it.rig.parent = seat
    bpy.context.view_layer.update()


def empty_action(it: Avatar) -> None:
    for block in (it.rig, it.face.data.shape_keys):
        block.animation_data_create().action = bpy.data.actions.new("Empty")


def rename(it: Avatar) -> None:
    for number, key in enumerate(it.face.data.shape_keys.key_blocks[1:]):
        key.name = f"{key.name}.{number % 3 + 1:03d}"


def leave_an_old_rig(it: Avatar) -> None:
    armature = bpy.data.armatures.new("Old Rig")
    old = bpy.data.objects.new("Old Rig", armature)
    bpy.context.scene.collection.objects.link(old)
    modifier = it.face.modifiers.new("Old", "ARMATURE")
    modifier.object = old
    modifier.show_viewport = False
    it.face.modifiers.move(1, 0)


def exclude(it: Avatar) -> None:
    move_into("Excluded", it)
    for thing in it:
        thing.hide_render = True
    bpy.context.view_layer.layer_collection.children["Excluded"].exclude = True


def leave_an_old_rig_switched_on(it: Avatar) -> None:
    """A rig of the same bones that is in no scene any more; its modifier does nothing that is seen."""
    old = it.rig.copy()
    old.data = it.rig.data.copy()
    it.face.modifiers.new("Old", "ARMATURE").object = old
    it.face.modifiers.move(1, 0)


SAID: dict[Callable[[Avatar], None], str] = {
    mute_keys: "muted keys act again",
    pin: "pinned keys let go",
    make_absolute: "absolute keys made relative",
    mute_curve: "muted curves act again",
    mute_group: "muted curves act again",
    add_noise: "curve modifiers removed",
    bake_curve: "",
    disable_curve: "",
    solo_track: "tracks no longer solo",
    add_on_top: "actions moved to a track of their own",
    tweak_strip: "strips no longer tweaked",
    constrain_head: "constraints switched off: Copy Rotation of head",
    constrain_neck_by_a_chain: "constraints switched off: IK of head",
    whole_numbers: "whole numbers turned into fractions",
    whole_percents: "whole numbers turned into fractions",
    percents: "",
    muted_drivers: "",
    rest_position: "rest position left",
    lambda it: edit(it.rig): "",
    lambda it: edit(it.face): "",
    hide: "",
    lie: "",
    stand_on_the_head: "",
    sit_in_a_tilted_seat: "",
    empty_action: "",
    rename: "",
    leave_an_old_rig: "",
    exclude: "",
    leave_an_old_rig_switched_on: "",
}

NEW_ONLY = (
    empty_action,
    whole_numbers,
    whole_percents,
    percents,
    mute_group,
    leave_an_old_rig_switched_on,
)
"""What can only befall a character that was not keyed yet."""
