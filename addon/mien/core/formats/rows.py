# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing a table of numbers as CSV, whole or not at all."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..errors import MienError


def write_rows(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a CSV file; an older one stays until the new one is whole.

    Raises:
        MienError: the file cannot be written.
    """
    part = path.with_name(path.name + ".new")
    try:
        with part.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(rows)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise MienError(
            f"{path} cannot be written ({error.strerror}); choose another folder."
        ) from error
