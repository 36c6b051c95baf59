# SPDX-License-Identifier: GPL-3.0-or-later
"""Mien as a library: footage to take, take to motion, motion to performance, and to files.

Everything here is found as ``mien.NAME`` too and is loaded when it is first asked for. What needs
Blender (:func:`build_scene`, :func:`retarget`) says so; the rest runs in any Python.
"""

import tempfile
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypedDict, Unpack, overload

import numpy as np
from numpy.typing import NDArray

from .core.capture.capture import Models, Progress, load_models
from .core.capture.capture import capture as capture_largest
from .core.capture.several_faces import capture_all_faces
from .core.capture.sources import open_source
from .core.errors import MienError
from .core.formats.live_link import read_live_link as read_csv
from .core.formats.live_link import write_live_link as write_csv
from .core.formats.take_text import check_head
from .core.model.head import shipped_head
from .core.modes import Hair, KeySet, NeutralFace, Timing
from .core.performance.performance import Performance, to_performance
from .core.refine.refine import refine_take
from .core.solve.adjust import USUAL, Adjustments, clean_motion
from .core.solve.motion import Motion
from .core.solve.neutral import Neutral
from .core.take.take import Take
from .core.take.take_file import load_take as read_take
from .core.take.take_file import save_take as write_take
from .core.texture.bake import texture_take
from .scene.timing import PLAIN, Keying

if TYPE_CHECKING:
    from .avatar.retarget_file import RetargetResult
    from .scene.build import Built

__all__ = [
    "Adjustments",
    "KeySet",
    "Keying",
    "MienError",
    "Motion",
    "Performance",
    "Progress",
    "Take",
    "Timing",
    "build_scene",
    "capture",
    "load_take",
    "performance",
    "read_live_link",
    "retarget",
    "save_take",
    "solve",
    "write_live_link",
]

FilePath = str | Path


class CaptureOptions(TypedDict, total=False):
    """What :func:`capture` may be told besides the footage and the faces."""

    start: float | None
    end: float | None
    fps: float | None
    refine: bool
    texture: bool
    model: FilePath | None
    threads: int
    progress: Callable[[Progress], None] | None
    should_stop: Callable[[], bool] | None


@overload
def capture(  # type: ignore[overload-overlap] # a number that is not 1 gives a list
    path: FilePath,
    *,
    faces: Literal[1] = 1,
    **options: Unpack[CaptureOptions],
) -> Take: ...  # fmt: skip


@overload
def capture(
    path: FilePath,
    *,
    faces: int | Literal["all"],
    **options: Unpack[CaptureOptions],
) -> list[Take]: ...  # fmt: skip


