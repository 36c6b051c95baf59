# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder of pictures with 68 points each, listed in a CSV file."""

import csv
from pathlib import Path

import cv2
import numpy as np
from mien.core.crop import box_around_landmarks, crop_to_image, cut
from mien.core.head import N_LANDMARKS, Head
from mien.core.params import FloatArray, split
from mien.core.regressor import Regressor
from tqdm import tqdm

from .errors import Measured, box_side


def measure_points(table: Path, images: Path, head: Head, regressor: Regressor) -> list[Measured]:
    """Regress each picture of a table, cropped by the box of its own points as the paper does.

    Args:
        table: CSV with a header; a row is the file's name and x1, y1 ... x68, y68 in pixels.
        images: where the files are.

    Raises:
        ValueError: a row or a picture cannot be read.
    """
    landmarks = head.at_landmarks()
    faces = []
    for name, points in tqdm(read_table(table), unit="picture", leave=False):
        image = cv2.imread(str(images / name))
        if image is None:
            raise ValueError(f"{images / name} cannot be read")
        box = box_around_landmarks(points)
        out = regressor.run(cut(image.astype(np.uint8), box)[None])
        placed = landmarks.project(*split(out.params[0]))
        predicted = crop_to_image(placed, np.array(box, np.float32))[:, :2]
        faces.append(Measured(name, image.astype(np.uint8), predicted, points, box_side(points)))
    return faces


def read_table(table: Path) -> list[tuple[str, FloatArray]]:
    """File names and ``(68, 2)`` points of the table's rows.

    Raises:
        ValueError: a row does not hold 68 points.
    """
    rows = []
    with table.open(newline="") as file:
        reader = csv.reader(file)
        next(reader, None)
        for row in reader:
            if len(row) != 1 + 2 * N_LANDMARKS:
                raise ValueError(f"{table}: row {reader.line_num} does not hold 68 points")
            rows.append((row[0], np.array(row[1:], np.float32).reshape(N_LANDMARKS, 2)))
    return rows
