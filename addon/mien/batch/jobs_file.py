# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a jobs file, TOML or CSV, and refuses one that cannot be meant."""

import csv
import os
import unicodedata
from collections.abc import Hashable
from pathlib import Path
from typing import Any

from ..core.errors import MienError
from ..core.outputs import among_images, identity
from ..core.reading import parse_toml, read_bytes
from .job import EXPORTS, Job

MAX_SIZE = 8 * 2**20
"""Some forty thousand jobs."""
PATHS = ("output", "footage", "take", "avatar", "map", "preview", "model")
NUMBERS = ("start", "end", "fps", "smoothing", "start_frame")
TEXTS = ("name", "target", "neutral", "timing", "keys", "hair", "faces")
FLAGS = ("refine", "texture")
LISTS = {"export": "paths", "gains": "texts such as brows=1.5"}
KNOWN = {*PATHS, *NUMBERS, *TEXTS, *FLAGS, *LISTS}
WORDS = {"yes": True, "true": True, "no": False, "false": False}
"""What a cell of a CSV file may say for yes and no."""
SUFFIXES: dict[str, tuple[str, ...]] = {
    "output": (".blend",),
    "avatar": (".blend",),
    "preview": (".png", ".jpg", ".jpeg", ".mp4"),
    "model": (".onnx",),
    "export": EXPORTS,
}
RESERVED = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"}
RESERVED |= {f"{n}{i}" for n in ("COM", "LPT") for i in "0123456789\u00b9\u00b2\u00b3"}
"""What Windows takes for a device, whatever its ending; superscript digits too."""
LONGEST = 200
"""Bytes of a job's name, which becomes that of its log."""
BETWEEN = ";"
"""Between the entries of a list in a cell of a CSV file."""


def read_jobs(path: Path) -> list[Job]:
    """The jobs of a file, in its order.

    A TOML file has a table ``[[job]]`` for each, and ``[defaults]`` for what they share; a CSV file
    has a row for each under a header of the same names. Paths are relative to the file.

    Raises:
        MienError: it cannot be read, or a job in it makes no sense; the message names it.
    """
    rows = _rows(path)
    if not rows:
        raise MienError(f"{path} holds no jobs; add one, as docs/batch.md shows.")
    jobs = [_job(path, index, row) for index, row in enumerate(rows, 1)]
    _check_apart(path, jobs)
    return jobs


def find_job(path: Path, name: str) -> Job:
    """The job of a file that has a name.

    Raises:
        MienError: the file is bad, or has no such job.
    """
    for job in read_jobs(path):
        if job.name == name:
            return job
    raise MienError(f"{path} has no job named {name}; choose one of those in it.")


def _rows(path: Path) -> list[dict[str, Any]]:
    if path.suffix.lower() not in (".toml", ".csv"):
        raise MienError(f"{path} is not a jobs file; give one that ends in .toml or .csv.")
    try:
        text = read_bytes(path, MAX_SIZE).decode("utf-8-sig")
    except FileNotFoundError:
        raise MienError(f"The jobs file {path} does not exist; check the path.") from None
    except UnicodeDecodeError:
        raise MienError(f"{path} is not text in UTF-8; save it so, and try again.") from None
    except OSError as error:
        raise MienError(f"{path} cannot be read ({error.strerror}); check the path.") from error
    if path.suffix.lower() == ".toml":
        return _toml_rows(path, text)
    try:
        return _csv_rows(path, text)
    except csv.Error as error:
        raise MienError(f"{path} is not a table of jobs ({error}); mend it.") from error


def _toml_rows(path: Path, text: str) -> list[dict[str, Any]]:
    try:
        values = parse_toml(text)
    except ValueError as error:
        raise MienError(f"{path} is not TOML: {error}; mend that line.") from error
    defaults, jobs = values.pop("defaults", {}), values.pop("job", [])
    if values:
        raise MienError(
            f"{path} has {next(iter(values))!r}, which means nothing here; it may hold [defaults] and "
            "[[job]] only."
        )
    whole = isinstance(defaults, dict) and isinstance(jobs, list)
    if not whole or not all(isinstance(job, dict) for job in jobs):
        raise MienError(f"{path} must hold its jobs as [[job]]; see docs/batch.md.")
    return [{**defaults, **job} for job in jobs]


def _csv_rows(path: Path, text: str) -> list[dict[str, Any]]:
    reader = csv.DictReader(text.splitlines())
    rows: list[dict[str, Any]] = []
    for row in reader:
        if None in row or None in row.values():
            raise MienError(
                f"{path}, line {reader.line_num}, has more or fewer cells than the header; mend it."
            )
        filled: dict[str, Any] = {k.strip(): v.strip() for k, v in row.items() if v.strip()}
        for name in filled.keys() & LISTS.keys():
            filled[name] = [p.strip() for p in filled[name].split(BETWEEN)]
        for name in NUMBERS:
            if name in filled:
                filled[name] = _number(path, len(rows) + 1, name, filled[name])
        for name in filled.keys() & FLAGS:
            filled[name] = WORDS.get(filled[name].lower(), filled[name])
        if filled:
            rows.append(filled)
    return rows


def _number(path: Path, index: int, name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise MienError(f"{path}, job {index}: {name} is {text!r}; give a number.") from None


def _job(path: Path, index: int, row: dict[str, Any]) -> Job:
    name = row.get("name", index)
    where = f"{path}, job {repr(name) if _has_controls(name) else name}"
    for name, value in row.items():
        if name not in KNOWN:
            raise MienError(f"{where}: {name!r} is not known; use {', '.join(sorted(KNOWN))} only.")
        if not _is_kind(name, value):
            raise MienError(f"{where}: {name} is {value!r}; give {_kind(name)}.")
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


def _kind(name: str) -> str:
    if name in NUMBERS:
        return "a number"
    if name in FLAGS:
        return "true or false"
    if name in LISTS:
        return f"a list of {LISTS[name]}"
    return "a path" if name in PATHS else "a text"


def _is_kind(name: str, value: object) -> bool:
    if name in NUMBERS:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if name in FLAGS:
        return isinstance(value, bool)
    if name in LISTS:
        return isinstance(value, list) and all(isinstance(v, str) and v for v in value)
    return isinstance(value, str) and bool(value)


def can_be_a_name(name: str) -> bool:
    """Whether a text can be the name of a file on every system."""
    return bool(
        name
        and Path(name).name == name
        and not name.startswith(".")
        and not any(c in '<>:"|?*\\' or c.isspace() or ord(c) < 32 for c in name)
        and name.rstrip(".") == name
        and name.partition(".")[0].upper() not in RESERVED
        and len(os.fsencode(name)) <= LONGEST
    )


def _built(path: Path, where: str, row: dict[str, Any]) -> Job:
    base = path.absolute().parent
    paths = {name: (base / row[name]).resolve() for name in PATHS if name in row}
    name = row.get("name", "_".join(paths["output"].stem.split()))
    if not can_be_a_name(name):
        raise MienError(
            f"{where}: the name {name!r} cannot be a file's name; choose a plainer one."
        )
    paths.setdefault("take", paths["output"].with_suffix(".take.npz"))
    plain: dict[str, Any] = {n: row.get(n) for n in (*NUMBERS, *TEXTS, *FLAGS) if n != "name"}
    job = Job(
        jobs=path.absolute(),
        name=name,
        exports=tuple((base / p).resolve() for p in row.get("export", ())),
        gains=tuple(row["gains"]) if "gains" in row else None,
        **plain,
        **paths,
    )
    try:
        _ = job.adjustments, job.rest, job.keying, job.style, job.followed
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
