# SPDX-License-Identifier: GPL-3.0-or-later
"""An action of a data-block's own, on top of whatever else moves it: keys in it act, and on nothing else."""

from collections.abc import Collection
from typing import TYPE_CHECKING

import bpy
from bpy.types import ID, Action, AnimData, Object

from ..core.errors import MienError
from .changes import Changes
from .typed import animation_of, mesh_data, present

if TYPE_CHECKING:
    from bpy.types import ActionSlot  # from Blender 4.4 on

SLOTS = bpy.app.version >= (4, 4, 0)
"""Actions have slots since Blender 4.4."""


def make_editable(block: ID, changes: Changes) -> None:
    """Make sure that what is keyed on a data-block is there after the file was saved.

    Raises:
        MienError: it belongs to another file.
    """
    if block.library is not None:
        raise MienError(
            f"{block.name} is linked from {block.library.filepath} and cannot be keyed here; make a library "
            "override of it (Object > Library Override > Make), or key it in its own file."
        )
    override = block.override_library
    if override is not None and override.is_system_override:
        override.is_system_override = False
        changes.add("library overrides made editable", block.name)


def own_mesh(thing: Object, family: Collection[Object], changes: Changes) -> None:
    """Give an object a mesh of this file that no other character shows, so that its keys move it alone.

    Args:
        thing: whose shape keys are to be keyed.
        family: objects of the same character, which go on sharing the mesh.
        changes: told if the mesh was copied.

    Raises:
        MienError: the object belongs to another file.
    """
    make_editable(thing, changes)
    mesh = mesh_data(thing)
    shared = any(o.data == mesh and o not in family for o in bpy.data.objects)
    if mesh.library is None and not shared:
        return
    copy = mesh.copy()
    for one in family:
        if one.data == mesh and one.library is None:
            one.data = copy
    what = "linked meshes copied into the file" if mesh.library else "shared meshes copied"
    changes.add(what, thing.name)


def own_action(block: ID, changes: Changes) -> Action | None:
    """The action that moves a data-block and nothing else, acting fully; None if it has none.

    A shared or linked action is copied. Where tracks of the nonlinear animation lie under an action
    that only adds to them, it becomes the uppermost track. A solo track, or one being tweaked, is let go.
    """
    data = present(animation_of(block))
    if data.use_tweak_mode:
        data.use_tweak_mode = False
        changes.add("strips no longer tweaked", block.name)
    for track in data.nla_tracks:
        if track.is_solo:
            track.is_solo = False
            changes.add("tracks no longer solo", f"{track.name} of {block.name}")
    if data.action is None:
        return None
    partial = data.action_influence < 1 or data.action_blend_type != "REPLACE"
    if partial and data.nla_tracks and data.use_nla:
        _push_down(data)
        changes.add("actions moved to a track of their own", block.name)
        return None
    if data.action.library is not None or _moves_others(data.action, block):
        _copy(data)
        changes.add("shared actions copied", block.name)
    return data.action


def _push_down(data: AnimData) -> None:
    """Make the action a strip on the uppermost track, acting as it does."""
    action, slot = present(data.action), data.action_slot if SLOTS else None
    track = data.nla_tracks.new()
    track.name = action.name
    strip = track.strips.new(action.name, int(action.frame_range[0]), action)
    strip.frame_start = action.frame_range[0]
    if slot is not None:
        strip.action_slot = slot
    strip.blend_type, strip.influence = data.action_blend_type, data.action_influence
    strip.extrapolation = data.action_extrapolation
    data.action = None
    data.action_blend_type, data.action_influence = "REPLACE", 1.0


def _moves_others(action: Action, block: ID) -> bool:
    """Whether keys for a block in its action would move anything else, or be seen in a strip."""
    if action.users - action.use_fake_user <= 1:
        return False
    slot = _handle(present(animation_of(block)))
    return any(
        (user != block and _uses(user, action, slot)) or _in_strip(user, action, slot)
        for user in bpy.data.user_map(subset={action})[action]
    )


def _uses(user: ID, action: Action, slot: int) -> bool:
    if not hasattr(user, "animation_data"):  # an editor that shows it
        return False
    data = animation_of(user)
    if data is None:  # something inside it does
        return True
    if data.action != action:
        return not any(s.action == action for t in data.nla_tracks for s in t.strips)
    return not SLOTS or _handle(data) == slot


def _in_strip(user: ID, action: Action, slot: int) -> bool:
    data = animation_of(user)
    strips = [] if data is None else [s for t in data.nla_tracks for s in t.strips]
    return any(s.action == action and (not SLOTS or s.action_slot_handle == slot) for s in strips)


def _handle(data: AnimData) -> int:
    return int(data.action_slot_handle) if SLOTS else 0


def _copy(data: AnimData) -> None:
    handle = _handle(data)
    copy: Action = present(data.action).copy()
    data.action = copy
    if SLOTS:
        data.action_slot = _slot(copy, handle)


def _slot(action: Action, handle: int) -> "ActionSlot | None":
    return next((s for s in action.slots if s.handle == handle), None)
