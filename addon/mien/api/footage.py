# SPDX-License-Identifier: GPL-3.0-or-later
"""Footage to takes."""

import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypedDict, Unpack, overload

from ..core.capture.capture import Models, Progress, load_models
from ..core.capture.capture import capture as capture_largest
from ..core.capture.several_faces import capture_all_faces
from ..core.capture.sources import open_source
from ..core.errors import MienError
from ..core.model.head import shipped_head
from ..core.refine.refine import refine_take
from ..core.take.take import Take
from ..core.take.take_file import load_take
from ..core.texture.bake import texture_take
from ..core.texture.sequence_folder import SkinSequence, write_sequence
from .files import FilePath


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
            takes = [load_take(p) for p in paths]
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


def write_texture_sequence(
    take: Take,
    footage: FilePath,
    folder: FilePath,
    *,
    progress: Callable[[float], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> SkinSequence | None:
    """Write the actor's skin in every frame of a take as a folder of numbered pictures.

    Args:
        take: captured with ``texture=True``.
        footage: that it was captured from.
        folder: where the pictures go; an older sequence of Mien's is replaced once the new one is whole.
        progress: called after every frame with the share that is done, 0 to 1.
        should_stop: asked before every frame.

    Returns:
        What :func:`build_scene` takes; None if it was stopped, and then nothing was written.

    Raises:
        MienError: the take has no texture, the footage is another, or the folder cannot be written or
            holds other files.
    """
    source = open_source(Path(footage))
    return write_sequence(take, source, shipped_head(), Path(folder), progress, should_stop)


@lru_cache(maxsize=2)
def _models(regressor: Path | None, threads: int) -> Models:
    return load_models(regressor=regressor, threads=threads)
