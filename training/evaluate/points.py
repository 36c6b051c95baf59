# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder of pictures with 68 points each, listed in a CSV file, in pixels counted from 0.

Files of points as ``.pts`` and MATLAB's count pixels from 1, and tables made of them often do so still: their
points then lie one pixel too far right and down, whatever the size of the face. The report says where the table
lies against the prediction, and what the error would be if it were so counted.
"""

import csv
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from mien.core.capture.regressor import Regressor
from mien.core.model.crop import box_around_landmarks, cut
from mien.core.model.head import N_LANDMARKS, Head
from mien.core.model.params import FloatArray
from tqdm import tqdm

from ..geometry.landmarks import INNER, box_side
from .errors import FIRST_PIXEL, Measured, mean_error
from .regress_still import regress_still
from .report import Report


def measure_points(table: Path, images: Path, head: Head, regressor: Regressor) -> list[Measured]:
    """Regress each picture of a table, cropped by the box of its own points as the paper does.

    Args:
        table: CSV with a header; a row is the file's name and x1, y1 ... x68, y68 in pixels.
        images: where the files are.

    Raises:
        ValueError: a row or a picture cannot be read.
    """
    landmarks = head.landmark_model()
    faces = []
    for name, points in tqdm(read_table(table), unit="picture", leave=False):
        image = cv2.imread(str(images / name))
        if image is None:
            raise ValueError(f"{images / name} cannot be read")
        box = box_around_landmarks(points)
        predicted, _ = regress_still(cut(image.astype(np.uint8), box), box, landmarks, regressor)
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


def report_points(faces: list[Measured], report: Report) -> None:
    """Print the errors as the table stands, how far it lies off, and the error if it counts from 1."""
    report.note("points", "inner51", mean_error(faces, INNER), "%", len(faces))
    report.note("points", "all68", mean_error(faces), "%", len(faces))
    by_size = sorted(faces, key=lambda face: face.box)
    half = (len(faces) + 1) // 2
    for part, some in (("small", by_size[:half]), ("large", by_size[-half:])):
        off = np.mean([(f.truth - f.predicted)[INNER].mean(axis=0) for f in some], axis=0)
        for axis, value in zip("xy", off, strict=True):
            report.note("points", f"table_off_{axis}_{part}", float(value), "px", half)
    counted = [replace(face, truth=face.truth - FIRST_PIXEL) for face in faces]
    report.note("points", "inner51_from_1", mean_error(counted, INNER), "%", len(faces))
    report.worst("points", faces)
