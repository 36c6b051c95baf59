# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.head.measure_offsets LABELS --tracker FOLDER --scans FILE``: how deep the 68 landmarks lie.

As :mod:`training.head.measure_convention`, but heads that are turned by up to 45 degrees are asked too, which show
what is depth. A tracker hedges: it sees turned heads less turned than they are, and so flatter. What it sees of a
photo is therefore brought onto the head's own landmarks by a small turn, shift and change of size first. What of
the depths goes evenly with height or depth is taken off in the end: that is a head's pose or its flatness, and not
the place of a landmark. What is left is the same for frontal and for turned heads, and for photos held out.

How high all of them lie together that shift would hide; it is measured by itself on frontal photos. A tracker may
count its pixels from another corner, which moves its points sideways and down alike: a mirror tells how far
sideways, and as much is taken off the height.

Of the jaw the side turned to the camera is asked. How far forward it lies hangs on the hedging still, so that scans
are asked beside: ICT's face model (MIT licence), the mean of people scanned in a light stage, whose file has arrays
``vertices`` (V, 3) in any blendshape, y up, z out of the face. Of the jaw's depth the mean of both is taken. The
vertices that stand for landmarks are a table, ``scan_landmarks.csv``, after that model's documentation.

Writes the table, ``landmark_offsets.csv``, if ``--write`` is given.
"""

import argparse
from pathlib import Path

import numpy as np
from mien.core.assets import head_path
from mien.core.model.head import load_head
from mien.core.model.params import FloatArray

from ..geometry.landmarks import INNER
from ..labels.split import split_photos
from ..labels.store import load_labels
from .landmark_convention import JAW
from .landmark_offsets import TABLE, write_offsets
from .measure_convention import calm_and_frontal, calm_and_turned_up_to
from .offsets_on_photos import height_in_common, offsets_seen
from .offsets_on_scans import depth_on_scans, read_scans
from .public_tracker import PublicTracker

TURNED = 45.0
"""Degrees of yaw beyond which the far half of a face is a guess."""


def main() -> None:
    """Measure how far the landmarks of others lie off the head's, print it, and write the table."""
    parser = argparse.ArgumentParser(
        prog="python -m training.head.measure_offsets", description=main.__doc__
    )
    parser.add_argument("labels", type=Path, help="labels.npz made with the head")
    parser.add_argument("--tracker", type=Path, required=True, help="model, of the npm package")
    parser.add_argument("--scans", type=Path, required=True, help="ICT's face model as .npz")
    parser.add_argument("--head", type=Path, default=head_path())
    parser.add_argument("--write", action="store_true", help="write it to the table")
    arguments = parser.parse_args()
    head, tracker = load_head(arguments.head), PublicTracker(arguments.tracker)
    used, held = split_photos(load_labels(arguments.labels, head))
    asked = calm_and_turned_up_to(TURNED, used)
    if not asked:
        raise SystemExit(f"{arguments.labels} has no photo of a calm face")
    found = offsets_seen(head, asked, tracker)
    scanned = depth_on_scans(head, read_scans(arguments.scans))
    apart = found * 1000
    print(f"{len(asked)} photos; off the head's inner 51 landmarks, root of mean squares: ", end="")
    print(f"depth {_rms(apart[INNER, 2]):.2f} mm, across {_rms(apart[INNER, :2]):.2f} mm")
    others = calm_and_turned_up_to(TURNED, held)
    if others:
        again = offsets_seen(head, others, tracker)
        print(f"{len(others)} photos held out: depth correlates by {_r(found, again):.2f}")
    print(
        f"scans: depth of the inner 51 correlates by {_r(found, scanned):.2f}; jaw forward by ",
        end="",
    )
    print(f"{scanned[:JAW, 2].mean() * 1000:.1f} mm, photos {apart[:JAW, 2].mean():.1f} mm")
    higher = height_in_common(head, calm_and_frontal(used), tracker)
    print(f"all landmarks lie {higher * 1000:.2f} mm higher than the head's")
    found[:, 1] += higher
    found[:JAW, 2] = (found[:JAW, 2] + scanned[:JAW, 2]) / 2
    found[:JAW] = smoothed(found[:JAW])
    if arguments.write:
        write_offsets(TABLE, head.landmark_offsets + found)


def smoothed(edge: FloatArray) -> FloatArray:
    """Offsets ``(k, 3)`` along the jaw, each a mean with its neighbours: they lie on one edge."""
    ends = np.concatenate([edge[:1], edge, edge[-1:]])
    return np.asarray((ends[:-2] + 2 * ends[1:-1] + ends[2:]) / 4)


def _rms(values: FloatArray) -> float:
    return float(
        np.sqrt((values**2).sum(axis=-1).mean() if values.ndim > 1 else (values**2).mean())
    )


def _r(one: FloatArray, other: FloatArray) -> float:
    """Correlation of the inner landmarks' depths."""
    return float(np.corrcoef(one[INNER, 2], other[INNER, 2])[0, 1])


if __name__ == "__main__":
    main()
