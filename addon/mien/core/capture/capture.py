# SPDX-License-Identifier: GPL-3.0-or-later
"""Footage in, a take out."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..assets import finder_path, head_path
from ..errors import ModelError, NoFaceError
from ..model.crop import CropBox, ImageArray
from ..model.head import Head, load_head
from ..take.journal import TakeWriter
from ..take.take import RECORD, Take, TakeInfo, take_from_records
from ..version import VERSION
from .faster_file import faster_regressor
from .finder import FaceFinder, HeatmapFinder
from .flip_augmentation import Mirror
from .regressor import Regressor, refuse_borrowed_name
from .sources import Frame, FrameSource
from .tracker import Tracked, Tracker
from .upright import UprightCheck
from .view_mean import ViewMean


@dataclass(frozen=True)
class Progress:
    """How far a capture has come.

    Attributes:
        done: frames taken.
        expected: about how many there will be, or None.
        lost: frames without a face so far.
        faces: those in the newest frame.
        image: the newest frame, BGR.
    """

    done: int
    expected: int | None
    lost: int
    faces: tuple[Tracked, ...]
    image: ImageArray


@dataclass(frozen=True)
class Models:
    """What a capture needs: the head, its regressor, and a finder of faces."""

    head: Head
    regressor: Regressor
    finder: FaceFinder


def load_models(
    head: Path | None = None,
    regressor: Path | None = None,
    threads: int = 1,
    twice: bool = True,
) -> Models:
    """Load the shipped models, or others.

    Args:
        head, regressor: files of others. Of the shipped regressor's two files that which this processor runs
            faster is taken (:func:`.faster_file.faster_regressor`).
        threads: of the regressor.
        twice: see faces in a mirror as well, which is what footage gets; a camera does not wait.

    Raises:
        ModelError: a file is missing or damaged, or the weights belong to another head or bear a
            shipped file's name.
    """
    loaded = load_head(head or head_path())
    path = regressor or faster_regressor()
    weights = Regressor(path, threads, Mirror(loaded) if twice else None)
    if weights.head_id != loaded.id:
        raise ModelError(f"{path} was trained on another head; use the head that came with it.")
    refuse_borrowed_name(path, weights.id)
    return Models(loaded, weights, HeatmapFinder(finder_path()))


def capture(
    source: FrameSource,
    models: Models,
    take_path: Path | None = None,
    progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    begin: CropBox | None = None,
) -> Take:
    """Capture the largest face of some footage.

    Args:
        source: the footage (see :func:`mien.core.capture.sources.open_source`).
        models: head, regressor, finder.
        take_path: where to write the take; while it grows, a journal lies beside it.
        progress: called after every frame.
        should_stop: asked after every frame; what was captured until then becomes the take, which
            is then marked as not complete.
        begin: where the wanted face is in the first frame; the largest one by default.

    Raises:
        NoFaceError: no frame had a face, or they lie on their side or stand on their heads; nothing is
            written.
        SourceError: the footage cannot be read.
        TakeError: the take cannot be written.
    """
    info = describe(source, models)
    if take_path is None:
        records, stopped = _run(source, models, None, progress, should_stop, begin)
        return _finished(records, info, stopped, source.name)
    with TakeWriter(take_path, info) as writer:
        try:
            records, stopped = _run(source, models, writer, progress, should_stop, begin)
            take = _finished(records, info, stopped, source.name)
        except NoFaceError:
            writer.discard()
            raise
        writer.finish(take)
    return take


def _run(
    source: FrameSource,
    models: Models,
    writer: TakeWriter | None,
    progress: Callable[[Progress], None] | None,
    should_stop: Callable[[], bool] | None,
    begin: CropBox | None,
) -> tuple[NDArray[np.void], bool]:
    tracker = Tracker(models.regressor, models.head.landmark_model(), models.finder)
    upright = UprightCheck(models.regressor, models.finder)
    rows: list[NDArray[np.void]] = []
    mean = ViewMean()
    count = lost = 0
    stopped = False
    for frame in source:
        tracked = tracker.begin(frame.image, begin, frame.time) if begin and not count else None
        tracked = tracked or tracker.step(frame.image, frame.time)
        count, lost = count + 1, lost + (tracked is None)
        if tracked is not None:
            upright.look(frame.image, tracked, source.name)
        row = row_of(frame, tracked)
        if writer is not None:
            writer.append(row)
        rows += mean.add(row, tracked.seen if tracked else None)
        if progress is not None:
            faces = (tracked,) if tracked else ()
            progress(Progress(count, source.expected, lost, faces, frame.image))
        if should_stop is not None and should_stop():
            stopped = True
            break
    rows += mean.rest()
    upright.decide(source.name)
    return np.concatenate(rows) if rows else np.zeros(0, RECORD), stopped


def describe(source: FrameSource, models: Models) -> TakeInfo:
    """What a take of this footage says of itself."""
    return TakeInfo(
        source=source.name,
        width=source.width,
        height=source.height,
        fps=float(source.fps),
        model=models.regressor.id,
        head=models.head.id,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        mien=VERSION,
    )


def row_of(frame: Frame, tracked: Tracked | None) -> NDArray[np.void]:
    """One row of :data:`mien.core.take.take.RECORD`, as an array of one."""
    row = np.zeros(1, RECORD)
    row["time"], row["frame"] = frame.time, frame.number
    if tracked is None:
        row["params"], row["units"], row["box"] = np.nan, np.nan, np.nan
    else:
        row["box"], row["confidence"] = tracked.box, tracked.confidence
        row["params"], row["units"] = tracked.params, tracked.blendshapes
    return row


def _finished(records: NDArray[np.void], info: TakeInfo, stopped: bool, name: str) -> Take:
    take = take_from_records(records, replace(info, complete=not stopped))
    if not take.found.any():
        raise NoFaceError(
            f"No face was found in {name}; choose footage in which a face is at least an eighth of "
            "the picture's height, and not in darkness."
        )
    return take
