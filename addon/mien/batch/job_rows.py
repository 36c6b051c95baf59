# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the rows of a jobs file, TOML or CSV, each a job by its fields' names."""

import csv
from pathlib import Path
from typing import Any

from ..core.errors import MienError
from ..core.reading import parse_toml, read_bytes
from .job_fields import COUNTS, FLAGS, LISTS, NUMBERS
from .shared_fields import Shared

MAX_SIZE = 8 * 2**20
"""Some forty thousand jobs."""
WORDS = {"yes": True, "true": True, "no": False, "false": False}
"""What a cell of a CSV file may say for yes and no."""
DIGITS = 9
"""Of a count; more are no count that anybody means."""
BETWEEN = ";"
"""Between the entries of a list in a cell of a CSV file."""


def read_rows(path: Path, shared: Shared) -> list[dict[str, Any]]:
    """The jobs of a file by their fields' names, not checked yet.

    Args:
        path: of the file.
        shared: for every job that does not say otherwise itself.

    Raises:
        MienError: it cannot be read, or is not laid out as jobs are.
    """
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
        return _toml_rows(path, text, shared)
    try:
        return [{**shared, **row} for row in _csv_rows(path, text)]
    except csv.Error as error:
        raise MienError(f"{path} is not a table of jobs ({error}); mend it.") from error


def _toml_rows(path: Path, text: str, shared: Shared) -> list[dict[str, Any]]:
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
    return [{**defaults, **shared, **job} for job in jobs]


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
        for name in filled.keys() & set(COUNTS):
            filled[name] = (
                int(text) if (text := filled[name]).isdecimal() and len(text) < DIGITS else text
            )
        for name in filled.keys() & set(FLAGS):
            filled[name] = WORDS.get(filled[name].lower(), filled[name])
        if filled:
            rows.append(filled)
    return rows


def _number(path: Path, index: int, name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise MienError(f"{path}, job {index}: {name} is {text!r}; give a number.") from None
