# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user, or bad luck, does to a file between two operators."""

import random
import shutil
from pathlib import Path
from typing import Any

import bpy
from mien.scene.action import curves_of

USERS = "User's Own"


def prepare_scene(folder: Path) -> None:
    """A file with an animated object of the user's, a character and a captured head."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    bpy.ops.mesh.primitive_cube_add()
    cube = bpy.context.active_object
    cube.name = USERS
    for frame, x in ((1, 0.0), (20, 3.0)):
        cube.location.x = x
        cube.keyframe_insert("location", index=0, frame=frame)
    a_character(random.Random(0), folder)
    bpy.ops.mien.import_take(filepath=str(folder / "one.take.npz"), match=False)


def bystander() -> list[tuple[float, ...]] | None:
    """The keys of the user's own object; None while it is deleted."""
    cube = bpy.data.objects.get(USERS)
    if cube is None or cube.animation_data is None or cube.animation_data.action is None:
        return None
    return [tuple(p.co) for c in curves_of(cube) for p in c.keyframe_points]


def a_head(rng: random.Random, folder: Path) -> None:
    if bpy.context.object is not None:
        bpy.ops.object.mode_set(mode="OBJECT")
    bpy.ops.mien.import_take(filepath=str(folder / "one.take.npz"), match=rng.random() < 0.5)
    a_character(rng, folder)
    bpy.context.view_layer.objects.active = rng.choice(_heads())


def a_character(rng: random.Random, folder: Path) -> None:
    bpy.ops.mesh.primitive_monkey_add()
    for name in ("Basis", "jawOpen", "eyeBlinkLeft", "eyeBlinkRight", "mouthSmileLeft"):
        bpy.context.active_object.shape_key_add(name=name)
    bpy.context.scene.mien_character.target = bpy.context.active_object


def an_object_is_deleted(rng: random.Random, folder: Path) -> None:
    things = [o for o in bpy.data.objects if o.name != USERS]
    if things:
        bpy.data.objects.remove(rng.choice(things))


def everything_is_deleted(rng: random.Random, folder: Path) -> None:
    if rng.random() < 0.3:
        for thing in [o for o in bpy.data.objects if o.name != USERS]:
            bpy.data.objects.remove(thing)


def another_is_active(rng: random.Random, folder: Path) -> None:
    layer = bpy.context.view_layer
    things = [o for o in layer.objects if o is not None]  # there is a gap after a deletion
    layer.objects.active = rng.choice([None, *things])
    for thing in things:
        thing.select_set(rng.random() < 0.5)


def another_mode(rng: random.Random, folder: Path) -> None:
    bpy.ops.object.mode_set(mode=rng.choice(("OBJECT", "EDIT", "POSE", "SCULPT", "OBJECT")))


def back_to_object_mode(rng: random.Random, folder: Path) -> None:
    bpy.ops.object.mode_set(mode="OBJECT")


def undone(rng: random.Random, folder: Path) -> None:
    for _ in range(rng.randint(1, 3)):
        bpy.ops.ed.undo()


def redone(rng: random.Random, folder: Path) -> None:
    bpy.ops.ed.redo()


def a_step_is_kept(rng: random.Random, folder: Path) -> None:
    bpy.ops.ed.undo_push(message="walk")


def another_scene(rng: random.Random, folder: Path) -> None:
    if rng.random() < 0.4:
        bpy.ops.scene.new(type=rng.choice(("EMPTY", "NEW", "LINK_COPY", "FULL_COPY")))
    bpy.context.window.scene = rng.choice(list(bpy.data.scenes))


def a_scene_is_deleted(rng: random.Random, folder: Path) -> None:
    if len(bpy.data.scenes) > 1:
        bpy.data.scenes.remove(rng.choice(list(bpy.data.scenes)))


def _heads() -> list[Any]:
    return [o for o in bpy.data.objects if o.type == "ARMATURE" and o.mien.take]


def a_bone_is_renamed(rng: random.Random, folder: Path) -> None:
    bones = [b for a in bpy.data.armatures for b in a.bones]
    if bones:
        rng.choice(bones).name = "walk"


def a_shape_key_is_lost(rng: random.Random, folder: Path) -> None:
    meshes = [o for o in bpy.data.objects if o.type == "MESH" and o.data.shape_keys]
    if meshes:
        mesh = rng.choice(meshes)
        key = rng.choice(mesh.data.shape_keys.key_blocks)
        if rng.random() < 0.5:
            key.name = "walk"
        else:
            mesh.shape_key_remove(key)


def an_action_is_lost(rng: random.Random, folder: Path) -> None:
    actions = [a for a in bpy.data.actions if not a.name.startswith(USERS[:4])]
    if actions:
        bpy.data.actions.remove(rng.choice(actions))


