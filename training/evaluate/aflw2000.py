# SPDX-License-Identifier: GPL-3.0-or-later
"""AFLW2000-3D: a folder of NAME.jpg and NAME.mat, measured by the paper's protocol.

Each face is cropped by the box of its own 68 points. The set's coordinates are MATLAB's, which
count pixels from 1; they are brought to ours, which count from 0. Code that was trained on data of
the same make compares the numbers as they are; :attr:`Aflw2000.unshifted` says what that gives.

The set was annotated a second time by others, whose points come as one array of all faces in the order of their
names. Where labels hold ``vertices`` too, the whole surface is measured (:mod:`.dense`).
"""

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from mien.core.capture.regressor import Regressor
from mien.core.model.crop import box_around_landmarks, cut
from mien.core.model.head import N_LANDMARKS, Head
from mien.core.model.params import FloatArray, decompose, split
from scipy.io import loadmat
from scipy.io.matlab import MatReadError
from tqdm import tqdm

from ..geometry.landmarks import INNER, box_side
from .dense import surface_error
from .errors import FIRST_PIXEL, Measured
from .regress_still import regress_still
from .report import Report
from .turns import between, constant_turn, from_pose_para, to_pose_para
from .yaw import by_yaw

STEEPEST = 99.0
"""Rotations with an angle beyond this (degrees) are left out, as is the custom with this set."""


@dataclass(frozen=True)
class Aflw2000:
    """The set, measured; n faces.

    Attributes:
        faces: in pixels counted from 0.
        unshifted: the same errors ``(n,)`` with the set's numbers taken as counted from 0.
        dense: ``(n,)`` error of the surface over the box (:func:`.dense.surface_error`), NaN where no vertices are
            given.
        angles: ``(n, 3)`` pitch, yaw, roll in degrees, in the set's convention.
        turns: ``(n, 3, 3)`` of the set; predicted: ours.
    """

    faces: list[Measured]
    unshifted: FloatArray
    dense: FloatArray
    angles: FloatArray
    turns: FloatArray
    predicted: FloatArray


def measure_aflw2000(folder: Path, head: Head, regressor: Regressor) -> Aflw2000:
    """Regress every face of the set.

    Raises:
        ValueError: the folder holds no pair of files, or one cannot be read or has other shapes.
    """
    labels = labels_in(folder)
    landmarks = head.landmark_model()
    faces, unshifted, dense, angles, predicted = [], [], [], [], []
    for label in tqdm(labels, unit="face", leave=False):
        points, pose, vertices = read_label(label)
        picture = label.with_suffix(".jpg")
        image = cv2.imread(str(picture))
        if image is None:
            raise ValueError(f"{picture} is missing or cannot be read")
        box = box_around_landmarks(points)
        found, params = regress_still(cut(image.astype(np.uint8), box), box, landmarks, regressor)
        face = Measured(label.stem, image.astype(np.uint8), found, points, box_side(points))
        faces.append(face)
        unshifted.append(replace(face, truth=points + FIRST_PIXEL).error)
        dense.append(
            np.nan if vertices is None else surface_error(vertices, params, box, head) / face.box
        )
        angles.append(pose)
        predicted.append(decompose(split(params).transform).rotation)
    radians = np.array(angles, np.float32)
    return Aflw2000(
        faces,
        np.array(unshifted, np.float32),
        np.array(dense, np.float32),
        np.degrees(radians),
        from_pose_para(radians),
        np.array(predicted, np.float32),
    )


def labels_in(folder: Path) -> list[Path]:
    """The set's labels, in the order of their names.

    Raises:
        ValueError: there are none.
    """
    labels = sorted(folder.glob("*.mat"))
    if not labels:
        raise ValueError(f"{folder} holds no .mat file; give the folder of AFLW2000-3D")
    return labels


