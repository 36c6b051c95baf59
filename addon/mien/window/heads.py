# SPDX-License-Identifier: GPL-3.0-or-later
"""Building and keying captured heads from the takes behind them. Loads what the core needs."""

from functools import lru_cache
from pathlib import Path

import bpy
import numpy as np
from bpy.types import Object, Scene

from ..core.adjust import adjust
from ..core.assets import head_path
from ..core.errors import MienError
from ..core.export import check_head
from ..core.head import Head, load_head
from ..core.motion import Motion, motion_of
from ..core.params import FloatArray
from ..core.placement import place_head
from ..core.take import Take
from ..core.take_file import load_take
from ..scene.build import build_scene
from ..scene.keying import key_motion
from .rigs import mesh_of

TAKES_SHOWN = 4


@lru_cache(maxsize=1)
def the_head() -> Head:
    """The shipped head."""
    return load_head(head_path())


@lru_cache(maxsize=TAKES_SHOWN)
def _loaded(path: str, _: float) -> tuple[Take, Motion]:
    take = load_take(Path(path))
    check_head(take, the_head())
    return take, motion_of(take, the_head())


def take_of(rig: Object) -> tuple[Take, Motion]:
    """The take behind a head, and its motion before any adjustment.

    Raises:
        TakeError: the file is gone or damaged.
    """
    path = Path(bpy.path.abspath(rig.mien.take))
    try:
        changed = path.stat().st_mtime
    except OSError:
        changed = 0.0
    return _loaded(str(path), changed)


def build(scene: Scene, path: Path, footage: Path | None, match: bool) -> Object:
    """Build a take into a scene as the panels' defaults have it; its rig, made active.

    Raises:
        MienError: the take cannot be used.
    """
    take = load_take(path)
    check_head(take, the_head())
    motion = motion_of(take, the_head())
    defaults = bpy.types.Object.bl_rna.properties["mien"].fixed_type.properties
    from ..core.adjust import Adjustments

    wanted = Adjustments(smoothing=defaults["smoothing"].default)
    built = build_scene(scene, adjust(motion, the_head(), wanted), the_head(), footage, match)
    built.rig.mien.take = str(path)
    layer = bpy.context.view_layer
    for thing in layer.objects:
        thing.select_set(False)
    built.rig.select_set(True)
    layer.objects.active = built.rig
    return built.rig


def key_again(rig: Object, scene: Scene) -> None:
    """Key a head anew from its take with the settings of its rig.

    Raises:
        MienError: the take is gone, or the head has lost its mesh.
    """
    mesh = mesh_of(rig)
    if mesh is None:
        raise MienError(f"{rig.name} has no head mesh any more; capture again.")
    _, motion = take_of(rig)
    adjusted = adjust(motion, the_head(), rig.mien.adjustments())
    # The camera stays where the unadjusted motion put it.
    stand: FloatArray = np.asarray(place_head(motion).camera, np.float32)
    key_motion(scene, adjusted, mesh, rig, stand, rig.mien.keying())
