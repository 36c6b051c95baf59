# SPDX-License-Identifier: GPL-3.0-or-later
"""A real clip through the whole capture, measured frame by frame against the labelling tool.

Nobody knows the true points of a real clip. For accuracy the tool's points stand for them, found
anew in every frame. For stability the pixels themselves do: from one frame to the next, points on
the face move as the picture around them does (Lucas-Kanade). Both are measured against that, the
capture and the tool, which then follows the face as it does in video.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from mien.core.capture.capture import Models, capture
from mien.core.capture.sources import open_source
from mien.core.model.crop import crop_to_image
from mien.core.model.params import FloatArray, split
from mien.core.solve.motion import solve_take
from numpy.typing import NDArray

from ..geometry.landmarks import box_side
from ..labels.mediapipe_tool import FaceMesh
from .acting import keyed_points
from .blendshapes import BLINKS, SHAPES, blink_f1, eye_aspect, face_shape
from .errors import Measured
from .flow import offset_errors
from .plots import draw_blinks
from .report import Report

SHUT = 0.6
"""An eye is closed where its height over its width is less than this share of its median."""


@dataclass(frozen=True)
class ClipResult:
    """Frames in which both the capture and the tool saw the face, n in number.

    Attributes:
        faces: with 468 points each.
        times: ``(n,)`` seconds.
        blendshapes: ``(n, 52)`` as the network says them; solved: as the solve of the take gives them, which
            is what is keyed.
        keyed: ``(n, 468, 2)`` where the face that is keyed, with one identity, has the points.
        aspect: ``(n, 2)`` of the subject's left and right eye, as the tool sees it.
        stability: ``(pairs,)`` of neighbouring frames, the capture's; tool_stability: the tool's.
        frames: of the clip.
        lost: frames in which the tool saw a face and the capture had none.
    """

    faces: list[Measured]
    times: FloatArray
    blendshapes: FloatArray
    solved: FloatArray
    keyed: FloatArray
    aspect: FloatArray
    stability: FloatArray
    tool_stability: FloatArray
    frames: int
    lost: int


def measure_clip(path: Path, models: Models) -> ClipResult:
    """Capture a video as the add-on does, finder and tracker included, and compare every frame."""
    take = capture(open_source(path), models)
    points = crop_to_image(models.head.mediapipe_model().project(*split(take.params)), take.boxes)
    still, moving = FaceMesh(), FaceMesh(still=False)
    faces: list[Measured] = []
    rows, followed, lost = [], [], 0
    for index, frame in enumerate(open_source(path)):
        seen, after = still.find(frame.image), moving.find(frame.image)
        if seen is None or after is None:
            continue
        if not take.found[index]:
            lost += 1
            continue
        truth = seen.points[:, :2]
        name = f"{path.stem} {index}"
        faces.append(Measured(name, frame.image, points[index, :, :2], truth, box_side(truth)))
        rows.append(index)
        followed.append(after.points[:, :2])
    ours = np.stack([face.predicted for face in faces])
    head, motion = models.head, solve_take(take, models.head)
    stability, tool_stability = offset_errors(
        [face.image for face in faces], np.array(rows), (ours, np.stack(followed)),
        np.array([face.box for face in faces]),
    )  # fmt: skip
    return ClipResult(
        faces,
        take.times[rows].astype(np.float32),
        take.blendshapes[rows],
        motion.blendshapes[rows],
        keyed_points(motion, head)[rows],
        eye_aspect(np.stack([face.truth for face in faces])),
        stability,
        tool_stability,
        len(take.found),
        lost,
    )


def report_clip(clip: ClipResult, report: Report, kind: str = "clip") -> None:
    """Print the table of the clip under a name, and draw its blinks."""
    count = len(clip.faces)
    report.note(kind, "all468", float(np.mean([face.error for face in clip.faces])), "%", count)
    report.note(kind, "lost", clip.lost / clip.frames, "%", clip.frames)
    pairs = len(clip.stability)
    report.note(kind, "stability", float(clip.stability.mean()), "%", pairs)
    report.note(kind, "stability_mediapipe", float(clip.tool_stability.mean()), "%", pairs)
    openness = clip.aspect / np.median(clip.aspect, axis=0)
    weights = clip.blendshapes[:, BLINKS]
    shut = closed(openness)
    report.note(kind, "blink_f1", blink_f1(clip.solved[:, BLINKS], shut), "", count)
    report.note(kind, "blink_f1_unsolved", blink_f1(weights, shut), "", count)
    both = np.corrcoef(weights.mean(axis=1), openness.mean(axis=1))[0, 1]
    report.note(kind, "blink_r", -float(both), "", count)
    theirs = face_shape(np.stack([face.truth for face in clip.faces]))
    seen = face_shape(np.stack([face.predicted for face in clip.faces]))
    for end, ours in (("", seen), ("_keyed", face_shape(clip.keyed))):
        for k, name in enumerate(SHAPES):
            slope, _ = np.polyfit(theirs[:, k], ours[:, k], 1)
            together = np.corrcoef(ours[:, k], theirs[:, k])[0, 1]
            report.note(kind, f"{name}_r{end}", float(together), "", count)
            report.note(kind, f"{name}_gain{end}", float(slope), "", count)
    report.worst(kind, clip.faces)
    draw_blinks(clip.times, weights, openness, report.folder / f"{kind}_blinks.png")


def closed(openness: FloatArray) -> NDArray[np.float32]:
    """1 where an eye is closed, 0 where it is open, by its openness over the median."""
    return np.asarray(openness < SHUT, np.float32)
