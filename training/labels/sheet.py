# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.labels.sheet LABELS``: portraits with their weights beside them, to be looked at."""

import argparse
from pathlib import Path

import cv2
import numpy as np
from mien.core.assets import head_path
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.head import Head, load_head

from ..saving import save_picture
from .mediapipe_tool import ImageArray
from .store import LabelledPhoto, load_labels

TILE, TEXT, COLUMNS = 160, 130, 10
"""Pixels of a photo's side and of the column of its weights, and photos in a row."""
SHOWN = 0.08
"""Weights below this are not written."""
LINES = 12
"""Weights that are written beside a photo."""


def main() -> None:
    """Draw portraits at random, the landmarks of the head laid on each, and its weights."""
    parser = argparse.ArgumentParser(
        prog="python -m training.labels.sheet", description=main.__doc__
    )
    parser.add_argument("labels", type=Path)
    parser.add_argument("--output", type=Path, default=Path("out/labels.png"))
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    head = load_head(head_path())
    photos = load_labels(arguments.labels, head)
    order = np.random.default_rng(arguments.seed).permutation(len(photos))[: arguments.count]
    sheet = draw_sheet([photos[k] for k in order], head)
    save_picture(arguments.output, sheet)


def draw_sheet(photos: list[LabelledPhoto], head: Head) -> ImageArray:
    """One tile a portrait, ten in a row."""
    tiles = [_tile(photo, head) for photo in photos]
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % COLUMNS)
    rows = [np.hstack(tiles[i : i + COLUMNS]) for i in range(0, len(tiles), COLUMNS)]
    return np.vstack(rows).astype(np.uint8)


def _tile(photo: LabelledPhoto, head: Head) -> ImageArray:
    scale = TILE / max(photo.image.shape[:2])
    tile = np.zeros((TILE, TILE + TEXT, 3), np.uint8)
    small = cv2.resize(photo.image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    tile[: small.shape[0], : small.shape[1]] = small[:TILE, :TILE]
    for x, y in photo.landmarks(head) * scale:
        cv2.circle(
            tile, (round(float(x) * 8), round(float(y) * 8)), 8, (80, 255, 80), -1, cv2.LINE_AA, 3
        )
    order = [k for k in np.argsort(-photo.blendshapes) if photo.blendshapes[k] > SHOWN][:LINES]
    for line, k in enumerate(order):
        text = f"{ARKIT_BLENDSHAPES[k]} {photo.blendshapes[k]:.2f}".replace("Left", "_L").replace(
            "Right", "_R"
        )
        place = (TILE + 4, 12 + 13 * line)
        cv2.putText(
            tile, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.32, (255, 255, 255), 1, cv2.LINE_AA
        )
    return tile


if __name__ == "__main__":
    main()
