# SPDX-License-Identifier: GPL-3.0-or-later
"""Menpo-3D: a folder of videos as frames with points, each followed from its first frame to its last.

A video is a folder of ``NAME.jpg`` (or ``.png``) and ``NAME.pts`` in the order of their names. The points are the
68 of the iBUG order in pixels that count from 1. Where the files hold more, as the set's own 84, a file
``order.txt`` beside the videos says which they are: 68 numbers, counted from 0.

The error is that of the 68 points in the picture, the stability that of section 3.1, both over the root of the area
of the true points' box.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from mien.core.capture.regressor import Regressor
from mien.core.model.crop import CropBox, ImageArray
from mien.core.model.head import N_LANDMARKS, Head
from mien.core.model.params import CROP_SIZE, FloatArray
from numpy.typing import NDArray
from tqdm import tqdm

from ..geometry.landmarks import box_side
from .errors import Measured
from .follow import follow, stability
from .point_files import read_pts
from .report import Report

ORDER = "order.txt"
PICTURES = (".jpg", ".jpeg", ".png")


@dataclass(frozen=True)
class MeasuredVideo:
    """A video of n frames, measured.

    Attributes:
        name: of its folder.
        faces: in pixels of the crops that the network saw, which are the pictures.
        stability: ``(n,)``, NaN in the first frame and where the crop was put back.
        strayed: ``(n,)`` whether it was.
    """

    name: str
    faces: list[Measured]
    stability: FloatArray
    strayed: NDArray[np.bool_]


def measure_menpo3d(folder: Path, head: Head, regressor: Regressor) -> list[MeasuredVideo]:
    """Follow the face through every video of a folder.

    Raises:
        ValueError: the folder holds no video, or a frame, its points or the order cannot be read.
    """
    order = _order(folder)
    landmarks = head.landmark_model()
    measured = []
    for video in tqdm(_videos(folder), unit="video", leave=False):
        frames = _frames(video)
        truth = np.stack([_points(frame, order) for frame in frames])
        followed = follow(_pictures(frames), truth, landmarks, regressor)
        sides = np.array([box_side(points) for points in truth], np.float32)
        faces = [
            _in_crop(f"{video.name} {frame.stem}", crop, followed.predicted[k], truth[k], box)
            for k, (frame, crop, box) in enumerate(
                zip(frames, followed.crops, followed.boxes, strict=True)
            )
        ]
        steady = stability(followed.predicted, truth, sides, followed.strayed)
        measured.append(MeasuredVideo(video.name, faces, steady, followed.strayed))
    return measured


def report_menpo3d(videos: list[MeasuredVideo], report: Report) -> None:
    """Print NME and stability of each video, and both over all frames; draw the worst faces."""
    for video in videos:
        error = float(np.mean([face.error for face in video.faces]))
        report.note("menpo3d", f"{video.name}_nme68", error, "%", len(video.faces))
        _note_stability(f"{video.name}_stability", video.stability, report)
    faces = [face for video in videos for face in video.faces]
    nme = float(np.mean([face.error for face in faces]))
    report.note("menpo3d", "nme68", nme, "%", len(faces))
    _note_stability("stability", np.concatenate([video.stability for video in videos]), report)
    strayed = float(np.concatenate([video.strayed for video in videos]).mean())
    report.note("menpo3d", "strayed", strayed, "%", len(faces))
    report.worst("menpo3d", faces)


def _note_stability(name: str, steps: FloatArray, report: Report) -> None:
    known = steps[np.isfinite(steps)]
    value = float(known.mean()) if len(known) else float("nan")
    report.note("menpo3d", name, value, "%", len(known))


def _in_crop(
    name: str, crop: ImageArray, found: FloatArray, truth: FloatArray, box: CropBox
) -> Measured:
    """Both sets of points moved into the crop, so that frames need not be kept."""

    def into(points: FloatArray) -> FloatArray:
        away = (points - [box.x, box.y]) * (CROP_SIZE / box.size)
        return np.asarray(away + (CROP_SIZE - 1) / 2, np.float32)

    return Measured(name, crop, into(found), into(truth), box_side(into(truth)))


def _videos(folder: Path) -> list[Path]:
    videos = sorted(path.parent for path in folder.glob("*/*.pts"))
    if not videos:
        raise ValueError(
            f"{folder} holds no folder with .pts files; give that of Menpo-3D's videos"
        )
    return sorted(set(videos))


def _frames(video: Path) -> list[Path]:
    """The pictures of a video that have points, in the order of their names."""
    frames = []
    for points in sorted(video.glob("*.pts")):
        found = [points.with_suffix(ending) for ending in PICTURES]
        picture = next((path for path in found if path.is_file()), None)
        if picture is None:
            raise ValueError(f"{points} has no picture of its name beside it")
        frames.append(picture)
    return frames


def _pictures(frames: list[Path]) -> Iterator[ImageArray]:
    for frame in frames:
        image = cv2.imread(str(frame))
        if image is None:
            raise ValueError(f"{frame} cannot be read")
        yield image.astype(np.uint8)


def _points(frame: Path, order: NDArray[np.int64] | None) -> FloatArray:
    path = frame.with_suffix(".pts")
    points = read_pts(path)
    if order is not None and order.max() < len(points):
        return points[order]
    if order is not None or len(points) != N_LANDMARKS:
        raise ValueError(
            f"{path} holds {len(points)} points; say in {ORDER} beside the videos which {N_LANDMARKS} are meant"
        )
    return points


def _order(folder: Path) -> NDArray[np.int64] | None:
    path = folder / ORDER
    if not path.exists():
        return None
    words = path.read_text(encoding="utf-8").split()
    if len(words) != N_LANDMARKS or not all(word.isdecimal() for word in words):
        raise ValueError(f"{path} holds something else than {N_LANDMARKS} numbers counted from 0")
    return np.array(words, np.int64)
