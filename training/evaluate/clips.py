# SPDX-License-Identifier: GPL-3.0-or-later
"""Generated clips through the regressor, frame after frame, as the paper measures on Menpo-3D.

Each frame is cropped by the landmarks found in the frame before (:mod:`.follow`). The error is that of the 68
points in the picture; stability (section 3.1) is how wrongly they move from one frame to the next; both over the
root of the area of the true points' box.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from mien.core.capture.regressor import Regressor
from mien.core.model.crop import crop_to_image
from mien.core.model.head import Head
from mien.core.model.params import FloatArray, decompose, split
from numpy.typing import NDArray
from tqdm import tqdm

from ..geometry.face_model import spread_vertices
from ..geometry.landmarks import INNER, box_side
from ..labels.split import split_photos
from ..labels.store import load_labels
from .blendshapes import BLINKS, blink_f1, correlations
from .clip_maker import ClipMaker, MadeClip
from .errors import Measured
from .follow import follow, stability
from .plots import draw_blendshapes, draw_curves_by_yaw
from .report import Report
from .turns import between
from .yaw import BINS

PER_BIN = 15
"""Clips of each bin of yaw."""
DENSE = 2000
"""Vertices of the face that the dense error is the mean of, spread by area."""
HIDDEN_EYE = 45.0
"""Beyond this yaw (degrees) only the near eye is asked whether it is closed."""


@dataclass(frozen=True)
class Frames:
    """All frames of all clips, n in number, clips one after the other.

    Attributes:
        faces: with 68 points.
        clip: ``(n,)`` the number of the clip.
        yaw: ``(n,)`` signed degrees.
        dense, dense_3d: ``(n,)`` mean distance of the face's vertices over the box, in the picture
            and in space; depth is counted from the mean of the vertices, as the picture shows none.
        rotation: ``(n,)`` degrees.
        stability: ``(n,)``, NaN in the first frame of a clip and where the crop was put back.
        blendshapes, predicted_blendshapes: ``(n, 52)``.
        strayed, unsure: ``(n,)`` whether the crop had to be put back, and whether the network took
            the crop for no face.
    """

    faces: list[Measured]
    clip: NDArray[np.int64]
    yaw: FloatArray
    dense: FloatArray
    dense_3d: FloatArray
    rotation: FloatArray
    stability: FloatArray
    blendshapes: FloatArray
    predicted_blendshapes: FloatArray
    strayed: NDArray[np.bool_]
    unsure: NDArray[np.bool_]


def measure_clips(
    labels: Path, head: Head, regressor: Regressor, per_bin: int = PER_BIN, seed: int = 0
) -> Frames:
    """Make clips of the photos that training never sees, and follow the face through them."""
    photos = split_photos(load_labels(labels, head))[1]
    maker = ClipMaker(head, photos, seed)
    order = maker.rng.permutation(len(photos))
    jobs = [
        (order[(k * per_bin + i) % len(order)], k) for k in range(len(BINS)) for i in range(per_bin)
    ]
    shown = tqdm(jobs, unit="clip", leave=False)
    return follow_clips((maker.make(photos[i], k) for i, k in shown), head, regressor)


def follow_clips(clips: Iterable[MadeClip], head: Head, regressor: Regressor) -> Frames:
    """Follow the face through every clip."""
    follower = _Follower(head, regressor)
    parts = [follower.through(clip, number) for number, clip in enumerate(clips)]
    arrays = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in Frames.__dataclass_fields__
        if name != "faces"
    }
    return Frames([face for part in parts for face in part.faces], **arrays)


class _Follower:
    def __init__(self, head: Head, regressor: Regressor) -> None:
        self.head, self.regressor = head, regressor
        self.landmarks = head.landmark_model()
        self.dense = spread_vertices(head, DENSE, 0)

    def through(self, clip: MadeClip, number: int) -> Frames:
        """Regress every frame of a clip."""
        truth = clip.landmarks[..., :2]
        followed = follow(clip.images, truth, self.landmarks, self.regressor)
        sides = np.array([box_side(points) for points in truth])
        faces = [
            Measured(f"{clip.name} {k}", image, followed.predicted[k], truth[k], float(sides[k]))
            for k, image in enumerate(clip.images)
        ]
        params = split(followed.params)
        shape = self.head.shape(params.identity, params.expression)[:, self.dense]
        placed = shape @ params.transform[..., :3].transpose(0, 2, 1)
        placed = placed + params.transform[:, None, :, 3]
        away = (
            crop_to_image(placed, np.array(followed.boxes, np.float32))
            - clip.vertices[:, self.dense]
        )
        away[..., 2] -= away[..., 2].mean(axis=1, keepdims=True)
        return Frames(
            faces, np.full(len(faces), number), clip.yaw,
            np.linalg.norm(away[..., :2], axis=2).mean(axis=1) / sides,
            np.linalg.norm(away, axis=2).mean(axis=1) / sides,
            between(decompose(params.transform).rotation, clip.turns),
            stability(followed.predicted, truth, sides, followed.strayed), clip.blendshapes,
            followed.blendshapes, followed.strayed, followed.unsure,
        )  # fmt: skip


def report_clips(frames: Frames, report: Report) -> None:
    """Print the table of the clips, and draw curves and blendshapes."""
    yaw, count = frames.yaw, len(frames.faces)
    nme = np.array([face.error for face in frames.faces])
    report.by_yaw("clips", "nme68", nme, yaw)
    report.by_yaw("clips", "inner51", [face.error_of(INNER) for face in frames.faces], yaw)
    report.by_yaw("clips", "dense", frames.dense, yaw)
    report.by_yaw("clips", "dense3d", frames.dense_3d, yaw)
    report.by_yaw("clips", "stability", frames.stability, yaw)
    report.by_yaw("clips", "rotation", frames.rotation, yaw, "deg")
    seen = seen_eyes(yaw)
    closed, said = frames.blendshapes[:, BLINKS], frames.predicted_blendshapes[:, BLINKS]
    report.note("clips", "blink_f1", blink_f1(said[seen], closed[seen]), "", int(seen.sum()))
    each = correlations(frames.predicted_blendshapes, frames.blendshapes)
    known = np.isfinite(list(each.values()))
    report.note("clips", "units_r", float(np.nanmean(list(each.values()))), "", int(known.sum()))
    report.note("clips", "strayed", float(frames.strayed.mean()), "%", count)
    report.note("clips", "unsure", float(frames.unsure.mean()), "%", count)
    report.worst("clips", frames.faces)
    draw_blendshapes(each, report.folder / "clips_units.png")
    draw_curves_by_yaw(
        np.abs(yaw), {"NME": nme, "dense": frames.dense, "stability": frames.stability},
        report.folder / "clips_yaw.png",
    )  # fmt: skip


def seen_eyes(yaw: FloatArray) -> NDArray[np.bool_]:
    """Which of the subject's left and right eye ``(n, 2)`` the camera sees; yaw in signed degrees.

    A head turned to its own left (positive) shows its right eye.
    """
    return np.stack([yaw < HIDDEN_EYE, yaw > -HIDDEN_EYE], axis=1)