def read_label(path: Path) -> tuple[FloatArray, FloatArray, FloatArray | None]:
    """The 68 points ``(68, 2)`` in pixels counted from 0; pitch, yaw and roll ``(3,)`` in radians; vertices if any.

    Vertices ``(V, 3)`` are in the same pixels, z toward the viewer in the same scale.

    Raises:
        ValueError: not a label of this set.
    """
    try:
        data = loadmat(str(path), variable_names=["pt3d_68", "Pose_Para", "vertices"])
        points = np.asarray(data["pt3d_68"], np.float32)
        pose = np.asarray(data["Pose_Para"], np.float32).ravel()
        vertices = np.asarray(data.get("vertices", np.zeros((3, 0))), np.float32)
    except (OSError, KeyError, ValueError, NotImplementedError, MatReadError) as error:
        raise ValueError(f"{path} is not a label of AFLW2000-3D ({error})") from error
    if vertices.ndim != 2 or len(vertices) != 3:
        raise ValueError(f"{path}: vertices are {vertices.shape}, not (3, number)")
    if points.shape != (3, N_LANDMARKS) or pose.shape != (7,):
        raise ValueError(f"{path}: pt3d_68 is {points.shape} and Pose_Para {pose.shape}")
    if not all(np.isfinite(part).all() for part in (points, pose, vertices)):
        raise ValueError(f"{path} holds numbers that are not finite")
    surface = vertices.T - [FIRST_PIXEL, FIRST_PIXEL, 0] if vertices.size else None
    return points[:2].T - FIRST_PIXEL, pose[:3], surface


def read_reannotated(path: Path, count: int) -> FloatArray:
    """The second annotation ``(count, 68, 2)`` in pixels counted from 0, faces in the order of their names.

    Args:
        path: an array ``(count, 2 or 3, 68)`` whose pixels count from 1, as the set's do.
        count: of the set's faces.

    Raises:
        ValueError: another array, or not an array.
    """
    try:
        points = np.load(path, allow_pickle=False, mmap_mode="r")
    except (OSError, ValueError, EOFError) as error:
        raise ValueError(f"{path} is not a plain array of points ({error})") from error
    fits = [(count, axes, N_LANDMARKS) for axes in (2, 3)]
    if points.shape not in fits or points.dtype.kind != "f":
        raise ValueError(f"{path} is {points.dtype}{points.shape}, not {fits[0]} or {fits[1]}")
    flat = np.array(points[:, :2], np.float32).transpose(0, 2, 1)
    if not np.isfinite(flat).all():
        raise ValueError(f"{path} holds numbers that are not finite")
    return flat - FIRST_PIXEL


def reannotated(measured: Aflw2000, points: FloatArray) -> list[Measured]:
    """The same predictions against a second annotation ``(n, 68, 2)``, whose own boxes divide the errors."""
    return [
        replace(face, truth=truth, box=box_side(truth))
        for face, truth in zip(measured.faces, points, strict=True)
    ]


def report_reannotated(faces: list[Measured], yaw: FloatArray, report: Report) -> None:
    """Print the errors against the second annotation, by the first one's yaw ``(n,)`` in degrees."""
    for name, part in (("68", slice(None)), ("inner51", INNER)):
        errors = [face.error_of(part) for face in faces]
        report.by_yaw("aflw2000", f"reannotated_nme{name}", errors, yaw)
    as_given = [replace(face, truth=face.truth + FIRST_PIXEL).error for face in faces]
    balanced = by_yaw(as_given, yaw)["balanced"]
    report.note("aflw2000", "reannotated_nme68_unshifted", balanced, "%", len(faces))


def report_aflw2000(measured: Aflw2000, report: Report) -> None:
    """Print the table of the set."""
    yaw = measured.angles[:, 1]
    for name, part in (("68", slice(None)), ("inner51", INNER)):
        errors = [face.error_of(part) for face in measured.faces]
        report.by_yaw("aflw2000", f"nme{name}", errors, yaw)
    if np.isfinite(measured.dense).any():
        report.by_yaw("aflw2000", "dense", measured.dense, yaw)
    balanced = by_yaw(measured.unshifted, yaw)["balanced"]
    report.note("aflw2000", "nme68_unshifted", balanced, "%", len(yaw))
    within = (np.abs(measured.angles) <= STEEPEST).all(axis=1)
    turns, ours = measured.turns[within], measured.predicted[within]
    off = to_pose_para(ours) - np.radians(measured.angles[within])
    each = np.degrees(np.abs(np.arctan2(np.sin(off), np.cos(off)))).mean(axis=0)
    for name, value in zip(("pitch", "yaw", "roll"), each, strict=True):
        report.note("aflw2000", name, float(value), "deg", len(ours))
    report.note("aflw2000", "rotation", float(between(ours, turns).mean()), "deg", len(ours))
    level = ours @ constant_turn(ours, turns)
    report.note(
        "aflw2000", "rotation_levelled", float(between(level, turns).mean()), "deg", len(ours)
    )
    report.worst("aflw2000", measured.faces)
