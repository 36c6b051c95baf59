# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of how videos are acted: a row for each figure, a column for each video, and the median of all."""

import warnings
from pathlib import Path

import numpy as np
from mien.core.formats.rows import write_rows
from numpy.typing import NDArray

from .report import Report

SHOWN = 6
"""Of more videos only the median is printed; the file has them all."""


def report_acting(videos: dict[str, dict[str, float]], report: Report) -> None:
    """Print the table, write it to ``acting.csv`` in the report's folder, and note the medians.

    Args:
        videos: figures (:func:`training.evaluate.acting.figures`) of each by its name.
        report: of the run.
    """
    names = list(next(iter(videos.values())))
    table = np.array([[figures[name] for figures in videos.values()] for name in names])
    middle = _medians(table)
    shown = list(videos) if len(videos) <= SHOWN else []
    print(f"{'':30}" + "".join(f"{title[:14]:>15}" for title in [*shown, "median"]))
    for name, row, median in zip(names, table, middle, strict=True):
        values = [*(row if shown else []), median]
        print(f"{name:30}" + "".join(f"{_text(value):>15}" for value in values))
        report.figures[f"acting_{name}"] = _text(median)
    _write(report.folder / "acting.csv", list(videos), names, table)


def _medians(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each row, of what is known; NaN where nothing is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # rows of NaN alone
        return np.asarray(np.nanmedian(table, axis=1))


def _text(value: float) -> str:
    return f"{value:.3f}" if np.isfinite(value) else "-"


def _write(path: Path, videos: list[str], names: list[str], table: NDArray[np.float64]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = ([name, *map(_text, column)] for name, column in zip(videos, table.T, strict=True))
    write_rows(path, ["video", *names], rows)
