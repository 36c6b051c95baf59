# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m benchmarks.refine [VIDEO ...]``: what refining a take on its own footage brings.

Generated clips of faces that training has not seen know their own motion: the error of the face's
motion in millimetres, of every weight, of the pose and of its steadiness, as solved and as refined.
Real film is compared with the labelling tool's points, frame by frame, and with the motion of the
pixels. Generated clips need ``cache/labels.npz`` (see docs/training.md).
"""

import argparse
from pathlib import Path

import numpy as np
from mien.core.capture.capture import Models, load_models
from mien.core.model.arkit import ARKIT_BLENDSHAPES

from training.labels.split import split_photos
from training.labels.store import load_labels

from .refine_clips import FACE, FRAMES, Compared, Errors, compare_clips
from .refine_film import measure_film

STILL = 0.02
"""Standard deviation below which a weight does not move enough to speak of its curve."""
UNITS = ("mm", "mm", "", "", "deg", "%", "mm")


def generated(models: Models, labels: Path, clips: int, seed: int) -> None:
    """Print the tables of generated clips."""
    photos = split_photos(load_labels(labels, models.head))[1]
    done = list(compare_clips(models, photos, clips, seed))
    cost = 1000 * sum(c.seconds for c in done) / (FRAMES * len(done))
    print(f"{len(done)} generated clips of {FRAMES} frames; refining takes {cost:.1f} ms a frame")
    print(f"{'':12}{'no motion':>12}{'solved':>12}{'refined':>12}")
    for k, (name, unit) in enumerate(zip(Errors._fields, UNITS, strict=True)):
        row = [
            np.nanmean([getattr(c, kind)[k] for c in done])
            for kind in ("still", "solved", "refined")
        ]
        factor, digits = (100, 3) if unit == "%" else (1, 3)
        print(
            f"{name:12}" + "".join(f"{factor * value:12.{digits}f}" for value in row) + f" {unit}"
        )
    _weights(done)


def _weights(done: list[Compared]) -> None:
    truth, solved, refined = (
        np.concatenate([getattr(c, name) for c in done])
        for name in ("truth", "solved_units", "refined_units")
    )
    print(
        f"\n{'weight':20}{'solved r':>10}{'gain':>6}{'error':>7}{'refined r':>11}{'gain':>6}{'error':>7}"
    )
    for unit in FACE:
        if truth[:, unit].std() < STILL:
            continue
        cells = []
        for values in (solved[:, unit], refined[:, unit]):
            moves = values.std() > 0
            r = np.corrcoef(values, truth[:, unit])[0, 1] if moves else 0.0
            gain = np.polyfit(truth[:, unit], values, 1)[0]
            cells.append(f"{r:10.2f}{gain:6.2f}{np.abs(values - truth[:, unit]).mean():7.3f}")
        print(f"{ARKIT_BLENDSHAPES[unit]:20}" + " ".join(cells))


def film(models: Models, path: Path, limit: int, every: int) -> None:
    """Print the table of a real clip."""
    result = measure_film(path, models, limit, every)
    print(
        f"\n{path.name}: {result.frames} frames compared, pixels believed in {result.share:.0%};",
        end=" ",
    )
    print(f"refining took {result.seconds:.1f} s of processor time")
    print(f"{'':24}{'solved r':>10}{'gain':>6}{'refined r':>11}{'gain':>6}")
    for name, (solved, refined) in result.shapes.items():
        print(f"{name:24}{solved[0]:10.2f}{solved[1]:6.2f}{refined[0]:11.2f}{refined[1]:6.2f}")
    before, after = (100 * value for value in result.stability)
    print(f"{'stability, %':24}{before:10.3f}{after:17.3f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.refine")
    parser.add_argument("videos", type=Path, nargs="*", help="real film to measure as well")
    parser.add_argument("--labels", type=Path, default=Path("cache/labels.npz"))
    parser.add_argument("--clips", type=int, default=10, help="generated; 0 for film alone")
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--frames", type=int, default=1500, help="of each video at most")
    parser.add_argument("--every", type=int, default=2, help="how many frames to the next compared")
    arguments = parser.parse_args()
    models = load_models()
    if arguments.clips:
        generated(models, arguments.labels, arguments.clips, arguments.seed)
    for path in arguments.videos:
        film(models, path, arguments.frames, arguments.every)


if __name__ == "__main__":
    main()
