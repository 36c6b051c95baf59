# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.head.landmark_offsets [LABELS]``: how far the 68 landmarks lie off the skin.

:mod:`training.head.landmark_convention` moves landmarks over the skin, as frontal photos show them. In depth
others have them elsewhere than our skin lies, and the jaw's off the bone's edge. How far, measured on turned heads
and scans (:mod:`training.head.measure_offsets`), is a table, ``landmark_offsets.csv``.

Writes the head's file, which changes its name, and the labels for it, which stay what they are. The table is taken
for all there is, so that it does no harm to run this twice.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from mien.core.assets import head_path
from mien.core.model.head import Head, load_head
from mien.core.model.params import FloatArray

from ..labels.store import check_head, rename_head
from ..saving import save_text
from .card import renamed
from .landmark_table import read_landmarks, write_landmarks
from .rewrite import rewrite

TABLE = Path(__file__).with_name("landmark_offsets.csv")
COLUMNS = ("left_mm", "up_mm", "out_mm")


def main() -> None:
    """Take a head's landmarks off its skin by the table; write it, and its labels if they are given."""
    parser = argparse.ArgumentParser(
        prog="python -m training.head.landmark_offsets", description=main.__doc__
    )
    parser.add_argument("labels", type=Path, nargs="?", help="labels.npz made with the head")
    parser.add_argument("--head", type=Path, default=head_path(), help="head.npz, written anew")
    arguments = parser.parse_args()
    before = load_head(arguments.head)
    if arguments.labels:
        check_head(arguments.labels, before)  # or nothing is written
    after = rewrite(arguments.head, with_offsets(before, read_offsets(TABLE)))
    if arguments.labels:
        rename_head(arguments.labels, before, after)
    apart = np.linalg.norm(after.landmark_offsets, axis=1)
    print(f"head {after.id}: landmarks lie {apart.mean() * 1000:.1f} mm off the skin on average")
    card = arguments.head.with_name("figures.md")
    if card.exists():
        save_text(card, renamed(card.read_text(), after.id))


def with_offsets(head: Head, offsets: FloatArray) -> Head:
    """The head with its landmarks ``(68, 3)`` metres off the skin; its id is the old one."""
    return replace(head, landmark_offsets=offsets.astype(np.float32))


def read_offsets(table: Path) -> FloatArray:
    """The table ``(68, 3)`` in metres: to the subject's left, up, and out of the face.

    Raises:
        ValueError: the table does not have one row for each landmark, in order.
    """
    return read_landmarks(table, COLUMNS)


def write_offsets(table: Path, offsets: FloatArray) -> None:
    """Write what :func:`read_offsets` reads."""
    write_landmarks(table, COLUMNS, offsets)


if __name__ == "__main__":
    main()
