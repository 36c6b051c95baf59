# SPDX-License-Identifier: GPL-3.0-or-later
"""Collects figures: a table as they come, pictures and plots beside it, one line of them all last."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from .errors import Measured
from .sheet import draw_worst
from .yaw import BINS, bins_of, by_yaw


class Report:
    """Prints a row for each figure, and writes pictures into a folder.

    Attributes:
        folder: for pictures.
        figures: by name, as they will be printed in the last line.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.figures: dict[str, str] = {}

    def note(self, kind: str, name: str, value: float, unit: str, count: int) -> None:
        """Take down one figure.

        Args:
            kind: what was measured on.
            name: of the figure.
            value: a share where the unit is ``%``.
            unit: ``%`` (of the face's box, unless the name says otherwise), ``deg``, ``px``, or none.
            count: of the faces or frames that it is the mean of.
        """
        text = f"{value:.2%}" if unit == "%" else f"{value:.3f}"
        self.figures[f"{kind}_{name}"] = text
        shown = unit if unit != "%" else ""
        print(f"{kind:10} {name:28} {text:>9} {shown:4} {count:6}")

    def by_yaw(
        self, kind: str, name: str, errors: ArrayLike, yaw: ArrayLike, unit: str = "%"
    ) -> None:
        """Take down an error ``(n,)`` by yaw ``(n,)`` in degrees, and the mean of the bins."""
        counts = np.bincount(bins_of(yaw), minlength=len(BINS))
        for part, value in by_yaw(errors, yaw).items():
            count = counts[BINS.index(part)] if part in BINS else counts.sum()
            self.note(kind, f"{name}_{part}", value, unit, int(count))

    def worst(self, kind: str, faces: Sequence[Measured]) -> None:
        """Draw the worst faces with both sets of points."""
        draw_worst(list(faces), self.folder / f"{kind}.jpg")

    def last_line(self) -> str:
        """All figures as ``name=value``."""
        return " ".join(f"{name}={value}" for name, value in self.figures.items())
