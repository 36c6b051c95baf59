# SPDX-License-Identifier: GPL-3.0-or-later
"""Hands the jobs of a batch to an executor and gathers how they ended."""

import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from ..core.modes import State
from .children import Children, run_in_child
from .job import Job
from .job_state import JobRecord, up_to_date


class Executor(Protocol):
    """What can run jobs: any ``concurrent.futures.Executor``, Dask's ``client.get_executor()`` too.

    The function and the job that it is given can be sent to another machine that sees the same
    files under the same paths.
    """

    def submit(
        self, function: Callable[[Job], JobRecord | None], job: Job, /
    ) -> "Future[JobRecord | None]":
        """Call the function on the job at some time, somewhere."""
        ...


@dataclass(frozen=True)
class Outcome:
    """How a job stands at the end of a batch.

    Attributes:
        job: that it is about.
        state: ``done``, ``failed``, ``skipped`` (done before), ``stopped`` (not done).
        record: of its end; None if it has none.
        fresh: whether it ended in this run.
    """

    job: Job
    state: State
    record: JobRecord | None
    fresh: bool


Report = Callable[[Outcome, int, int], None]


def run_batch(
    jobs: Sequence[Job],
    workers: int = 1,
    executor: Executor | None = None,
    report: Report | None = None,
    retry: bool = False,
) -> list[Outcome]:
    """Do all jobs that are not done, whatever becomes of the others.

    A job that is done, or that failed, is left alone while its description and inputs stay the
    same. An interrupt ends the processes of this machine, keeps what is done, and returns.

    Args:
        jobs: of one jobs file or of several.
        workers: processes at a time, where no executor is given.
        executor: where the jobs run; this machine by default. It stays the caller's to close.
        report: called with each job that ended, and how many have out of how many.
        retry: do failed jobs again even if nothing changed.

    Returns:
        An outcome for each job, in their order.
    """
    outcomes: dict[Job, Outcome] = {}
    wanted: list[Job] = []
    for job in jobs:
        record = up_to_date(job)
        if record is None or (retry and record.state == State.FAILED):
            wanted.append(job)
        else:
            state = State.SKIPPED if record.state == State.DONE else State.FAILED
            outcomes[job] = Outcome(job, state, record, fresh=False)
    with _raising_interrupts():
        try:
            for job, record in _ended(wanted, workers, executor):
                state = record.state if record else State.STOPPED
                outcomes[job] = Outcome(job, state, record, fresh=True)
                if report is not None:
                    report(outcomes[job], sum(o.fresh for o in outcomes.values()), len(wanted))
        except KeyboardInterrupt:  # jobs without an outcome are the stopped ones
            for job in wanted:
                record = None if job in outcomes else up_to_date(job)
                if record is not None and record.state == State.DONE:  # it ended just before
                    outcomes[job] = Outcome(job, State.DONE, record, fresh=True)
    return [outcomes.get(job) or Outcome(job, State.STOPPED, None, fresh=False) for job in jobs]


def _ended(
    jobs: Sequence[Job], workers: int, executor: Executor | None
) -> Iterator[tuple[Job, JobRecord | None]]:
    if executor is not None:
        yield from _gathered({executor.submit(run_in_child, job): job for job in jobs})
        return
    children = Children()
    with ThreadPoolExecutor(workers) as threads:
        try:
            yield from _gathered({threads.submit(children.run, job): job for job in jobs})
        finally:
            threads.shutdown(wait=False, cancel_futures=True)
            children.end()


def _gathered(
    waiting: "dict[Future[JobRecord | None], Job]",
) -> Iterator[tuple[Job, JobRecord | None]]:
    try:
        while waiting:
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                job = waiting.pop(future)
                yield job, _result(future, job)
    finally:
        for future in waiting:
            future.cancel()


def _result(future: "Future[JobRecord | None]", job: Job) -> JobRecord | None:
    try:
        return future.result()
    except Exception as error:  # the executor's own: a lost worker, a full disk
        message = f"{job.name} could not be run ({type(error).__name__}: {error}); try it again."
        return JobRecord(job.name, State.FAILED, "", message)


@contextmanager
def _raising_interrupts() -> Iterator[None]:
    """Ctrl-C and a polite end raise ``KeyboardInterrupt``, inside Blender too."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = {s: signal.signal(s, stop) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for which, handler in before.items():
            # Blender's own handler is not Python's and cannot be put back.
            signal.signal(which, handler if handler is not None else signal.SIG_DFL)
