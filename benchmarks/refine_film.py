# SPDX-License-Identifier: GPL-3.0-or-later
"""Captured and refined motion of real film against the labelling tool's points and against the pixels."""

import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from mien.core.capture.capture import Models, capture
from mien.core.capture.sources import open_source
from mien.core.model.params import FloatArray
from mien.core.refine.refine import refine_take
from mien.core.solve.motion import solve_take

from training.evaluate.acting import acted_points
from training.evaluate.flow import offset_errors
from training.labels.mediapipe_tool import FaceMesh

STEADY_FRAMES = 250
"""Frames of a clip on which stability is measured; their pictures are in memory at once."""
# Numbers of MediaPipe's points.
EYES, LIPS, CORNERS, INNER, OUTER = (263, 33), (13, 14), (291, 61), (336, 107), (334, 105)


class FilmResult(NamedTuple):
    """One clip.

    Attributes:
        frames: compared; share: of the take's frames in which the pixels are believed.
        shapes: by name, correlation and gain against the tool's, as solved and as refined.
        stability: mean error of the way from frame to frame over the face's box, likewise.
        seconds: of processor time for refining.
    """

    frames: int
    share: float
    shapes: dict[str, list[tuple[float, float]]]
    stability: tuple[float, float]
    seconds: float


def measure_film(path: Path, models: Models, limit: int, every: int) -> FilmResult:
    """Capture and refine a video, and compare every so many of its frames."""
    head, seen = models.head, 0

    def enough() -> bool:
        nonlocal seen
        seen += 1
        return seen >= limit

    take = capture(open_source(path), models, should_stop=enough)
    begin = time.process_time()
    refined = refine_take(take, open_source(path), head)
    seconds = time.process_time() - begin
    motions = [solve_take(t, head) for t in (take, refined)]
    sets = [acted_points(motion, motion.blendshapes, head) for motion in motions]
    tool, images, rows, theirs = FaceMesh(), [], [], []
    for row, frame in enumerate(open_source(path)):
        if row >= len(take):
            break
        if row < STEADY_FRAMES:
            images.append(frame.image)
        if row % every == 0 and take.found[row] and (found := tool.find(frame.image)):
            rows.append(row)
            theirs.append(found.points[:, :2])
    truth = face_shapes(np.stack(theirs))
    ours = [face_shapes(points[rows]) for points in sets]
    shapes = {name: [_line(truth[name], o[name]) for o in ours] for name in truth}
    near = [points[: len(images)] for points in sets]
    sides = np.sqrt(np.ptp(near[0], axis=1).prod(axis=1))
    steady = offset_errors(images, np.arange(len(images)), near, sides)
    share = 0.0 if refined.refined is None else float((refined.refined.trust > 0.5).mean())
    return FilmResult(
        len(rows), share, shapes, (float(steady[0].mean()), float(steady[1].mean())), seconds
    )


def _line(truth: FloatArray, values: FloatArray) -> tuple[float, float]:
    """Correlation and gain."""
    return float(np.corrcoef(truth, values)[0, 1]), float(np.polyfit(truth, values, 1)[0])


def face_shapes(points: FloatArray) -> dict[str, FloatArray]:
    """Sizes ``(n,)`` of 468 points ``(n, 468, 2)``, over the distance of the eyes' outer corners.

    Heights are counted along the line at right angles to that between the eyes, left less right where a
    name ends in asymmetry.
    """
    across = points[:, EYES[0]] - points[:, EYES[1]]
    span = np.linalg.norm(across, axis=1)
    across = across / span[:, None]
    up = np.stack([across[:, 1], -across[:, 0]], axis=1)
    middle = (points[:, EYES[0]] + points[:, EYES[1]]) / 2

    def height(index: int) -> FloatArray:
        return np.asarray(((points[:, index] - middle) * up).sum(axis=1) / span)

    def apart(pair: tuple[int, int]) -> FloatArray:
        return np.asarray(np.linalg.norm(points[:, pair[0]] - points[:, pair[1]], axis=1) / span)

    out = {"lips": apart(LIPS), "mouth width": apart(CORNERS)}
    for name, (left, right) in (("corners", CORNERS), ("inner brow", INNER), ("outer brow", OUTER)):
        out[name] = height(left) + height(right)
        out[name + " asymmetry"] = height(left) - height(right)
    return out
