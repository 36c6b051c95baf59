# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes animated heads and avatars as glTF, FBX and USD, by Blender's own exporters."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import bpy
from bpy.types import Object, Scene

from ..core.errors import MienError
from ..core.outputs import check_outputs
from ..core.writing import whole_file
from .acting import as_in_viewport, as_posed, without_muted
from .action import curves_of
from .applying import with_modifiers
from .changes import Changes
from .export_check import check_export
from .plain_shading import plain_shading
from .retime_for_export import grid_for, whole_frames
from .skin_sequence import still_skin
from .typed import has_keys, keys_of, layer_of, loose


def _gltf(path: str) -> set[str]:
    said: set[str] = loose(bpy.ops.export_scene).gltf(
        filepath=path,
        export_format="GLB",
        use_selection=True,
        export_animation_mode="ACTIVE_ACTIONS",
        export_force_sampling=True,
        export_optimize_animation_size=False,
        export_frame_range=True,
        export_skins=True,
        export_morph=True,
        export_apply=False,
    )
    return said


def _fbx(path: str) -> set[str]:
    said: set[str] = loose(bpy.ops.export_scene).fbx(
        filepath=path,
        use_selection=True,
        object_types={"ARMATURE", "MESH", "EMPTY"},
        use_mesh_modifiers=False,
        add_leaf_bones=False,
        bake_anim_use_all_actions=False,
        bake_anim_use_nla_strips=False,
        bake_anim_simplify_factor=0.0,
        path_mode="COPY",
        embed_textures=True,
    )
    return said


def _usd(path: str) -> set[str]:
    said: set[str] = loose(bpy.ops.wm).usd_export(
        filepath=path,
        selected_objects_only=True,
        export_animation=True,
        export_armatures=True,
        export_shapekeys=True,
        only_deform_bones=False,
        convert_world_material=False,  # the world is not asked for, and would be a picture beside
    )
    return said


WRITERS: dict[str, Callable[[str], set[str]]] = {
    ".glb": _gltf, ".fbx": _fbx, ".usd": _usd, ".usda": _usd, ".usdc": _usd,
}  # fmt: skip
FBX_FIRST = 1
"""Blender puts time zero of an FBX file on this frame when it reads one."""


def export_things(path: Path, scene: Scene, things: Sequence[Object]) -> list[str]:
    """Write objects with all that moves them; the scene is left as it was.

    What is seen is carried: muted keys are left out, modifiers of the viewport are applied to a copy.

    Every key is written, those between frames of the scene too, and none moves against another.
    Read back into Blender, keys lie on the frames that they had. In an FBX file the scene's first
    frame is at time zero; in a glTF file it is there only where keys lie between frames.

    Args:
        path: of the file, whose ending says the format (:data:`WRITERS`); an older one stays until
            the new one is whole.
        scene: that the objects are in.
        things: see :func:`family`.

    Returns:
        What the file has otherwise than the viewport shows it, or not at all; a line for each kind.

    Raises:
        MienError: an object cannot be exported, or the file cannot be written.
    """
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise MienError(f"{path} is of no known kind; let it end in {', '.join(WRITERS)}.")
    check_outputs([path], [Path(bpy.data.filepath)] if bpy.data.filepath else [])
    changes = Changes()
    grid = grid_for(scene, things)
    first = scene.frame_start
    if writer is _fbx:
        first -= FBX_FIRST
    elif writer is _gltf and grid.factor != 1:
        first = 0
    with (
        _selected(scene, things),
        still_skin(things, changes),
        plain_shading(things, pictures=writer is not _usd),
        as_posed(things, changes),
        without_muted(things, changes),
        with_modifiers(things, changes),
        as_in_viewport(things),
        whole_frames(scene, things, grid, first),
        whole_file(path, check=partial(check_export, path=path)) as part,
    ):
        try:
            if writer(str(part)) != {"FINISHED"}:
                raise MienError(f"{path} cannot be written; choose another folder.")
        except AttributeError as error:
            if "could not be found" not in str(error):
                raise
            raise MienError(
                f"This Blender cannot write {path.suffix} files (it was built without, or the add-on is "
                "off); choose another format."
            ) from error
        except RuntimeError as error:  # a whole traceback; its last line says what was wrong
            said = str(error).partition("\nLocation:")[0].strip().splitlines() or [""]
            raise MienError(
                f"{path} cannot be written ({said[-1]}); free some space or choose another folder."
            ) from error
    return changes.lines()


def family(thing: Object) -> list[Object]:
    """An object with what moves it and what moves along: its armatures, parents, their children.

    What is hidden is left out, but for armatures: many keep theirs hidden.
    """
    found: dict[Object, None] = {}
    met: set[Object] = set()
    waiting = [thing]
    while waiting:
        one = waiting.pop()
        if one in met or one.type not in {"MESH", "ARMATURE", "EMPTY"}:
            continue
        met.add(one)
        if one is thing or one.type == "ARMATURE" or one.visible_get():
            found[one] = None
        waiting += [
            loose(m).object for m in one.modifiers if m.type == "ARMATURE" and loose(m).object
        ]
        waiting += [one.parent] if one.parent else []
        waiting += one.children
    return list(found)


def find_thing(scene: Scene, name: str | None = None) -> Object:
    """The object with a name, or the one animated face of the scene.

    Raises:
        MienError: there is no such object, or more than one face.
    """
    if name is not None:
        thing = scene.objects.get(name)
        if thing is None:
            raise MienError(
                f"There is no object named {name} in the scene; it has "
                f"{', '.join(sorted(o.name for o in scene.objects)) or 'none'}."
            )
        return thing
    faces = [
        o for o in scene.objects if has_keys(o)
        and curves_of(keys_of(o))
    ]  # fmt: skip
    if len(faces) == 1:
        return faces[0]
    if not faces:
        raise MienError("There is no mesh with animated shape keys in the scene; name an object.")
    raise MienError(
        f"There are several animated faces ({', '.join(f.name for f in faces)}); name one of them."
    )


@contextmanager
def _selected(scene: Scene, things: Sequence[Object]) -> Iterator[None]:
    layer = scene.view_layers[0] if bpy.context.scene != scene else layer_of(bpy.context)
    before = {o: o.select_get(view_layer=layer) for o in layer.objects}
    active = layer.objects.active
    hidden = [o for o in things if o.type == "ARMATURE" and not o.visible_get()]
    shut = [(o, o.hide_get(), o.hide_viewport) for o in hidden if o.name in layer.objects]
    for thing, *_ in shut:
        thing.hide_viewport = False
        thing.hide_set(False)
    try:
        missing = [o.name for o in things if o.name not in layer.objects or not o.visible_get()]
        if missing:
            raise MienError(f"{missing[0]} is hidden; show it in the viewport and export again.")
        if active is not None and active.mode != "OBJECT":
            bpy.ops.object.mode_set(mode="OBJECT")
        for thing in layer.objects:
            thing.select_set(thing in things, view_layer=layer)
        layer.objects.active = things[0]
        yield
    finally:
        for thing, selected in before.items():
            thing.select_set(selected, view_layer=layer)
        layer.objects.active = active
        for thing, eye, screen in shut:
            thing.hide_set(eye)
            thing.hide_viewport = screen
