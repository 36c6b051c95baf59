# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.head.refine LABELS``: what real photos say of a head that was built.

Pictures of drawn heads, by which the points are first found (:mod:`training.head.correspond`), are not quite
photos to the tool. Here the head is laid on the photos, and each point slides over the skin to where it leaves
least on average (:mod:`.slide`); the mean head's surface moves to where turned heads have it (:mod:`.depth`), the
points slide once more, and the head is laid anew. Photos that are held out of training only measure it.

Writes the head's file, which changes its name, and the labels for it. To be run once on a head as it was built:
what is moved again and again drifts. Weights need training for the new head.
"""

import argparse
from pathlib import Path

import numpy as np
from mien.core.assets import head_path
from mien.core.model.head import load_head

from ..labels.label import label_all
from ..labels.split import split_photos
from ..labels.store import load_labels, load_seen, save_labels
from ..saving import save_text
from .card import refined
from .depth_correction import deepened
from .rewrite import rewrite
from .slide_landmarks import slid

SLIDES, DEEPENINGS = 2, 3
"""Rounds of each stage. More of sliding drifts: the blendshapes begin to follow
points that follow them."""


def main() -> None:
    """Refine the head, write it and the labels, print what is left on held-out photos."""
    parser = argparse.ArgumentParser(
        prog="python -m training.head.refine", description=main.__doc__
    )
    parser.add_argument("labels", type=Path, help="labels.npz of photos, which is written anew")
    parser.add_argument("--head", type=Path, default=head_path(), help="head.npz, likewise")
    arguments = parser.parse_args()
    head = load_head(arguments.head)
    photos, seen = load_labels(arguments.labels, head), load_seen(arguments.labels, head)
    trained = {id(photo) for photo in split_photos(photos)[0]}
    used = [face.steady for photo, face in zip(photos, seen, strict=True) if id(photo) in trained]
    for stage in (*[slid] * SLIDES, *[deepened] * DEEPENINGS, *[slid] * SLIDES):
        head = stage(head, used)
    head, before = rewrite(arguments.head, head), photos
    photos, bias = label_all(seen, head)
    save_labels(arguments.labels, photos, seen, bias, head)
    then, now = (
        np.mean([photo.residual for photo in split_photos(all_of_them)[1]])
        for all_of_them in (before, photos)
    )
    print(f"head {head.id}: left on held-out photos {then:.2%} -> {now:.2%} of the face's box")
    card = arguments.head.with_name("figures.md")
    if card.exists():
        save_text(card, refined(card.read_text(), head.id, float(then), float(now)))


if __name__ == "__main__":
    main()
