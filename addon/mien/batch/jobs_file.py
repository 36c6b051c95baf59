# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes jobs of a jobs file, and refuses one that cannot be meant."""

import unicodedata
from collections.abc import Hashable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..core.errors import MienError
from ..core.outputs import among_images, identity
from .job import Job
from .job_fields import (
    COUNTS,
    FLAGS,
    KNOWN,
    NUMBERS,
    PATHS,
    SUFFIXES,
    TEXTS,
    can_be_a_name,
    is_kind,
    kind,
)
from .job_rows import read_rows
from .shared_fields import Shared, words_of

NOTHING: Shared = {}
"""No words for all jobs."""


def read_jobs(path: Path, shared: Shared = NOTHING) -> list[Job]:
    """The jobs of a file, in its order.

    A TOML file has a table ``[[job]]`` for each, and ``[defaults]`` for what they share; a CSV file
    has a row for each under a header of the same names. Paths are relative to the file.

    Args:
        path: of the file.
        shared: fields for every job that does not say otherwise itself; they go before ``[defaults]``.

    Raises:
        MienError: it cannot be read, or a job in it makes no sense; the message names it.
    """
    rows = read_rows(path, shared)
    if not rows:
        raise MienError(f"{path} holds no jobs; add one, as docs/batch.md shows.")
    words = words_of(shared)
    jobs = [replace(_job(path, index, row), shared=words) for index, row in enumerate(rows, 1)]
    _check_apart(path, jobs)
    return jobs


def find_job(path: Path, name: str, shared: Shared = NOTHING) -> Job:
    """The job of a file that has a name; ``shared`` as in :func:`read_jobs`.

    Raises:
        MienError: the file is bad, or has no such job.
    """
    for job in read_jobs(path, shared):
        if job.name == name:
            return job
    raise MienError(f"{path} has no job named {name}; choose one of those in it.")


def _job(path: Path, index: int, row: dict[str, Any]) -> Job:
    name = row.get("name", index)
    where = f"{path}, job {repr(name) if _has_controls(name) else name}"
    for name, value in row.items():
        if name not in KNOWN:
            raise MienError(f"{where}: {name!r} is not known; use {', '.join(sorted(KNOWN))} only.")
        if not is_kind(name, value):
            raise MienError(f"{where}: {name} is {value!r}; give {kind(name)}.")
        for text in value if isinstance(value, list) else [value]:
            if _has_controls(text):
                raise MienError(f"{where}: {name} is {text!r}; leave such letters out.")
            allowed = SUFFIXES.get(name)
            if allowed and Path(text).suffix.lower() not in allowed:
                raise MienError(
                    f"{where}: {name} is {text!r}; it must end in {', '.join(allowed)}."
                )
    if "output" not in row:
        raise MienError(f'{where} does not say where its output goes; add output = "NAME.blend".')
    if "footage" not in row and "take" not in row:
        raise MienError(f"{where} has neither footage nor a take; add one of them.")
    if ("avatar" in row) != ("target" in row):
        raise MienError(f"{where}: avatar and target belong together; give both or neither.")
    return _built(path, where, row)


def _has_controls(text: object) -> bool:
    """Whether a text has letters that no path can be meant to have: ends of lines, NUL, escapes."""
    return any(unicodedata.category(c) == "Cc" for c in text) if isinstance(text, str) else False


def _built(path: Path, where: str, row: dict[str, Any]) -> Job:
    base = path.absolute().parent
    paths = {name: (base / row[name]).resolve() for name in PATHS if name in row}
    name = row.get("name", "_".join(paths["output"].stem.split()))
    if not can_be_a_name(name):
        raise MienError(
            f"{where}: the name {name!r} cannot be a file's name; choose a plainer one."
        )
    paths.setdefault("take", paths["output"].with_suffix(".take.npz"))
    plain: dict[str, Any] = {
        n: row.get(n) for n in (*NUMBERS, *COUNTS, *TEXTS, *FLAGS) if n != "name"
    }
    job = Job(
        jobs=path.absolute(),
        name=name,
        exports=tuple((base / p).resolve() for p in row.get("export", ())),
        gains=tuple(row["gains"]) if "gains" in row else None,
        **plain,
        **paths,
    )
    try:
        _ = job.adjustments, job.rest, job.keying, job.style, job.followed, job.paints_skin
    except MienError as error:
        raise MienError(f"{where}: {error}") from None
    return job


def _check_apart(path: Path, jobs: list[Job]) -> None:
    """No two jobs may have one name, write one file, or write what any of them reads."""
    names: set[str] = set()
    read = {identity(p) for p in (path, *(p for job in jobs for p in job.inputs))}
    written: dict[Hashable, str] = {}
    for job in jobs:
        if job.name.casefold() in names:
            raise MienError(f"{path} has two jobs named {job.name}; give each a name of its own.")
        names.add(job.name.casefold())
        for output in job.outputs:
            own = identity(output)
            if own in written:
                raise MienError(
                    f"{path}: the jobs {written[own]} and {job.name} both write {output}; give "
                    "each a file of its own."
                )
            written[own] = job.name
            if own in read or among_images(output, read):
                raise MienError(
                    f"{path}, job {job.name} would write over {output}, which a job reads; choose "
                    "another output, or two jobs files one after the other."
                )
