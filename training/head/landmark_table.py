# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of the 68 landmarks: a row for each, with its number from 1 and some millimetres."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from mien.core.formats.rows import write_rows
from mien.core.model.head import N_LANDMARKS
from mien.core.model.params import FloatArray


def read_landmarks(table: Path, columns: Sequence[str]) -> FloatArray:
    """Some columns of a table ``(68, columns)``, in metres.

    Raises:
        ValueError: the table does not have one row for each landmark, in order.
    """
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    if [int(row["landmark"]) for row in rows] != list(range(1, N_LANDMARKS + 1)):
        raise ValueError(f"{table} does not have the landmarks 1 to {N_LANDMARKS}")
    return np.array([[row[name] for name in columns] for row in rows], np.float32) / 1000


def write_landmarks(table: Path, columns: Sequence[str], values: FloatArray) -> None:
    """Write what :func:`read_landmarks` reads."""
    rows = ([str(i + 1), *(f"{x:.2f}" for x in v * 1000)] for i, v in enumerate(values))
    write_rows(table, ["landmark", *columns], rows)
