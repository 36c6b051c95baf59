# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.head.measure_convention LABELS --tracker FOLDER``: where others put the 68 landmarks.

The head is laid on every photo by the labelling tool's points; a public tracker (:mod:`.public_tracker`) says
where it sees the landmarks. Trackers hedge: of a smile or an open mouth they say less than there is, and turned
heads hide what is depth and what is place. So only frontal photos of calm faces are asked, and of those only ones
that training may see. The median over photos, made even with its mirror image, is how far the convention lies from
the head's own landmarks; what all points of a photo have in common is the tracker's own and left out.

Adds what it measured to the table, ``landmark_convention.csv``, if ``--write`` is given, for a head
that was placed by it.
"""

import argparse
from pathlib import Path

import numpy as np
from mien.core.assets import head_path
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.crop import LANDMARK_MARGIN, box_around_landmarks
from mien.core.model.head import Head, load_head
from mien.core.model.params import FloatArray
from numpy.typing import NDArray

from ..geometry.landmarks import INNER, box_side, partners, yaw_of
from ..labels.split import split_photos
from ..labels.store import LabelledPhoto, load_labels
from .landmark_convention import COLUMNS, JAW, TABLE, read_shifts
from .landmark_table import write_landmarks
from .public_tracker import PublicTracker

FRONTAL = 15.0
"""Degrees of yaw up to which a face is looked at from the front."""
CALM = {"mouthSmileLeft": 0.2, "mouthSmileRight": 0.2, "jawOpen": 0.1}
"""Weights up to which a face is calm."""
OUTER_CORNERS = (36, 45)
"""Landmarks of the eyes' outer corners."""


def main() -> None:
    """Measure how far a tracker's landmarks lie from the head's, print it, and write the table."""
    parser = argparse.ArgumentParser(
        prog="python -m training.head.measure_convention", description=main.__doc__
    )
    parser.add_argument("labels", type=Path, help="labels.npz made with the head")
    parser.add_argument("--tracker", type=Path, required=True, help="model, of the npm package")
    parser.add_argument("--head", type=Path, default=head_path())
    parser.add_argument("--write", action="store_true", help="add it to the table")
    arguments = parser.parse_args()
    head = load_head(arguments.head)
    photos = calm_and_frontal(split_photos(load_labels(arguments.labels, head))[0])
    if not photos:
        raise SystemExit(f"{arguments.labels} has no frontal photo of a calm face")
    away = shifts_on(head, photos, PublicTracker(arguments.tracker))
    apart = np.linalg.norm(away, axis=1) * 1000
    print(f"{len(photos)} photos; away on average: jaw {apart[:JAW].mean():.2f} mm, rest ", end="")
    print(f"{apart[INNER].mean():.2f} mm")
    if arguments.write:
        write_shifts(TABLE, away + (read_shifts(TABLE) if TABLE.exists() else 0))


def calm_and_frontal(photos: list[LabelledPhoto]) -> list[LabelledPhoto]:
    """Those of the photos on which trackers need not hedge."""
    return calm_and_turned_up_to(FRONTAL, photos)


def calm_and_turned_up_to(most: float, photos: list[LabelledPhoto]) -> list[LabelledPhoto]:
    """Photos of calm faces turned to a side by less than so many degrees."""
    yaw = yaw_of(np.stack([photo.turn for photo in photos]))
    blendshapes = np.stack([photo.blendshapes for photo in photos])
    calm = np.all(
        [blendshapes[:, ARKIT_BLENDSHAPES.index(name)] < most for name, most in CALM.items()],
        axis=0,
    )
    return [photo for photo, here in zip(photos, calm & (yaw < most), strict=True) if here]


def shifts_on(head: Head, photos: list[LabelledPhoto], tracker: PublicTracker) -> FloatArray:
    """How far the tracker's landmarks lie from the head's, ``(68, 2)`` metres on the mean head.

    To the subject's left, and up, as seen from the front.
    """
    mean = head.landmark_model().mean
    away = []
    for photo in photos:
        own = photo.landmarks(head)
        box = box_around_landmarks(own)
        found = tracker.find(photo.image, box._replace(size=box.size / LANDMARK_MARGIN))
        away.append(_upright(found - own, own) / box_side(own))
    stack = np.stack(away)
    stack -= np.median(stack[:, INNER], axis=1, keepdims=True)
    middle: NDArray[np.float64] = np.median(stack, axis=0)
    even = (middle + middle[partners(mean)] * [-1, 1]) / 2
    return np.asarray(even * [1, -1] * box_side(mean), np.float32)


def _upright(vectors: FloatArray, landmarks: FloatArray) -> FloatArray:
    """Vectors ``(68, 2)`` in a picture turned so that the eyes of these landmarks lie level."""
    across = np.subtract(*landmarks[list(OUTER_CORNERS)][::-1])
    c, s = across / np.linalg.norm(across)
    return np.asarray(vectors @ np.array([[c, -s], [s, c]]))


def write_shifts(table: Path, shifts: FloatArray) -> None:
    """Write what :func:`training.head.landmark_convention.read_shifts` reads."""
    write_landmarks(table, COLUMNS, shifts)


if __name__ == "__main__":
    main()
