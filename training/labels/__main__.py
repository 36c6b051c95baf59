# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.labels FOLDER ... --output labels.npz``: label any folders of photos."""

import argparse
from pathlib import Path

import cv2
import numpy as np
from mien.core.assets import head_path
from mien.core.model.head import load_head
from tqdm import tqdm

from .fit import Fitter
from .mediapipe_tool import Found
from .steady import SteadyMesh
from .store import LabelledPhoto, crop_photo, label_photo, save_labels

SUFFIXES = {".jpg", ".jpeg", ".png"}
WORST_RESIDUAL = 0.035
"""Fits worse than this share of the face's box are left out: the points were wrong."""


def main() -> None:
    """Find the face in every photo, fit the head to it, store crops and labels."""
    parser = argparse.ArgumentParser(prog="python -m training.labels", description=main.__doc__)
    parser.add_argument("folders", type=Path, nargs="+", help="folders of photos, searched deeply")
    parser.add_argument("--output", type=Path, default=Path("cache/labels.npz"))
    arguments = parser.parse_args()
    head = load_head(head_path())
    mesh, fitter = SteadyMesh(head), Fitter(head)
    files = sorted(
        p for d in arguments.folders for p in d.rglob("*") if p.suffix.lower() in SUFFIXES
    )
    photos: list[LabelledPhoto] = []
    seen: list[Found] = []
    missed, poor = 0, 0
    for file in tqdm(files, unit="photo"):
        image = cv2.imread(str(file))
        found = None if image is None else mesh.find(image.astype(np.uint8))
        if image is None or found is None:
            missed += 1
            continue
        crop, placing = crop_photo(image.astype(np.uint8), found[0])
        first, steady = map(placing, found)
        photo = label_photo(file.stem, crop, first.points, steady, fitter)
        if photo.residual > WORST_RESIDUAL:
            poor += 1
            continue
        photos.append(photo)
        seen.append(steady)
    save_labels(arguments.output, photos, seen, head)
    residuals = [p.residual for p in photos]
    print(f"{len(photos)} photos labelled, {missed} without a face, {poor} fitted too poorly")
    print(f"median residual {np.median(residuals):.2%} of the face's box")


if __name__ == "__main__":
    main()
