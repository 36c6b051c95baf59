# SPDX-License-Identifier: GPL-3.0-or-later
"""The actor's skin in motion on a head: a picture for every frame of its take, in step with its keys."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import bpy
import numpy as np
from bpy.types import Image, Material, Node, Object, Scene
from numpy.typing import NDArray

from ..core.errors import MienError
from ..core.model.parts import REGIONS
from ..core.modes import Timing
from ..core.texture.sequence_folder import SkinSequence
from .action import Keyer
from .changes import Changes
from .keying import frames_of
from .skin import WORN
from .timing import PLAIN, Keying
from .typed import loose, mesh_data, present, tree_of

NODE, STILL = "Mien Skin in Motion", "Mien Skin at Rest"
"""Names of the nodes that show the pictures, and that hold the still texture, which is linked to nothing."""
HELD = 0
"""Value of a keyframe's interpolation that holds it up to the next: a picture is shown, or another."""
CARRIED = "the skin's pictures left out, its still texture carried"


def wear_sequence(thing: Object, sequence: SkinSequence) -> None:
    """Let a head show a sequence in the place of its still texture, which stays in its materials.

    Args:
        thing: a head, which wears a texture (:func:`mien.scene.skin.wear_texture`).
        sequence: of its take. Its files stay where they are.

    Raises:
        MienError: pictures are missing.
    """
    for number in (1, sequence.count):
        if not sequence.picture(number).is_file():
            raise MienError(f"{sequence.picture(number)} is missing; capture the take again.")
    image = bpy.data.images.load(_path(sequence.picture(1)))
    image.name, image.source = f"{thing.name} Skin", "SEQUENCE"
    for region in WORN:
        material = present(mesh_data(thing).materials[REGIONS.index(region)])
        tree = tree_of(material)
        still = next(n for n in tree.nodes if n.type == "TEX_IMAGE")
        shown = tree.nodes.new("ShaderNodeTexImage")
        still.name = still.label = STILL
        shown.name = shown.label = NODE
        shown.location = (still.location[0], still.location[1] + 320)
        loose(shown).image = image
        user = loose(shown).image_user
        user.use_auto_refresh, user.frame_duration = True, sequence.count
        _show(material, shown)


def time_sequence(
    thing: Object, scene: Scene, times: NDArray[np.float64], keying: Keying = PLAIN
) -> None:
    """Show on every scene frame the picture of the take's frame that lies nearest to it.

    Does nothing on a head without a sequence.

    Args:
        thing: a head.
        scene: whose frame rate and start count.
        times: ``(F,)`` seconds of the take's frames.
        keying: where the keys of the head lie.
    """
    start = float(scene.frame_start if keying.start is None else keying.start)
    if keying.timing == Timing.ONE_BY_ONE:
        at = start + np.arange(len(times), dtype=np.float64)
    else:
        at = frames_of(scene, times, start)
    first = int(np.floor(at[0] + 0.5))
    frames = np.arange(first, max(first + 1, int(np.floor(at[-1] + 0.5))) + 1)
    middles = (at[1:] + at[:-1]) / 2
    pictures = np.searchsorted(middles, frames, side="right") + 1
    # Blender counts from one frame before its start on: this holds the first picture before, the last after.
    offsets = pictures - (frames - first)
    turns = np.flatnonzero(np.diff(offsets, prepend=offsets[0] - 1))
    keyer = Keyer(f"{thing.name} Skin")
    for material in _moving(thing):
        tree = tree_of(material)
        user = loose(tree.nodes[NODE]).image_user
        user.frame_start, user.frame_duration = first + 1, len(frames) - 1
        curve = keyer.key(
            tree, f'nodes["{NODE}"].image_user.frame_offset', 0, frames[turns].astype(np.float64),
            offsets[turns].astype(np.float32),
        )  # fmt: skip
        held = np.full(len(turns), HELD, np.int32)
        curve.keyframe_points.foreach_set("interpolation", held)
        curve.update()


@contextmanager
def still_skin(things: Iterable[Object], changes: Changes) -> Iterator[None]:
    """Inside, heads show their still texture: no other file carries a picture for every frame.

    Args:
        things: of which some may be heads.
        changes: told which they are.
    """
    shown: list[tuple[Material, Node, Image]] = []
    for thing in things:
        for material in _moving(thing):
            node = tree_of(material).nodes[NODE]
            shown.append((material, node, loose(node).image))
            changes.add(CARRIED, thing.name)
    try:
        for material, node, _ in shown:
            _show(material, tree_of(material).nodes[STILL])
            loose(node).image = None
        yield
    finally:
        for material, node, image in shown:
            loose(node).image = image
            _show(material, node)


def _moving(thing: Object) -> list[Material]:
    """Materials of a head that show a sequence, and still have what it stands in for."""
    found = [m for m in getattr(thing.data, "materials", ()) if m is not None and m.node_tree]
    return [m for m in found if {NODE, STILL} <= set(tree_of(m).nodes.keys())]


def _show(material: Material, node: Node) -> None:
    """Let a material take its colour from a node that draws a picture, and show it by that in the viewport."""
    tree = tree_of(material)
    colour = next(n for n in tree.nodes if n.type == "BSDF_PRINCIPLED").inputs["Base Color"]
    tree.links.new(node.outputs["Color"], colour)
    tree.nodes.active = node


def _path(picture: Path) -> str:
    """A picture's path; relative where the open file lies on a disk, so that both can be moved."""
    path = str(picture.resolve())
    if bpy.data.filepath:
        with suppress(ValueError):  # on another drive
            return bpy.path.relpath(path)
    return path
