# SPDX-License-Identifier: GPL-3.0-or-later
"""Several faces at once, each into a take of its own; or the one at a place."""

import math
from collections.abc import Callable
from pathlib import Path

from ..errors import NoFaceError
from ..model.crop import CropBox
from .capture import Models, Progress
from .multi_face_tracker import MultiFaceTracker, detect_faces
from .sources import FrameSource
from .upright import UprightCheck


def detect_at(source: FrameSource, models: Models, x: float, y: float) -> CropBox:
    """The crop of the face nearest to a place in the first frame.

    Args:
        source: the footage; its first frame is used up.
        models: to look with.
        x, y: shares of the picture's width and height from the upper left.

    Raises:
        NoFaceError: no face is near that place.
    """
    frame = next(iter(source))
    at = (x * source.width, y * source.height)
    found = [t for t in detect_faces(frame.image, models, []) if _covers(t.box, *at)]
    if not found:
        raise NoFaceError(
            f"No face was found at that place in {source.name}; click on a face in the first frame "
            "of the range."
        )
    return min(found, key=lambda t: math.hypot(t.box.x - at[0], t.box.y - at[1])).box


def capture_all_faces(
    source: FrameSource,
    models: Models,
    take_path: Path,
    progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> list[Path]:
    """Capture every face of some footage into a take of its own.

    Every take has a row for every frame. Journals grow beside them while the capture runs.

    Args:
        source: the footage.
        models: head, regressor, finder.
        take_path: of the first take; the others are called ``NAME_2.npz`` and so on.
        progress, should_stop: see :func:`mien.core.capture.capture.capture`.

    Returns:
        The takes written, the person seen most often first.

    Raises:
        NoFaceError: no frame had a face; nothing is written.
    """
    tracker = MultiFaceTracker(models, take_path, source)
    upright = UprightCheck(models.regressor, models.finder)
    stopped, count, lost = False, 0, 0
    try:
        for frame in source:
            faces = tracker.step(frame)
            count, lost = count + 1, lost + (not faces)
            if faces:
                upright.look(frame.image, faces[0], source.name)
            if progress is not None:
                progress(Progress(count, source.expected, lost, faces, frame.image))
            if should_stop is not None and should_stop():
                stopped = True
                break
        upright.decide(source.name)
        return tracker.finish(complete=not stopped)
    except NoFaceError:
        tracker.discard()
        raise
    finally:
        tracker.close()


def _covers(box: CropBox, x: float, y: float) -> bool:
    return abs(x - box.x) < box.size / 2 and abs(y - box.y) < box.size / 2
