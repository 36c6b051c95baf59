# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.head.landmark_convention LABELS``: the 68 landmarks go where the convention has them.

A head as it was built and refined has them where our reading of the convention lies between the labelling tool's
points. How far others put them from there is a table, ``landmark_convention.csv``, measured on photos
with a public tracker (:mod:`training.head.measure_convention`). Points of brows, nose, eyes and
mouth move over the skin, those of the jaw along the bone's edge, which they do not leave.

Writes the head's file, which changes its name, and the labels for it, which stay what they are. To be run once on
a head as it was refined.
"""

import argparse
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from mien.core.assets import head_path
from mien.core.model.head import Head, load_head
from mien.core.model.params import FloatArray
from numpy.typing import NDArray

from ..labels.store import check_head, rename_head
from ..saving import save_text
from .card import renamed
from .correspond import nearest_on_surface
from .landmark_table import read_landmarks
from .rewrite import rewrite
from .sheet import write_sheet
from .slide_landmarks import DEPTH_STAYS, nearest_within_reach

TABLE = Path(__file__).with_name("landmark_convention.csv")
COLUMNS = ("left_mm", "up_mm")
JAW = 17
"""The first 17 landmarks lie on the jaw's edge."""
STEPS = 50
"""Places looked at between two points of the jaw."""


def main() -> None:
    """Move the landmarks of a head by the table; write it and its labels."""
    parser = argparse.ArgumentParser(
        prog="python -m training.head.landmark_convention", description=main.__doc__
    )
    parser.add_argument("labels", type=Path, help="labels.npz made with the head")
    parser.add_argument("--head", type=Path, default=head_path(), help="head.npz, written anew")
    arguments = parser.parse_args()
    before = load_head(arguments.head)
    check_head(arguments.labels, before)  # or nothing is written
    after = rewrite(arguments.head, placed(before, read_shifts(TABLE)))
    rename_head(arguments.labels, before, after)
    apart = np.linalg.norm(after.landmark_model().mean - before.landmark_model().mean, axis=1)
    print(f"head {after.id}: landmarks moved {apart.mean() * 1000:.1f} mm on average")
    card, sheet = (arguments.head.with_name(name) for name in ("figures.md", "contact_sheet.png"))
    if card.exists():
        save_text(card, renamed(card.read_text(), after.id))
    if sheet.exists():
        write_sheet(after, sheet)


def read_shifts(table: Path) -> FloatArray:
    """How far each landmark is to move, ``(68, 2)`` metres: to the subject's left, and up.

    Raises:
        ValueError: the table does not have one row for each landmark, in order.
    """
    return read_landmarks(table, COLUMNS)


def placed(head: Head, shifts: FloatArray) -> Head:
    """The head, its landmarks moved as seen from the front; its id is the old one.

    Args:
        head: whose landmarks are to move.
        shifts: ``(68, 2)`` as :func:`read_shifts` gives them.
    """
    vertices = head.vertices.astype(np.float64)
    skin = head.quads[np.isin(head.materials, (0, 1))]
    places = head.landmark_places.on(vertices)
    wanted = places + np.pad(shifts, ((0, 0), (0, 1)))
    jaw = _along(places[:JAW], wanted[:JAW])
    # Where a point lies in depth is the skin's to say.
    metric = np.diag([1.0, 1.0, np.sqrt(DEPTH_STAYS)])
    parts = (
        nearest_on_surface(jaw, vertices, skin)[0],
        nearest_within_reach(head, head.landmark_corners[JAW:], wanted[JAW:], metric),
    )
    return replace(
        head,
        landmark_corners=np.concatenate([p.corners for p in parts]).astype(np.int32),
        landmark_weights=np.concatenate([p.weights for p in parts]).astype(np.float32),
    )


def _along(edge: NDArray[np.float64], wanted: NDArray[np.float64]) -> NDArray[np.float64]:
    """The places on a polyline ``(k, 3)`` that look nearest to ``(k, 3)`` points from the front."""
    shares = np.arange(STEPS)[:, None] / STEPS
    dense = np.concatenate([*(a + shares * (b - a) for a, b in pairwise(edge)), edge[-1:]])
    apart = np.linalg.norm(dense[None, :, :2] - wanted[:, None, :2], axis=2)
    return np.asarray(dense[apart.argmin(axis=1)])


if __name__ == "__main__":
    main()
