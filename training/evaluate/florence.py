# SPDX-License-Identifier: GPL-3.0-or-later
"""Florence: scans of faces, and pictures of them in several poses, measured over the outer interocular distance.

A subject is a folder with ``scan.obj`` (its ``v`` rows are read), ``scan.csv`` with the 68 points on the scan, x, y
and z in a row each and in the scan's units, and any number of pictures ``NAME.jpg`` (or ``.png``), each with its 68
points in ``NAME.csv``, x and y in pixels counted from 0, by which it is cropped. No file has a header.

The regressed face has the scan brought onto it: its scale, which a picture does not show, by the 68 points, then
rigidly by the nearest places, round after round. The error is the mean distance from the scan's face to the nearest
place of ours over the distance of the eyes' outer corners.
"""

from pathlib import Path

import cv2
import numpy as np
from mien.core.capture.regressor import Regressor
from mien.core.model.crop import box_around_landmarks, cut
from mien.core.model.head import N_LANDMARKS, Head, IntArray
from mien.core.model.params import FloatArray, split
from tqdm import tqdm

from ..geometry.alignment import Points, align_points
from ..head.correspond import nearest_on_surface
from .point_files import read_csv_points
from .report import Report

OUTER_CORNERS = (36, 45)
NOSE_TIP = 30
"""Landmarks (iBUG's numbers from 0) that the protocol measures by."""
FACE = 1.05
"""Vertices of the scan within so many outer interocular distances of the tip of the nose are its face: 95 mm where
that distance is 90 mm, as is the custom with scans; what lies beyond is hair, neck and clothes."""
ROUNDS = 20
"""Of the alignment; chosen generously."""
MOST = 4000
"""Vertices of the scan that are asked, evenly spread over their order."""
MOST_BYTES = 512 * 2**20
"""No scan of a face is as large."""
PICTURES = ("*.jpg", "*.jpeg", "*.png")


def measure_florence(folder: Path, head: Head, regressor: Regressor) -> dict[str, list[float]]:
    """Errors of every picture, by subject.

    Raises:
        ValueError: the folder holds no subject, or a scan, its points or a picture cannot be read.
    """
    subjects = sorted(path.parent for path in folder.glob("*/scan.obj"))
    if not subjects:
        raise ValueError(
            f"{folder} holds no folder with a scan.obj; give that of Florence's subjects"
        )
    errors: dict[str, list[float]] = {}
    skin = head.quads[np.isin(head.materials, (0, 1))]
    for subject in tqdm(subjects, unit="subject", leave=False):
        scan = read_scan(subject / "scan.obj")
        scan68 = read_csv_points(subject / "scan.csv", N_LANDMARKS, 3)
        pictures = sorted(path for kind in PICTURES for path in subject.glob(kind))
        if not pictures:
            raise ValueError(f"{subject} holds no picture")
        errors[subject.name] = []
        for picture in pictures:
            image = cv2.imread(str(picture))
            if image is None:
                raise ValueError(f"{picture} cannot be read")
            box = box_around_landmarks(read_csv_points(picture.with_suffix(".csv"), N_LANDMARKS, 2))
            params = regressor.run(cut(image.astype(np.uint8), box)[None]).params[0]
            transform, identity, expression = split(params)
            shape = head.shape(identity, expression)
            ours, ours68 = (
                part @ transform[:, :3].T + transform[:, 3]
                for part in (shape, head.take_landmarks(shape))
            )
            errors[subject.name].append(aligned_error(scan, scan68, ours, ours68, skin))
    return errors


def aligned_error(
    scan: FloatArray, scan68: FloatArray, ours: FloatArray, ours68: FloatArray, quads: IntArray
) -> float:
    """Mean distance from a scan's face to a surface after alignment, over the scan's outer interocular distance.

    Both are right-handed; units may differ.

    Args:
        scan: ``(V, 3)``.
        scan68: ``(68, 3)`` on it.
        ours: ``(N, 3)`` vertices of the surface.
        ours68: ``(68, 3)`` on it.
        quads: ``(F, 4)`` of the surface.

    Raises:
        ValueError: no vertex of the scan is near its own points.
    """
    eyes = float(np.linalg.norm(scan68[OUTER_CORNERS[0]] - scan68[OUTER_CORNERS[1]]))
    face = scan[np.linalg.norm(scan - scan68[NOSE_TIP], axis=1) < FACE * eyes]
    if not len(face):
        raise ValueError("the points of a scan do not lie on it; give both in the same units")
    face = face[np.linspace(0, len(face) - 1, min(MOST, len(face))).astype(int)]
    surface = np.asarray(ours, np.float64)
    first = align_points(scan68, ours68, scaled=True)
    asked: Points = first.of(face)
    for _ in range(ROUNDS):
        places = nearest_on_surface(asked, surface, quads)[0].on(surface)
        asked = align_points(asked, places, scaled=False).of(asked)
    away = nearest_on_surface(asked, surface, quads)[1]
    return float(away.mean() / (first.scale * eyes))


def read_scan(path: Path) -> FloatArray:
    """The vertices ``(V, 3)`` of a Wavefront file.

    Raises:
        ValueError: too large, or it holds no vertices.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ValueError(
                f"{path} is larger than {MOST_BYTES // 2**20} MB; give the scan of a face"
            )
        with path.open(encoding="utf-8", errors="replace") as file:
            rows = [line.split()[1:4] for line in file if line.startswith("v ")]
        vertices = np.array(rows, np.float32)
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} cannot be read as a scan ({error})") from error
    if vertices.ndim != 2 or vertices.shape[1] != 3 or not np.isfinite(vertices).all():
        raise ValueError(f"{path} holds no vertices, rows that begin with v")
    return vertices


def report_florence(errors: dict[str, list[float]], report: Report) -> None:
    """Print the error of each subject and of all pictures."""
    for subject, each in errors.items():
        report.note("florence", subject, float(np.mean(each)), "%", len(each))
    whole = [error for each in errors.values() for error in each]
    report.note("florence", "nme", float(np.mean(whole)), "%", len(whole))
