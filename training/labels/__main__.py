# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.labels FOLDER ... --output labels.npz``: label any folders of photos."""

import argparse
from pathlib import Path

import cv2
import numpy as np
from mien.core.assets import head_path
from mien.core.model.head import load_head
from tqdm import tqdm

from .label import label_all
from .mediapipe_tool import ImageArray
from .steady import SteadyMesh
from .store import SeenFace, crop_photo, save_labels
from .witness import Witness

SUFFIXES = {".jpg", ".jpeg", ".png"}
"""Files of a folder that are taken for photos."""
WORST_RESIDUAL = 0.035
"""Fits worse than this share of the face's box are left out: the points were wrong."""


def main() -> None:
    """Find the face in every photo, fit the head to it, store crops and labels."""
    parser = argparse.ArgumentParser(prog="python -m training.labels", description=main.__doc__)
    parser.add_argument("folders", type=Path, nargs="+", help="folders of photos, searched deeply")
    parser.add_argument("--output", type=Path, default=Path("cache/labels.npz"))
    parser.add_argument(
        "--witness", type=Path, required=True, help="MediaPipe's face_landmarker.task"
    )
    arguments = parser.parse_args()
    head = load_head(head_path())
    mesh, witness = SteadyMesh(head), Witness(arguments.witness)
    files = sorted(
        p for d in arguments.folders for p in d.rglob("*") if p.suffix.lower() in SUFFIXES
    )
    faces: list[SeenFace] = []
    for file in tqdm(files, unit="photo"):
        image = cv2.imread(str(file))
        face = None if image is None else look(file.stem, image.astype(np.uint8), mesh, witness)
        if face is not None:
            faces.append(face)
    labels, bias = label_all(faces, head)
    good = [
        (photo, face)
        for photo, face in zip(labels, faces, strict=True)
        if photo.residual <= WORST_RESIDUAL
    ]
    photos = [photo for photo, _ in good]
    save_labels(arguments.output, photos, [face for _, face in good], bias, head)
    residuals = [p.residual for p in photos]
    print(f"{len(photos)} photos labelled, {len(files) - len(faces)} without a face,", end=" ")
    print(f"{len(faces) - len(good)} fitted too poorly")
    print(f"median residual {np.median(residuals):.2%} of the face's box")


def look(name: str, image: ImageArray, mesh: SteadyMesh, witness: Witness) -> SeenFace | None:
    """Cut out the face of a photo and see it with both tools; None where either finds none."""
    found = mesh.find(image)
    scores = None if found is None else witness.scores(image)
    if found is None or scores is None:
        return None
    crop, placing = crop_photo(image, found[0])
    first, steady = map(placing, found)
    return SeenFace(name, crop, first.points[:, :2].copy(), steady, scores)


if __name__ == "__main__":
    main()