def an_action_is_shared(rng: random.Random, folder: Path) -> None:
    things = [o for o in bpy.data.objects if o.animation_data and o.name != USERS]
    actions = [a for a in bpy.data.actions if not a.name.startswith(USERS[:4])]
    if things and actions:
        rng.choice(things).animation_data.action = rng.choice(actions)


def something_is_hidden(rng: random.Random, folder: Path) -> None:
    if not bpy.data.objects:
        return
    thing = rng.choice(list(bpy.data.objects))
    thing.hide_viewport = rng.random() < 0.5
    thing.hide_select = rng.random() < 0.3


def something_leaves_its_collection(rng: random.Random, folder: Path) -> None:
    if not bpy.data.objects:
        return
    thing = rng.choice(list(bpy.data.objects))
    for collection in thing.users_collection:
        collection.objects.unlink(thing)


def something_gets_another_parent(rng: random.Random, folder: Path) -> None:
    things = list(bpy.data.objects)
    if not things:
        return
    one, other = rng.choice(things), rng.choice(things)
    if USERS not in (one.name, other.name) and one != other and one not in other.children_recursive:
        one.parent = other


def another_character_is_chosen(rng: random.Random, folder: Path) -> None:
    things = [o for o in bpy.data.objects if o.type in {"MESH", "ARMATURE"} and o.name != USERS]
    chosen = bpy.context.scene.mien_character
    chosen.target = rng.choice([None, *things])
    chosen.map = rng.choice(("", "", str(folder / "map.toml"), str(folder / "damaged.csv")))
    chosen.guesses, chosen.head_motion = rng.random() < 0.5, rng.random() < 0.5


def settings_of_a_head_change(rng: random.Random, folder: Path) -> None:
    for rig in _heads()[:2]:
        settings = rig.mien
        name = rng.choice(settings.adjustable())
        if name == "neutral":
            settings.neutral = (rng.uniform(-1, 9), rng.uniform(-1, 9))
        elif settings.bl_rna.properties[name].type == "ENUM":
            items = settings.bl_rna.properties[name].enum_items
            setattr(settings, name, rng.choice([i.identifier for i in items]))
        elif settings.bl_rna.properties[name].type == "BOOLEAN":
            setattr(settings, name, rng.random() < 0.5)
        else:
            setattr(settings, name, rng.choice((0, 1, 3)))
        settings.fade = rng.random()


def settings_of_the_capture_change(rng: random.Random, folder: Path) -> None:
    settings = bpy.context.scene.mien
    settings.footage = rng.choice(("", str(folder / "face.mp4"), str(folder), "//gone.mp4"))
    settings.use_range, settings.start = True, rng.choice((0.0, 2.0, 100.0))
    settings.end = settings.start + rng.choice((0.1, 0.2, -1.0))
    settings.match, settings.use_first = rng.random() < 0.5, rng.random() < 0.5
    settings.first = rng.choice((1, 0, -50, 1000000))
    settings.refine = settings.texture = settings.sequence = rng.random() < 0.1
    settings.faces = rng.choice(("largest", "at", "all"))


def a_take_is_forgotten_or_another(rng: random.Random, folder: Path) -> None:
    for rig in _heads()[:1]:
        rig.mien.take = str(
            folder / rng.choice(("gone.npz", "other.take.npz", "damaged.mp4", "one.take.npz"))
        )


def another_take_in_its_place(rng: random.Random, folder: Path) -> None:
    shutil.copy(
        folder / rng.choice(("one.take.npz", "other.take.npz", "damaged.mp4")),
        folder / "two.take.npz",
    )


def another_frame_and_rate(rng: random.Random, folder: Path) -> None:
    scene = bpy.context.scene
    scene.render.fps = rng.choice((1, 24, 60, 120))
    scene.frame_start, scene.frame_end = rng.choice(((1, 20), (-10, 5), (1000, 1001)))
    scene.frame_set(rng.choice((1, 5, -20, 900)))


def no_camera(rng: random.Random, folder: Path) -> None:
    for camera in list(bpy.data.cameras)[:1]:
        bpy.data.cameras.remove(camera)


def saved_and_opened(rng: random.Random, folder: Path) -> None:
    path = str(folder / "walk.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)


def begun_anew(rng: random.Random, folder: Path) -> None:
    if rng.random() < 0.2:
        prepare_scene(folder)


STATES = (
    *[a_head] * 5,  # or there would seldom be one to work on
    a_character, an_object_is_deleted, everything_is_deleted, another_is_active, another_mode,
    back_to_object_mode, undone, redone, a_step_is_kept, another_scene, a_scene_is_deleted,
    a_bone_is_renamed, a_shape_key_is_lost, an_action_is_lost, an_action_is_shared,
    something_is_hidden, something_leaves_its_collection, something_gets_another_parent,
    another_character_is_chosen, settings_of_a_head_change, settings_of_the_capture_change,
    a_take_is_forgotten_or_another, another_take_in_its_place, another_frame_and_rate, no_camera,
    saved_and_opened, begun_anew,
)  # fmt: skip
