# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs each job in a process of its own, and ends those processes when the batch ends."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from ..core.modes import State
from .job import Job
from .job_state import (
    JobRecord,
    digest_of,
    forget,
    log_path,
    read_record,
    record_path,
    write_record,
)
from .work import leftovers

PACKAGE = Path(__file__).resolve().parents[1]
TIED = "MIEN_TIED"
"""Set in the environment of a process that ends when its input does: when the batch is gone."""
GRACE = 5.0
"""Seconds that a process has to end after it was asked to."""


class Children:
    """The processes of one batch. Its :meth:`run` may be called from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._ended = False

    def run(self, job: Job) -> JobRecord | None:
        """Do a job in a new process and wait for it.

        Returns:
            How it ended; None when the batch was ended under it.
        """
        log = log_path(job)
        log.parent.mkdir(parents=True, exist_ok=True)
        forget(job)
        before = set(leftovers(job))
        with log.open("wb") as out, TemporaryDirectory(prefix="mien-") as folder:
            with self._lock:
                if self._ended:
                    return None
                child = start(job, out.fileno(), folder)
                self._running.add(child)
            try:
                code = child.wait()
            finally:
                with self._lock:
                    self._running.discard(child)
                _end_group(child, kill=True)  # the capture that it started, if it still runs
        record = read_record(record_path(job))
        if record is not None:
            return record
        for path in set(leftovers(job)) - before:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        if self._ended:
            return None
        return _unexplained(job, code, log)

    def end(self) -> None:
        """End all that run; none will start any more."""
        with self._lock:
            self._ended = True
            running = list(self._running)
        for child in running:
            _end_group(child)
        for child in running:
            try:
                child.wait(GRACE)
            except subprocess.TimeoutExpired:
                _end_group(child, kill=True)


def _end_group(child: subprocess.Popen[bytes], kill: bool = False) -> None:
    """Ask a process and those that it started to end, or make them."""
    if hasattr(os, "killpg"):
        with suppress(OSError):
            os.killpg(child.pid, signal.SIGKILL if kill else signal.SIGTERM)
    elif child.poll() is None:
        child.kill() if kill else child.terminate()


def run_in_child(job: Job) -> JobRecord | None:
    """Do a job in a process of its own: what an executor of any kind is asked to call."""
    return Children().run(job)


def start(job: Job, output: int, folder: str) -> subprocess.Popen[bytes]:
    """Start the process of a job.

    Args:
        job: to do.
        output: file descriptor for all that it prints.
        folder: to run in; not the user's, from which Python might import.
    """
    search = [str(PACKAGE.parent), os.environ.get("PYTHONPATH", "")]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, search)),
        "OMP_NUM_THREADS": "1",  # the workers share the cores
        TIED: "1",
    }
    return subprocess.Popen(
        [*program(), "batch", f"--only={job.name}", *job.shared, "--", str(job.jobs)],
        cwd=folder, stdin=subprocess.PIPE, stdout=output, stderr=output, env=environment,
        # Ctrl-C is for the batch, which ends its processes itself.
        start_new_session=True,
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
        | getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )  # fmt: skip


def program() -> list[str]:
    """The words that start Mien anew: this Blender, or this Python where Blender is a module."""
    blender = sys.modules.get("bpy")
    if blender is not None and blender.app.binary_path:
        return [blender.app.binary_path, "-b", "--command", "mien"]
    return [sys.executable, "-P", "-m", f"{PACKAGE.name}.cli"]


def _unexplained(job: Job, code: int, log: Path) -> JobRecord:
    how = f"code {code}"
    if code < 0 and -code in {s.value for s in signal.Signals}:
        how = f"signal {signal.Signals(-code).name}"
    message = f"The process of {job.name} ended unexpectedly ({how}); see {log}."
    digest, inputs = digest_of(job)
    record = JobRecord(job.name, State.FAILED, digest, message, inputs=inputs)
    write_record(job, record)
    return record
