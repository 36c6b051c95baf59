# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m benchmarks.leakage``: what the turning of the head leaks into a face that is held.

A photo's face is drawn from all sides with its expression held. Whatever the captured face then
changes is wrong: in the identity it is drift, in the expression leakage. Both are root mean square
displacements of the face's vertices from their mean over the clip, in millimetres on the head. The
photos are those that neither training nor ``models/regressor/reliability.json`` have seen.

Beside it stands what the solve does to a face that moves: the error of the expression on clips in
which it is known, less its mean, before and after.
"""

import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np
from mien.core.capture.capture import Models, load_models
from mien.core.model.crop import box_around_landmarks, cut
from mien.core.model.head import Head
from mien.core.model.params import CROP_SIZE, FloatArray, split
from mien.core.solve.motion import solve_take
from mien.core.take.take import Take, TakeInfo

from training.evaluate.clip_maker import ClipMaker
from training.labels.store import LabelledPhoto

from .held_face import HeldFace, held_faces, unseen_photos

FPS = 30.0
"""Of the made-up takes; any rate of footage would do."""
MOVING = 0.4
"""A vertex counts if the blendshapes move it more than this share of all vertices."""


def take_of(clip: HeldFace, head: Head, boxes: FloatArray | None = None) -> Take:
    """A clip's numbers as a capture would have stored them; by default the crops are the pictures."""
    count = len(clip.times)
    info = TakeInfo("made", CROP_SIZE, CROP_SIZE, FPS, "", head.id, "", "", True)
    if boxes is None:
        middle = (CROP_SIZE - 1) / 2
        boxes = np.tile([middle, middle, CROP_SIZE], (count, 1))
    return Take(
        clip.times.astype(np.float64), np.arange(count, dtype=np.int32),
        boxes.astype(np.float32), clip.confidence, clip.params, clip.blendshapes, info,
    )  # fmt: skip


class Ruler:
    """Measures coefficients by how far they move the face."""

    def __init__(self, head: Head) -> None:
        moved = np.sqrt((head.blendshapes**2).sum(axis=(0, 2)))
        face = moved > np.quantile(moved, MOVING)
        self._bases = {
            "identity": head.identity[:, face].reshape(len(head.identity), -1),
            "expression": head.expression[:, face].reshape(len(head.expression), -1),
        }
        self._count = int(face.sum())

    def millimetres(self, name: str, values: FloatArray) -> float:
        """Root mean square displacement of ``(F, C)`` coefficients from their mean over frames."""
        moved = (values - values.mean(axis=0)) @ self._bases[name]
        return 1000 * float(np.sqrt((moved**2).sum() / self._count / len(values)))


class Leak(NamedTuple):
    """What turning changes of faces that are held, in mm: as regressed, and solved."""

    drift_regressed: float
    drift_solved: float
    regressed: float
    solved: float


def leak_of(models: Models, photos: list[LabelledPhoto]) -> Leak:
    """Drift of the identity and leakage into the expression, root mean square over photos."""
    ruler = Ruler(models.head)
    rows = []
    for clip in held_faces(models, photos):
        raw = split(clip.params)
        motion = solve_take(take_of(clip, models.head), models.head)
        drift = np.repeat(motion.identity[None], len(clip.times), axis=0)
        rows.append(
            [
                ruler.millimetres("identity", raw.identity), ruler.millimetres("identity", drift),
                ruler.millimetres("expression", raw.expression),
                ruler.millimetres("expression", motion.expression),
            ]
        )  # fmt: skip
    return Leak(*map(float, np.sqrt(np.mean(np.square(rows), axis=0))))


def held(models: Models, photos: list[LabelledPhoto]) -> None:
    """Print drift and leakage before and after the solve."""
    leak = leak_of(models, photos)
    print(f"a held face, its head turned to 45 degrees; {len(photos)} people")
    print(
        f"identity drift      {leak.drift_regressed:.2f} mm as regressed, {leak.drift_solved:.2f} mm solved"
    )
    print(f"expression leakage  {leak.regressed:.2f} mm as regressed, {leak.solved:.2f} mm solved")


def moving(models: Models, photos: list[LabelledPhoto], count: int) -> None:
    """Print how far the expression is from the truth on faces that move, before and after the solve."""
    ruler = Ruler(models.head)
    maker = ClipMaker(models.head, photos, 1)
    rows = []
    for number in range(count):
        clip = maker.make(photos[number % len(photos)], number % 2)
        boxes = [box_around_landmarks(points) for points in clip.landmarks]
        crops = np.stack([cut(i, b) for i, b in zip(clip.images, boxes, strict=True)])
        said = models.regressor.run(crops)
        times = (np.arange(len(crops)) / FPS).astype(np.float32)
        motion = solve_take(take_of(HeldFace(times, *said), models.head, np.array(boxes)))
        truth = clip.blendshapes @ models.head.blendshapes_to_expression
        raw = split(said.params).expression
        rows.append(
            [ruler.millimetres("expression", values - truth) for values in (raw, motion.expression)]
            + [ruler.millimetres("expression", truth)]
        )
    before, after, all_of_it = np.sqrt(np.mean(np.square(rows), axis=0))
    print(f"a moving face; {len(rows)} clips, in which expressions move it by {all_of_it:.2f} mm")
    print(f"expression error    {before:.2f} mm as regressed, {after:.2f} mm solved")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.leakage")
    parser.add_argument("--labels", type=Path, default=Path("cache/labels.npz"))
    parser.add_argument("--clips", type=int, default=16, help="of each kind")
    arguments = parser.parse_args()
    models = load_models()
    photos = unseen_photos(models.head, arguments.labels, 1)
    held(models, photos[: arguments.clips])
    moving(models, photos, arguments.clips)


if __name__ == "__main__":
    main()
