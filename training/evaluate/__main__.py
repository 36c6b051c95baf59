# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.evaluate``: measure a regressor; the last line printed is the figures alone."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

import numpy as np
from mien.core.assets import regressor_path
from mien.core.capture.capture import Models, load_models
from mien.core.errors import MienError

from .acting import measure_acting
from .acting_figures import figures
from .acting_report import report_acting
from .aflw import measure_aflw
from .aflw2000 import (
    labels_in,
    measure_aflw2000,
    read_reannotated,
    reannotated,
    report_aflw2000,
    report_reannotated,
)
from .clip import measure_clip, report_clip
from .clips import measure_clips, report_clips
from .florence import measure_florence, report_florence
from .menpo3d import measure_menpo3d, report_menpo3d
from .points import measure_points, report_points
from .portraits import measure_portraits, report_portraits
from .report import Report
from .rolled import measure_rolled, report_rolled

ASKED = (
    "portraits",
    "rolled",
    "points",
    "clips",
    "video",
    "aflw2000",
    "aflw",
    "florence",
    "menpo3d",
)


def main() -> None:
    """Measure on whatever is named: portraits, points, generated clips, a video, public sets."""
    parser = ArgumentParser(prog="python -m training.evaluate", description=main.__doc__)
    parser.add_argument("--model", type=Path, default=regressor_path(), help="the .onnx file")
    parser.add_argument(
        "--once",
        action="store_true",
        help="see each crop once, as live from a camera; else in a mirror too, as footage is seen",
    )
    parser.add_argument("--portraits", type=Path, metavar="LABELS", help="labels.npz of photos")
    parser.add_argument(
        "--rolled",
        type=Path,
        metavar="LABELS",
        help="the same photos turned in the picture's plane",
    )
    parser.add_argument("--points", type=Path, metavar="CSV", help="68 points of each picture")
    parser.add_argument("--images", type=Path, metavar="DIR", help="the pictures of --points")
    parser.add_argument(
        "--clips", type=Path, metavar="LABELS", help="make clips of labelled photos"
    )
    parser.add_argument("--video", type=Path, nargs="+", metavar="FILE", help="clips with a face")
    parser.add_argument(
        "--blendshapes",
        type=Path,
        metavar="TASK",
        help="face_landmarker.task of MediaPipe: measure what the faces of --video do by it",
    )
    parser.add_argument("--aflw2000", type=Path, metavar="DIR", help="NAME.jpg and NAME.mat")
    parser.add_argument(
        "--reannotated",
        type=Path,
        metavar="FILE.npy",
        help="second points of the faces of --aflw2000",
    )
    parser.add_argument("--aflw", type=Path, metavar="DIR", help="crops and arrays of AFLW")
    parser.add_argument("--florence", type=Path, metavar="DIR", help="scans and their pictures")
    parser.add_argument("--menpo3d", type=Path, metavar="DIR", help="videos as frames with points")
    parser.add_argument(
        "--out", type=Path, default=Path("out/evaluation"), help="folder for pictures and plots"
    )
    arguments = parser.parse_args()
    if bool(arguments.points) != bool(arguments.images):
        parser.error("--points and --images go together")
    if arguments.reannotated and not arguments.aflw2000:
        parser.error("--reannotated goes with --aflw2000")
    if arguments.blendshapes and not arguments.video:
        parser.error("--blendshapes goes with --video")
    if not any(getattr(arguments, name) for name in ASKED):
        parser.error(f"nothing to measure on; give {', '.join('--' + name for name in ASKED)}")
    try:
        measure(arguments)
    except (MienError, ValueError) as error:
        raise SystemExit(str(error)) from None


def measure(arguments: Namespace) -> None:
    """Measure on all that is named, one after the other.

    Raises:
        ValueError, MienError: something of it cannot be read.
    """
    models = load_models(regressor=arguments.model, twice=not arguments.once)
    head, regressor = models.head, models.regressor
    report = Report(arguments.out)
    report.figures["model"] = regressor.id
    if arguments.portraits:
        report_portraits(measure_portraits(arguments.portraits, head, regressor), report)
    if arguments.rolled:
        report_rolled(measure_rolled(arguments.rolled, head, regressor), report)
    if arguments.points:
        faces = measure_points(arguments.points, arguments.images, head, regressor)
        report_points(faces, report)
    if arguments.clips:
        report_clips(measure_clips(arguments.clips, head, regressor), report)
    if arguments.video:
        measure_videos(arguments.video, arguments.blendshapes, models, report)
    if arguments.aflw2000:
        labels, second = labels_in(arguments.aflw2000), arguments.reannotated
        points = read_reannotated(second, len(labels)) if second else None
        measured = measure_aflw2000(arguments.aflw2000, head, regressor)
        report_aflw2000(measured, report)
        if points is not None:
            report_reannotated(reannotated(measured, points), measured.angles[:, 1], report)
    if arguments.aflw:
        faces, yaw = measure_aflw(arguments.aflw, head, regressor)
        report.by_yaw("aflw", "nme21", np.array([face.error for face in faces]), yaw)
        report.worst("aflw", faces)
    if arguments.florence:
        report_florence(measure_florence(arguments.florence, head, regressor), report)
    if arguments.menpo3d:
        report_menpo3d(measure_menpo3d(arguments.menpo3d, head, regressor), report)
    print(report.last_line())


def measure_videos(videos: list[Path], task: Path | None, models: Models, report: Report) -> None:
    """What the faces do, by MediaPipe's blendshapes if their bundle is given; or else where their points lie."""
    stems = [video.stem for video in videos]
    names = stems if len(set(stems)) == len(stems) else [str(video) for video in videos]
    if task:
        acted = [figures(measure_acting(video, task, models)) for video in videos]
        report_acting(dict(zip(names, acted, strict=True)), report)
        return
    for name, video in zip(["clip"] if len(videos) == 1 else names, videos, strict=True):
        report_clip(measure_clip(video, models), report, name)


if __name__ == "__main__":
    main()
