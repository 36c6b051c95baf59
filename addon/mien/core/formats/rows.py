# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing a table of numbers as CSV, whole or not at all."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..writing import whole_file


def write_rows(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a CSV file; an older one stays until the new one is whole.

    Raises:
        MienError: the file cannot be written.
    """
    with whole_file(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
