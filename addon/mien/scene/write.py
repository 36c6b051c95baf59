# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing a motion as a Blender file. Can be imported where Blender is not."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..core.errors import MienError
from ..core.model.head import Head
from ..core.modes import Hair
from ..core.solve.motion import Motion
from ..core.texture.sequence_folder import SkinSequence
from .timing import PLAIN, Keying
from .typed import scene_of


def require_blender() -> None:
    """Make sure that scenes can be built here.

    Raises:
        MienError: they cannot.
    """
    from importlib.util import find_spec

    if find_spec("bpy") is None:
        raise MienError("Building a scene needs Blender; run this inside it, or: pip install bpy")


def write_scene(
    path: Path,
    motions: Sequence[Motion],
    head: Head,
    footage: Path | None,
    add: bool = False,
    keying: Keying = PLAIN,
    textures: Sequence[NDArray[np.uint8] | None] = (),
    hair: Hair = Hair.SHORT,
    sequences: Sequence[SkinSequence | None] = (),
) -> None:
    """Build a scene and save it; an older file stays until the new one is whole.

    Args:
        path: of the file.
        motions: of one face, or of several in the same footage: a head each, before one camera.
        head: that they move.
        footage: shown behind the head, if there is any.
        add: add the heads to what the open file holds; otherwise the scene is empty but for them.
        keying: at which frames keys lie, how many, and which set acts.
        textures: of each head, as its take keeps it.
        hair: its style, one of :data:`mien.core.modes.Hair`.
        sequences: of pictures of each head's skin, shown in its texture's place.

    Raises:
        MienError: Blender is missing, or the file cannot be written.
    """
    require_blender()
    import bpy

    from .build import build_scene
    from .saving import save_file

    if not add:
        bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    scene, shown, first = scene_of(bpy.context), footage.resolve() if footage else None, None
    last = scene.frame_end if add else scene.frame_start
    none = [None] * len(motions)
    worn = zip(motions, textures or none, sequences or none, strict=True)
    for motion, texture, sequence in worn:
        built = build_scene(
            scene, motion, head, shown, first is None, keying, first, texture, hair, sequence
        )
        first = first or built
    scene.frame_end = max(scene.frame_end, last)  # what was there already is played to its end
    save_file(path)