def capture(
    path: FilePath,
    *,
    faces: int | Literal["all"] = 1,
    start: float | None = None,
    end: float | None = None,
    fps: float | None = None,
    refine: bool = True,
    texture: bool = True,
    model: FilePath | None = None,
    threads: int = 1,
    progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Take | list[Take]:
    """Capture the face in some footage, in this process and with nothing written.

    Args:
        path: a video, a folder of images, or an image.
        faces: 1 follows the largest face; another number, or ``"all"``, follows as many and gives a
            list, the face seen most often first.
        start, end: part of the footage in seconds; all of it by default.
        fps: take at most so many frames a second; for images, the rate at which they follow.
        refine: look at the footage once more and fit the face to its pixels; takes longer than the
            capture itself.
        texture: bake the actor's skin for the head from it.
        model: another regressor (``.onnx``) than the shipped one.
        threads: of the regressor.
        progress: called after every frame of the capture.
        should_stop: asked after every frame; what was captured until then is the take.

    Raises:
        MienError: the footage cannot be read, has no face, or the model is none.
    """
    if faces != "all" and faces < 1:
        raise MienError(f"faces is {faces}; give a number above 0, or 'all'.")

    models, footage = _models(None if model is None else Path(model), threads), Path(path)
    source = open_source(footage, start, end, fps)
    if faces == 1:
        takes = [capture_largest(source, models, None, progress, should_stop)]
    else:
        with tempfile.TemporaryDirectory(prefix="mien_") as folder:
            paths = capture_all_faces(
                source, models, Path(folder) / "take.npz", progress, should_stop
            )
            takes = [read_take(p) for p in paths]
        takes = takes if faces == "all" else takes[:faces]
    if refine and not (should_stop is not None and should_stop()):
        takes = [
            refine_take(take, open_source(footage, start, end, fps), models.head, None, should_stop)
            for take in takes
        ]
    if texture and not (should_stop is not None and should_stop()):
        takes = [
            texture_take(take, open_source(footage, start, end, fps), models.head, should_stop)
            for take in takes
        ]
    return takes[0] if faces == 1 else takes


def solve(
    take: Take,
    *,
    smoothing: float = USUAL.smoothing,
    neutral: Neutral = NeutralFace.AUTO,
    gains: Mapping[str, float] | None = None,
    head_motion: bool = True,
) -> Motion:
    """Solve a take: one identity, a pose and 52 weights for every frame, gaps filled, adjusted.

    Args:
        take: of :func:`capture` or :func:`load_take`.
        smoothing: 0 to 1.
        neutral: where the face is at rest: ``"auto"``, ``"off"``, or ``(from, to)`` in seconds.
        gains: how strongly ``brows``, ``eyes``, ``mouth``, ``jaw`` and ``head`` move; 1 where absent.
        head_motion: whether the head turns and moves.

    Raises:
        MienError: the take belongs to another head, the face was lost in every frame, or an
            adjustment is out of its range.
    """
    wanted = Adjustments(smoothing, dict(gains or {}), head_motion)
    check_head(take, shipped_head())
    return clean_motion(take, shipped_head(), wanted, neutral)


def performance(motion: Motion) -> Performance:
    """What a face does, apart from whose face it is: 52 blendshapes, head and eyes."""
    return to_performance(motion)


def load_take(path: FilePath) -> Take:
    """Read a take, or the journal of a capture that was cut off.

    Raises:
        MienError: the file is missing, damaged, or not a take.
    """
    return read_take(Path(path))


def save_take(take: Take, path: FilePath) -> None:
    """Write a take; an older file stays until the new one is whole.

    Raises:
        MienError: the file cannot be written.
    """
    write_take(take, Path(path))


def read_live_link(
    path: FilePath, fps: float | None = None, warnings: list[str] | None = None
) -> Performance:
    """Read a recording of Live Link Face.

    Args:
        path: its CSV file.
        fps: its rate, if it is not 60.
        warnings: a sentence for whatever was odd about it is added here.

    Raises:
        MienError: the file is missing, damaged, or something else.
    """
    return read_csv(Path(path), fps, warnings)


def write_live_link(performance: Performance, path: FilePath) -> None:
    """Write a performance as Live Link Face writes its recordings (CSV).

    Raises:
        MienError: the file cannot be written.
    """
    write_csv(performance, Path(path))


def build_scene(
    motion: Motion,
    footage: FilePath | None = None,
    *,
    match: bool = True,
    keying: Keying = PLAIN,
    texture: NDArray[np.uint8] | None = None,
    hair: Literal["none", "short", "combed"] = "short",
) -> "Built":
    """Inside Blender: put the head with its motion into the present scene.

    Args:
        motion: of :func:`solve`.
        footage: shown behind the head.
        match: take size, frame rate and range of the scene from the footage, and look through its camera.
        keying: at which frames keys lie, how many, and which set acts.
        texture: of the head, as ``take.texture`` keeps it.
        hair: style of the head's hair.

    Raises:
        MienError: the texture is damaged.
    """
    import bpy

    from .scene.build import build_scene as build
    from .scene.typed import scene_of

    shown = None if footage is None else Path(footage).resolve()
    return build(
        scene_of(bpy.context), motion, shipped_head(), shown, match, keying,
        texture=texture, hair=Hair(hair),
    )  # fmt: skip


def retarget(
    performance: Performance,
    target: str,
    *,
    table: FilePath | None = None,
    keying: Keying = PLAIN,
    head: bool = True,
    guesses: bool = False,
) -> "RetargetResult":
    """Inside Blender: key a performance onto a character of the present scene.

    Args:
        performance: of :func:`performance` or :func:`read_live_link`.
        target: name of the character's object.
        table: a mapping table (``.toml``); otherwise the one that moves the most of it.
        keying: at which frames keys lie.
        head: whether the head turns.
        guesses: whether names that are only much like those of the table move too.

    Raises:
        MienError: there is no such character, nothing of it matches, or the table is damaged.
    """
    import bpy

    from .avatar.retarget_file import retarget as key
    from .core.retarget.files import load_table
    from .scene.typed import scene_of

    chosen = None if table is None else load_table(Path(table))
    return key(
        scene_of(bpy.context), performance, target, chosen,
        keying=keying, head=head, guesses=guesses,
    )  # fmt: skip


@lru_cache(maxsize=2)
def _models(regressor: Path | None, threads: int) -> Models:
    return load_models(regressor=regressor, threads=threads)
