# SPDX-License-Identifier: GPL-3.0-or-later
"""Remembers what was done: a record a job, in a folder beside the jobs file."""

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from ..core.modes import State
from ..core.reading import parse_json, read_bytes
from ..core.writing import write_whole
from .job import Job

BLOCK = 2**20
"""Bytes read at a time while a file is fingerprinted: memory stays flat however large the footage is."""
MOST = 64 * 2**20
"""Bytes of a record, which has a line for each file that the job read."""
FileFingerprint = list[int | str]
"""A file's size, time of change in nanoseconds, and SHA-256."""


@dataclass(frozen=True)
class JobRecord:
    """How a job ended.

    Attributes:
        name: of the job.
        state: done or failed.
        digest: SHA-256 over the job's description and the contents of its inputs.
        message: why it failed, in a sentence.
        frames: captured or keyed.
        seconds: that it took.
        peak: most memory that its process had, in bytes; 0 where that cannot be told.
        inputs: prints of the files read, by their paths as described.
    """

    name: str
    state: State
    digest: str
    message: str = ""
    frames: int = 0
    seconds: float = 0.0
    peak: int = 0
    inputs: dict[str, FileFingerprint] = field(default_factory=dict)


def job_folder(jobs: Path) -> Path:
    """Where the records and logs of a jobs file lie."""
    return jobs.with_name(f"{jobs.name}.state")


def record_path(job: Job) -> Path:
    """The record of a job."""
    return job_folder(job.jobs) / f"{job.name}.json"


def log_path(job: Job) -> Path:
    """What the job's process printed."""
    return job_folder(job.jobs) / f"{job.name}.log"


def digest_of(job: Job, known: JobRecord | None = None) -> tuple[str, dict[str, FileFingerprint]]:
    """The digest of a job now, and the prints of its inputs.

    Args:
        job: whose inputs are read.
        known: an older record; a file with its size and time is not read again.
    """
    before = known.inputs if known else {}
    prints: dict[str, FileFingerprint] = {}
    for path in job.inputs:
        for file in sorted(path.iterdir()) if path.is_dir() else [path]:
            if not file.is_dir():
                name = str(job.plain(file))
                prints[name] = _print(file, before.get(name))
    contents = {name: found[2] for name, found in prints.items()}
    text = json.dumps([job.description(), contents], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest(), prints


def _print(path: Path, known: FileFingerprint | None) -> FileFingerprint:
    try:
        stat = path.stat()
        if known and known[:2] == [stat.st_size, stat.st_mtime_ns]:
            return known
        total = hashlib.sha256()
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                total.update(block)
    except OSError:  # the job itself says what is wrong with it
        return [0, 0, ""]
    return [stat.st_size, stat.st_mtime_ns, total.hexdigest()]


def up_to_date(job: Job) -> JobRecord | None:
    """The record of a job whose description and inputs are as they were when it ended.

    A job that is done also needs its files to be there still; they are not compared, because they
    may have been worked on since.
    """
    record = read_record(record_path(job))
    if record is None or record.digest != digest_of(job, record)[0]:
        return None
    if record.state == State.DONE and not all(p.exists() for p in job.outputs):
        return None
    return record


def read_record(path: Path) -> JobRecord | None:
    """A record; None where there is none, or none that makes sense."""
    try:
        values = parse_json(read_bytes(path, MOST))
        values["state"] = State(values["state"])
        record = JobRecord(**{f.name: values[f.name] for f in fields(JobRecord)})
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return record if _sane(record) else None


def _sane(record: JobRecord) -> bool:
    texts = (record.name, record.digest, record.message)
    numbers = (record.frames, record.seconds, record.peak)
    prints = record.inputs.values() if isinstance(record.inputs, dict) else [None]
    return (
        record.state in (State.DONE, State.FAILED)
        and all(isinstance(text, str) for text in texts)
        and all(type(n) in (int, float) and 0 <= n < 1e15 for n in numbers)
        and all(isinstance(p, list) and len(p) == 3 for p in prints)
    )


def write_record(job: Job, record: JobRecord) -> None:
    """Write the record of a job, whole or not at all."""
    path = record_path(job)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(asdict(record), indent=1).encode())


def forget(job: Job) -> None:
    """Remove the record of a job, because it begins anew."""
    record_path(job).unlink(missing_ok=True)
