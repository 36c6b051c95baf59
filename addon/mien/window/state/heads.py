# SPDX-License-Identifier: GPL-3.0-or-later
"""Building and keying captured heads from the takes behind them. Loads what the core needs."""

import os
from collections.abc import Iterator
from pathlib import Path

import bpy
import numpy as np
from bpy.types import Object, Scene
from numpy.typing import NDArray

from ...core.errors import MienError, TakeError
from ...core.formats.take_text import check_head
from ...core.model.head import Head, shipped_head
from ...core.model.params import FloatArray
from ...core.modes import Hair, NeutralFace, Timing
from ...core.solve.adjust import Adjustments, adjust
from ...core.solve.motion import Motion, solve_take
from ...core.solve.neutral import Neutral
from ...core.take.take import Take
from ...core.take.take_file import load_take
from ...core.texture.sequence_folder import find_sequence
from ...scene.build import Built, building
from ...scene.changes import Changes
from ...scene.keying import frames_of, key_motion
from ...scene.skin_sequence import time_sequence
from ...scene.timing import Keying
from ...scene.typed import layer_of, present
from . import place_head
from .scene_lookup import mesh_of, refusal
from .settings import SMOOTHING, suspend_updates
from .take_place import stamp_of, take_file
from .typed import capture_settings, head_settings

TAKES_KEPT = 16
"""Takes that are held in memory, the newest ones."""


def loaded_head() -> Head:
    """The shipped head."""
    return shipped_head()


_opened: set[str] = set()
_known: dict[tuple[str, tuple[int, ...], Neutral], tuple[Take, Motion]] = {}


def remember(path: Path, motion: Motion) -> None:
    """Keep the motion of a take that was solved elsewhere already.

    Raises:
        MienError: the take cannot be used.
    """
    take = load_take(path)
    check_head(take, loaded_head())
    _keep((str(path), stamp_of(path), NeutralFace.AUTO), (take, motion))


def take_of(rig: Object) -> tuple[Take, Motion]:
    """The take behind a head, and its motion at rest where the head's settings say, not yet adjusted.

    A path that stands in a .blend file is somebody's word: only one that the user has opened is
    followed, or that lies with the file. Drawing asks :func:`opened` first.

    Raises:
        TakeError: the file is gone or damaged, holds another take than the head was built from, or was
            not opened yet.
    """
    if not opened(rig):
        if not _beside(rig):
            raise TakeError(
                f"The take of {rig.name} was not opened yet; press Open Take in the panel Review."
            )
        open_take(rig)
    found = _take_at(take_file(rig), head_settings(rig).rest())
    _check_same(rig, found[0])
    return found


def opened(rig: Object) -> bool:
    """Whether a head's take was opened since Blender was started. Touches no file."""
    return named(rig) in _opened


def named(rig: Object) -> str:
    """The path of a head's take as the .blend file names it."""
    return str(bpy.path.abspath(head_settings(rig).take))


def open_take(rig: Object) -> None:
    """Read the take that a .blend file names, because the user asks for it.

    Raises:
        TakeError: the file is gone or damaged, or holds another take.
    """
    _check_same(rig, _take_at(take_file(rig), head_settings(rig).rest())[0])
    _opened.add(named(rig))


def _beside(rig: Object) -> bool:
    """Whether a take lies with the .blend file, by its path alone."""
    folder = os.path.dirname(bpy.data.filepath)  # noqa: PTH120 - a text that may name a server
    text = os.path.normpath(named(rig))
    return bool(folder) and text.startswith(os.path.join(folder, ""))  # noqa: PTH118


def _check_same(rig: Object, take: Take) -> None:
    """A take that was put in the place of another must not be keyed onto its head."""
    wanted = head_settings(rig).take_id
    if wanted and wanted != take.id:
        raise TakeError(
            f"{take_file(rig)} is not the take that {rig.name} was built from; put that one back, or "
            "build a head from this one."
        )


def _take_at(path: Path, neutral: Neutral = NeutralFace.AUTO) -> tuple[Take, Motion]:
    key = (str(path), stamp_of(path), neutral)
    if key not in _known:
        take = load_take(path)
        check_head(take, loaded_head())
        _keep(key, (take, solve_take(take, loaded_head(), neutral)))
    return _known[key]


