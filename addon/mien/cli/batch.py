# SPDX-License-Identifier: GPL-3.0-or-later
"""``mien batch``: the jobs of a file, or one of them."""

import os
import sys
import threading
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from ..batch.children import TIED
from ..batch.job_state import job_folder, up_to_date
from ..batch.jobs_file import find_job, read_jobs
from ..batch.runner import Outcome, run_batch
from ..batch.shared_fields import Shared
from ..batch.summary import line, table, totals
from ..batch.work import do_job
from ..core.errors import MienError
from ..core.locking import only_one
from ..core.modes import State
from ..terminal.printing import tell, warn
from .arguments import add_adjustments, add_capturing, add_hair, add_keying, positive
from .commands import INTERRUPTED

SHARED = (
    "fps", "faces", "refine", "texture", "texture_sequence", "model", "smoothing", "neutral", "gain",
    "head_motion", "timing", "start_frame", "key_every", "tolerance", "keys", "hair",
)  # fmt: skip
"""What may be said for all jobs, as the command line has it; None where it says nothing."""


def add_batch(parser: ArgumentParser) -> None:
    """The words of the command."""
    parser.add_argument(
        "jobs",
        type=Path,
        help="jobs file, .toml or .csv (docs/batch.md)",
    )
    parser.add_argument(
        "--workers", type=positive, default=os.cpu_count() or 1, metavar="N",
        help="jobs at a time (default: one for each processor)",
    )  # fmt: skip
    parser.add_argument(
        "--retry", action="store_true", help="try jobs that failed again though nothing changed"
    )
    parser.add_argument(
        "--only", metavar="NAME", help="do this one job here, as the workers and a farm do"
    )
    parser.add_argument(
        "--list", action="store_true", help="print the names of the jobs and do nothing"
    )
    shared = parser.add_argument_group(
        "for every job", "that does not say otherwise itself; goes before [defaults] in the file"
    )
    for add in (add_capturing, add_adjustments, add_keying, add_hair):
        add(shared)
    parser.set_defaults(**dict.fromkeys(SHARED))


def run_batch_command(arguments: Namespace) -> int:
    """Do the jobs; 1 if any failed."""
    if arguments.only is not None:
        return _only(arguments.jobs, arguments.only, shared_of(arguments))
    jobs = read_jobs(arguments.jobs, shared_of(arguments))
    if arguments.list:
        tell("\n".join(job.name for job in jobs))
        return 0
    folder = job_folder(jobs[0].jobs)
    _require_place(folder)
    taken = f"Another batch does the jobs of {arguments.jobs}; wait for it, or stop it."
    with only_one(folder / "lock", taken):
        outcomes = run_batch(jobs, arguments.workers, report=_tell, retry=arguments.retry)
    tell(f"{table(outcomes)}\n{totals(outcomes)}")
    states = {o.state for o in outcomes}
    return INTERRUPTED if State.STOPPED in states else 1 if State.FAILED in states else 0


def shared_of(arguments: Namespace) -> dict[str, Any]:
    """Fields of all jobs that the command line gives, by the names that a jobs file has for them."""
    given = {name: value for name in SHARED if (value := getattr(arguments, name)) is not None}
    if "model" in given:
        given["model"] = str(given["model"].absolute())
    if isinstance(given.get("neutral"), tuple):
        given["neutral"] = "{:.6f}-{:.6f}".format(*given["neutral"])
    if "gain" in given:
        given["gains"] = given.pop("gain")
    return given


def _only(path: Path, name: str, shared: Shared) -> int:
    if os.environ.pop(TIED, ""):
        threading.Thread(target=_end_with_input, daemon=True).start()
    job = find_job(path, name, shared)
    _require_place(job_folder(job.jobs))
    taken = f"{name} is being done by another process; wait for it, or stop it."
    with only_one(job_folder(job.jobs) / f"{name}.lock", taken):
        before = up_to_date(job)
        record = before if before is not None and before.state == State.DONE else do_job(job)
    if record.state == State.DONE:
        tell(f"{name} done: {job.output}")
        return 0
    raise MienError(record.message)


def _end_with_input() -> None:
    """End this process when the batch that started it is gone, however that ended."""
    sys.stdin.read()
    os._exit(1)


def _require_place(folder: Path) -> None:
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise MienError(
            f"The folder {folder} for the batch's records cannot be made ({error.strerror}); move the "
            "jobs file to where you may write."
        ) from error


def _tell(outcome: Outcome, ended: int, total: int) -> None:
    warn(line(outcome, ended, total))
