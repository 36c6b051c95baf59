# SPDX-License-Identifier: GPL-3.0-or-later
"""Captured and refined motion against clips whose motion is known."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from mien.core.capture.capture import Models, capture
from mien.core.capture.sources.frames import Frame
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.crop import ImageArray
from mien.core.model.head import Head
from mien.core.model.params import FloatArray
from mien.core.model.rotation import to_matrices
from mien.core.refine.refine import refine_take
from mien.core.solve.motion import Motion, solve_take

from training.evaluate.clip_maker import RATE, ClipMaker, MadeClip
from training.evaluate.turns import between
from training.geometry.face_model import spread_vertices
from training.labels.store import LabelledPhoto

FRAMES = 120
"""Of a clip: four seconds, in which a face has some expressions and some rest."""
RESTING = 0.35
"""Chance that a face rests where it would take its next expression: footage has such moments."""
YAW_BINS = 2
"""Clips stay within 60 degrees, beyond which nothing is refined."""
DENSE = 2000
"""Vertices of the face that errors are means over, spread by area."""
LARGE = 2.0
"""Millimetres from which a vertex has moved far."""
FACE = [i for i, name in enumerate(ARKIT_BLENDSHAPES) if not name.startswith("eye")]
MOUTH = [i for i, name in enumerate(ARKIT_BLENDSHAPES) if name.startswith(("mouth", "jaw"))]
BROWS = [i for i, name in enumerate(ARKIT_BLENDSHAPES) if name.startswith("brow")]


class MemorySource:
    """Frames that are in memory already, as footage."""

    def __init__(self, images: ImageArray) -> None:
        self.images, self.name, self.fps = images, "generated", RATE
        self.height, self.width = images.shape[1:3]
        self.expected: int | None = len(images)
        self.warnings: list[str] = []

    def __iter__(self) -> Iterator[Frame]:
        return (Frame(k, k / RATE, image) for k, image in enumerate(self.images))


class Errors(NamedTuple):
    """How far one motion is from the truth of its clip.

    Attributes:
        motion: mm, of the face's vertices by all weights but the eyes'; large: where it moved far.
        mouth, brows: mean absolute error of the weights.
        turn: degrees.
        stability, offset: section 3.1 of the paper, over the true landmarks' box in percent and in mm.
    """

    motion: float
    large: float
    mouth: float
    brows: float
    turn: float
    stability: float
    offset: float


@dataclass(frozen=True)
class Compared:
    """One clip: errors of a face that does not move, as solved, and refined; weights of each."""

    still: Errors
    solved: Errors
    refined: Errors
    truth: FloatArray
    solved_units: FloatArray
    refined_units: FloatArray
    seconds: float


def compare_clips(
    models: Models, photos: list[LabelledPhoto], clips: int, seed: int
) -> Iterator[Compared]:
    """Make clips of photos that training has not seen, capture, refine and compare them."""
    maker = ClipMaker(models.head, photos, seed, FRAMES, RESTING)
    order = maker.rng.permutation(len(photos))
    for k in range(clips):
        yield compare(maker.make(photos[order[k % len(order)]], k % YAW_BINS), models)


def compare(clip: MadeClip, models: Models) -> Compared:
    """Capture and refine one clip."""
    head = models.head
    take = capture(MemorySource(clip.images), models)
    begin = time.process_time()
    refined = refine_take(take, MemorySource(clip.images), head)
    seconds = time.process_time() - begin
    ruler = _Ruler(clip, head)
    solved, better = solve_take(take, head), solve_take(refined, head)
    still = replace(solved, blendshapes=np.zeros_like(solved.blendshapes))
    return Compared(
        ruler.errors(still), ruler.errors(solved), ruler.errors(better),
        clip.blendshapes, solved.blendshapes, better.blendshapes, seconds,
    )  # fmt: skip


class _Ruler:
    def __init__(self, clip: MadeClip, head: Head) -> None:
        self.clip, self.head = clip, head
        self.vertices = spread_vertices(head, DENSE, 0)
        self.blendshapes = head.blendshapes[:, self.vertices]
        self.truth = np.tensordot(clip.blendshapes[:, FACE], self.blendshapes[FACE], axes=1)
        box = np.ptp(clip.landmarks[..., :2], axis=1)
        self.box = np.sqrt(box.prod(axis=1))

    def errors(self, motion: Motion) -> Errors:
        """The errors of a motion of the clip."""
        wrong = np.abs(motion.blendshapes - self.clip.blendshapes)
        moved = np.tensordot(motion.blendshapes[:, FACE], self.blendshapes[FACE], axes=1)
        away = 1000 * np.linalg.norm(moved - self.truth, axis=2)
        far = 1000 * np.linalg.norm(self.truth, axis=2) > LARGE
        turns = to_matrices(motion.rotation)
        steps = np.diff(
            self._placed(motion, turns) - self.clip.vertices[:, self.vertices, :2], axis=0
        )
        unsteady = np.linalg.norm(steps, axis=2).mean(axis=1)
        return Errors(
            float(away.mean()), float(away[far].mean()) if far.any() else float("nan"),
            float(wrong[:, MOUTH].mean()), float(wrong[:, BROWS].mean()),
            float(between(turns, self.clip.turns).mean()),
            float((unsteady / self.box[1:]).mean()),
            float((1000 * unsteady / motion.scale[1:]).mean()),
        )  # fmt: skip

    def _placed(self, motion: Motion, turns: FloatArray) -> FloatArray:
        """The face's vertices in the picture ``(F, DENSE, 2)``."""
        head = self.head
        still = head.vertices[self.vertices] + np.tensordot(
            motion.identity, head.identity[:, self.vertices], axes=1
        )
        shape = still + np.tensordot(motion.blendshapes, self.blendshapes, axes=1)
        turned = (shape @ turns.transpose(0, 2, 1))[..., :2] * motion.scale[:, None, None]
        return np.asarray(turned * [1, -1] + motion.position[:, None], np.float32)
