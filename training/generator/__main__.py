# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.generator``: draw a contact sheet of samples and time the generator."""

import argparse
import time
from pathlib import Path

import cv2
import numpy as np
from mien.core.assets import head_path
from mien.core.model.head import load_head
from mien.core.model.params import CROP_SIZE, split

from ..labels.store import load_labels
from ..saving import save_picture
from .generator import Generator
from .people_assets import load_people_assets

COLUMNS = 16
"""Of the contact sheet."""


def main() -> None:
    """Write samples with their landmarks marked; print samples a second on one core."""
    parser = argparse.ArgumentParser(prog="python -m training.generator", description=main.__doc__)
    parser.add_argument("--labels", type=Path, default=Path("cache/labels.npz"))
    parser.add_argument(
        "--people", type=Path, help="file of training.generator.assets to draw made-up people with"
    )
    parser.add_argument(
        "--unmarked", action="store_true", help="leave the landmarks out of the picture"
    )
    parser.add_argument("--output", type=Path, default=Path("out/samples.png"))
    parser.add_argument("--count", type=int, default=128)
    parser.add_argument(
        "--clips", action="store_true", help="short clips instead of single pictures"
    )
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    head = load_head(head_path())
    people = load_people_assets(arguments.people, head) if arguments.people else None
    generator = Generator(head, load_labels(arguments.labels, head), arguments.seed, people)
    batch = generator.batch(arguments.count, clips=arguments.clips)
    model = head.landmark_model()
    landmarks = model.project(*split(batch["params"]))
    cells = []
    for crop, points, face in zip(batch["crop"], landmarks, batch["face"], strict=True):
        cell = cv2.resize(crop, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
        if face and not arguments.unmarked:
            for x, y, _ in points:
                at = (round(2 * x + CROP_SIZE), round(CROP_SIZE - 2 * y))
                cv2.circle(cell, at, 1, (0, 255, 0), -1)
        cells.append(cell)
    while len(cells) % COLUMNS:
        cells.append(np.zeros_like(cells[0]))
    rows = [np.hstack(cells[i : i + COLUMNS]) for i in range(0, len(cells), COLUMNS)]
    save_picture(arguments.output, np.vstack(rows))
    start = time.process_time()
    generator.batch(500, clips=arguments.clips)
    print(f"{500 / (time.process_time() - start):.0f} samples a second of processor time, one core")


if __name__ == "__main__":
    main()
