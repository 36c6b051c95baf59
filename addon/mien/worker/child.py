# SPDX-License-Identifier: GPL-3.0-or-later
"""The child's side: does the job, says how it stands, and ends when the parent is gone."""

import os
import sys
import threading
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

from ..core.capture.capture import capture, load_models
from ..core.capture.multi_face_tracker import detect_faces
from ..core.capture.several_faces import capture_all_faces, detect_at
from ..core.capture.sources import FrameSource, open_source
from ..core.capture.sources.camera import CameraSource, PlayedSource
from ..core.capture.sources.decoding import decoding_for
from ..core.errors import MienError
from ..core.folders import abandon
from ..core.modes import Faces, State
from ..core.solve.motion import solve_take
from ..core.take.take_file import load_take
from .finishing import Finishing
from .job import JOB, STATUS, Job, Status, read_job, write_json
from .motion_file import motion_path, save_motion
from .reporter import Reporter

NICENESS = 5
"""How far a capture from a file stands back behind the window, which stays quick then."""
MOST_OF_CHECK, MOST_OF_OWN = 3 * 2**30, 12 * 2**30
"""Bytes of address space for a look at a network of the user's, and for a capture with it; the shipped
one takes 0.7 GB of small footage."""
MOST_OF_PICTURE, WATCH_EVERY = 60.0, 1.0
"""Seconds after which a decoder that is still at one picture is taken for stuck; how often it is asked."""


def _limit_memory(most: int) -> None:
    """Let this process have so much memory and no more, where the system can hold it to that."""
    try:
        import resource
    except ImportError:  # Windows
        return
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def open_job(job: Job) -> FrameSource:
    """The footage of a job."""
    if job.camera >= 0:
        return CameraSource(job.camera)
    if job.played:
        return PlayedSource(Path(job.footage))
    return open_source(Path(job.footage), job.start, job.end, job.fps)


def run(folder: Path, stopped: threading.Event) -> int:
    """Do the job in a folder; 0 when a take was written."""
    job = read_job(folder / JOB)
    reporter: Reporter | None = None
    try:
        chosen = Path(job.model) if job.model else None
        if chosen is not None:
            _limit_memory(MOST_OF_CHECK if job.faces == Faces.CHECK else MOST_OF_OWN)
        models = load_models(regressor=chosen, threads=job.threads, twice=not job.live)
        reporter = Reporter(folder, models)
        if job.faces == Faces.CHECK:
            reporter.tell(State.DONE)
            return 0
        reporter.tell(State.RUNNING)
        source = open_job(job)
        reporter.started = getattr(source, "started", reporter.started)
        if job.faces == Faces.LOOK:
            image = next(iter(source)).image
            reporter.write_detections(image, detect_faces(image, models, []))
            return 0
        take = Path(job.take)
        if job.faces == Faces.ALL:
            takes = capture_all_faces(source, models, take, reporter, stopped.is_set)
        else:
            at = detect_at(source, models, job.x, job.y) if job.faces == Faces.AT else None
            if at is not None:
                source = open_job(job)
            capture(source, models, take, reporter, stopped.is_set, at)
            takes = [take]
        warnings = list(source.warnings)
        footage = partial(open_job, job)
        warnings += Finishing(job, takes, footage, models.head, reporter, stopped).run()
        for number, path in enumerate(takes if job.solve else ()):
            solved = solve_take(load_take(path), models.head)
            save_motion(solved, motion_path(folder, number))
    except MienError as error:
        _fail(folder, reporter, str(error))
        return 1
    except Exception as error:  # the parent shows it; a trace goes to the log
        _fail(folder, reporter, f"The capture broke off ({type(error).__name__}: {error}).")
        raise
    state = State.STOPPED if stopped.is_set() else State.DONE
    reporter.tell(state, "\n".join(warnings), tuple(map(str, takes)))
    return 0


def _fail(folder: Path, reporter: Reporter | None, message: str) -> None:
    if reporter is None:
        write_json(folder / STATUS, Status(State.FAILED, message=message))
    else:
        reporter.tell(State.FAILED, message)


def watch(folder: Path) -> None:
    """End this process when its decoder does not come back from a picture: damaged footage can do that."""
    while decoding_for() <= MOST_OF_PICTURE:
        time.sleep(WATCH_EVERY)
    _fail(
        folder,
        None,
        "The footage's decoder did not come back from a picture; convert it to H.264 in MP4.",
    )
    abandon()
    os._exit(1)  # what was captured is in the journal


def main() -> None:
    """Entry point of the child: the folder is its only word; end of input ends it at once."""
    stopped = threading.Event()

    def listen() -> None:
        if sys.stdin.read(1):  # a byte asks for an end
            stopped.set()
        else:  # the parent is gone; what was captured is in the journal
            abandon()
            os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    folder = Path(sys.argv[1])
    threading.Thread(target=watch, args=(folder,), daemon=True).start()
    if not read_job(folder / JOB).live and hasattr(os, "nice"):
        os.nice(NICENESS)
    sys.exit(run(folder, stopped))