def _keep(key: tuple[str, tuple[int, ...], Neutral], value: tuple[Take, Motion]) -> None:
    _known[key] = value
    while len(_known) > TAKES_KEPT:
        del _known[next(iter(_known))]


def build(
    scene: Scene, takes: list[Path], footage: Path | None, match: bool, first: float | None = None
) -> Iterator[None]:
    """Build the takes of one footage into a scene, head beside head before one camera.

    The work is cut into pieces: after each the window may draw. The first head becomes the active
    object. On an error the heads that are built already stay.

    Args:
        scene: to build into.
        takes: files; the person seen most often first.
        footage: shown behind the heads, if there is one.
        match: take size, rate and range from the footage, and look through its camera.
        first: scene frame of the footage's time 0; the scene's first one by default.

    Raises:
        MienError: a take cannot be used.
    """
    beside: Built | None = None
    start = float(scene.frame_start) if first is None else first
    for path in takes:
        take, motion = _take_at(path)
        yield
        moving = adjust(motion, loaded_head(), Adjustments(SMOOTHING))
        yield
        keying = Keying(start=start)
        built = yield from building(
            scene,
            moving,
            loaded_head(),
            footage,
            match and not beside,
            keying,
            beside,
            take.texture,
            Hair(capture_settings(scene).hair),
            find_sequence(path, take),
        )
        settings = head_settings(built.rig)
        with suspend_updates():
            settings.take, settings.first = str(path), start
            settings.take_id = _take_at(path)[0].id
            _opened.add(named(built.rig))
            settings.stand, settings.camera = built.stand.tolist(), built.camera
            settings.mesh, settings.hair = built.mesh, capture_settings(scene).hair
        if beside is None:
            place_head.offset_from_existing(built, scene)
            _choose(built.rig)
        else:
            built.rig.location = beside.rig.location
        beside = beside or built
        yield


def _choose(rig: Object) -> None:
    layer = layer_of(bpy.context)
    for thing in layer.objects:
        thing.select_set(False)
    rig.select_set(True)
    layer.objects.active = rig


def frames_of_take(rig: Object, scene: Scene, take: Take) -> NDArray[np.float64]:
    """Scene frame ``(F,)`` at which each frame of a head's take lies."""
    settings = head_settings(rig)
    if Timing[settings.timing] is Timing.ONE_BY_ONE:
        return settings.first + np.arange(len(take), dtype=np.float64)
    return frames_of(scene, take.times, settings.first)


def row_now(rig: Object, scene: Scene, take: Take) -> int:
    """The frame of a head's take that lies nearest to the scene's present one."""
    frames = frames_of_take(rig, scene, take)
    return int(np.argmin(np.abs(frames - scene.frame_current_final)))


def times_between(rig: Object, scene: Scene, first: float, last: float) -> tuple[float, float]:
    """Footage times in seconds of the frames of a take that lie nearest to two scene frames.

    Raises:
        TakeError: the take cannot be read.
    """
    take, _ = take_of(rig)
    frames = frames_of_take(rig, scene, take)
    ends = [float(take.times[int(np.argmin(np.abs(frames - f)))]) for f in (first, last)]
    return min(ends), max(ends)


def key_again(rig: Object, scene: Scene) -> list[str]:
    """Key a head anew from its take with the settings of its rig.

    Returns:
        What was in the way and was changed, a line for each kind.

    Raises:
        MienError: the take is gone, or the head cannot be keyed or does not move.
    """
    if said := refusal(rig):
        raise MienError(said)
    mesh, changes = present(mesh_of(rig)), Changes()
    _, motion = take_of(rig)
    adjusted = adjust(motion, loaded_head(), head_settings(rig).adjustments())
    stand: FloatArray = np.array(head_settings(rig).stand, np.float32)
    try:
        keying = head_settings(rig).keying()
        key_motion(scene, adjusted, mesh, rig, stand, keying, changes)
        time_sequence(mesh, scene, adjusted.times, keying)
    except (KeyError, IndexError, AttributeError, TypeError, RuntimeError) as error:
        raise MienError(
            f"{rig.name} cannot be keyed ({error}); put back the bone, key or action that was renamed, "
            "removed or linked."
        ) from error
    return changes.lines()
