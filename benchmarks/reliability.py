# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m benchmarks.reliability``: measure how far the shipped regressor can be believed.

Writes ``models/regressor/reliability.json``; run it whenever the weights change. Needs the labelled
photos of training.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from mien.cli.commands import demo_clip
from mien.core.assets import regressor_path, reliability_path
from mien.core.capture.capture import Models, capture, load_models
from mien.core.capture.sources import open_source
from mien.core.model.arkit import ARKIT_BLENDSHAPES, UNSEEN
from mien.core.model.crop import box_around_landmarks, cut
from mien.core.model.params import FloatArray, decompose, split
from mien.core.solve.identity_leakage import leak_slopes
from mien.core.solve.pose_leakage import pose_features
from mien.core.solve.side_leakage import SIDES, side_slopes
from mien.core.writing import write_whole

from training.evaluate.blendshapes import correlations
from training.evaluate.clip_maker import ClipMaker
from training.evaluate.clips import measure_clips
from training.labels.store import LabelledPhoto, load_labels

from .held_face import held_faces, unseen_photos

LEAST = 0.02
"""Of a weight that photos are labelled with: a few clips do not show that it cannot be seen."""


def turning(models: Models, photos: list[LabelledPhoto]) -> FloatArray:
    """Spread ``(5, 10)`` over people of the slopes by which a held face's expression follows the pose."""
    jacobian = []
    for clip in held_faces(models, photos):
        transform, _, expression = split(clip.params)
        features = pose_features(decompose(transform).rotation.astype(np.float64))
        features -= features.mean(axis=0)
        jacobian.append(
            np.linalg.lstsq(features, expression - expression.mean(axis=0), rcond=None)[0]
        )
    return np.sqrt(np.mean(np.square(jacobian), axis=0)).astype(np.float32)


def identity_leak(models: Models, photos: list[LabelledPhoto]) -> FloatArray:
    """How the network's identity ``(52, 40)`` follows its weights on faces that move.

    A clip of each photo and the film of the talking man; no truth is needed, as each shows one person.
    """
    maker = ClipMaker(models.head, photos, 1)
    people = []
    for number, photo in enumerate(photos):
        clip = maker.make(photo, number % 2)
        boxes = [box_around_landmarks(points) for points in clip.landmarks]
        said = models.regressor.run(
            np.stack([cut(i, b) for i, b in zip(clip.images, boxes, strict=True)])
        )
        people.append((said.blendshapes, split(said.params).identity))
    film = capture(open_source(demo_clip()), models)
    people.append((film.blendshapes[film.found], split(film.params[film.found]).identity))
    weights, identity = (
        np.concatenate([values - values.mean(axis=0) for values in each]).astype(np.float64)
        for each in zip(*people, strict=True)
    )
    known = np.zeros((weights.shape[1], identity.shape[1]), np.float32)
    return leak_slopes(weights, identity, known, 1.0).astype(np.float32)


def sides(models: Models, labels: Path) -> FloatArray:
    """Slopes ``(P,)`` of left minus right over the sine of the yaw, over all portraits (:data:`SIDES`).

    Faces do not lean on average, whichever way they look, so that the slope is the network's own.
    """
    photos = load_labels(labels, models.head)
    said, turns = [], []
    for photo in photos:
        box = box_around_landmarks(photo.landmarks(models.head))
        out = models.regressor.run(cut(photo.image, box)[None])
        said.append(out.blendshapes[0])
        turns.append(decompose(split(out.params)[0]).rotation[0].astype(np.float64))
    return side_slopes(np.stack(said), np.stack(turns))


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reliability")
    parser.add_argument("--labels", type=Path, default=Path("cache/labels.npz"))
    parser.add_argument("--clips", type=int, default=16, help="of each kind")
    arguments = parser.parse_args()
    models = load_models(regressor=regressor_path())
    frames = measure_clips(arguments.labels, models.head, models.regressor, arguments.clips)
    found = correlations(frames.predicted_blendshapes, frames.blendshapes)
    blendshapes = {
        name: 0.0 if name in UNSEEN else round(max(LEAST, float(np.nan_to_num(value))), 3)
        for name, value in found.items()
    }
    photos = unseen_photos(models.head, arguments.labels, 0)[: arguments.clips]
    size, leaning = turning(models, photos), sides(models, arguments.labels)
    stored = {
        "model": models.regressor.id,
        "units": blendshapes,
        "sides": {
            ARKIT_BLENDSHAPES[left].removesuffix("Left"): round(float(slope), 4)
            for (left, _), slope in zip(SIDES, leaning, strict=True)
        },
        "turning": [[round(float(value), 4) for value in row] for row in size],
        "identity": {
            name: [round(float(value), 3) for value in row]
            for name, row in zip(ARKIT_BLENDSHAPES, identity_leak(models, photos), strict=True)
        },
    }
    write_whole(reliability_path(), (json.dumps(stored, indent=1) + "\n").encode())
    for name, value in sorted(blendshapes.items(), key=lambda pair: -pair[1]):
        print(f"{name:22s} {value:.2f}")
    print(f"slopes as the head turns: {np.sqrt(np.mean(size**2, axis=1)).round(2)}")


if __name__ == "__main__":
    main()
