# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m benchmarks.finder PHOTOS``: how often faces are found, and what it costs at 720p.

Every photo that training never saw is put into a 720p picture in several ways. The truth is where
the labelling tool sees the face in the photo itself. A face counts as found when the regressor,
started from an answer of the finder, settles on it: that is what a capture needs. The peer is
OpenCV's Haar cascades, on the same pictures and with the same regressor.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from mien.core.capture.capture import Models, load_models
from mien.core.capture.tracker import Tracker
from mien.core.model.crop import ImageArray
from numpy.typing import NDArray
from tqdm import tqdm

from training.labels.mediapipe_tool import FaceMesh
from training.labels.split import is_held_out

from .haar import HaarFinder

Vector = NDArray[np.floating[Any]]

WIDTH, HEIGHT = 1280, 720
"""Pixels of the scenes, those of 720p footage."""
NEAR = 0.25
"""How far the middle of the answer may be from the middle of the face, in sizes of the face."""


def main() -> None:
    """Print the share of faces found in each way, and milliseconds of processor time a search, of both."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--count", type=int, default=200)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    files = [p for p in sorted(arguments.photos.rglob("*")) if p.suffix.lower() in {".jpg", ".png"}]
    files = [p for p in files if is_held_out(p.stem)]
    rng = np.random.default_rng(0)
    tool, ours = FaceMesh(), load_models()
    both = {"ours": ours, "Haar": replace(ours, finder=HaarFinder())}
    found: dict[tuple[str, str], list[bool]] = {(w, m): [] for w in WAYS for m in both}
    spent: dict[tuple[str, str], list[float]] = {key: [] for key in found}
    answers: dict[str, list[int]] = {m: [] for m in both}
    for file in tqdm(rng.permutation(np.array(files))[: arguments.count], leave=False):
        photo = cv2.imread(str(file)).astype(np.uint8)
        seen = tool.find(photo)
        if seen is None:
            continue
        points = seen.points[:, :2]
        middle, size = points.mean(axis=0), float(np.ptp(points, axis=0).max())
        for way, make in WAYS.items():
            scene, at, zoom = make(photo, middle, size)
            for name, models in both.items():
                start = time.process_time()
                answers[name].append(len(models.finder.find(scene)))
                spent[way, name].append(time.process_time() - start)
                found[way, name].append(settles(scene, at, size * zoom, models))
    for way in WAYS:
        cells = [
            f"{name} {np.mean(found[way, name]):6.1%} {1000 * np.median(spent[way, name]):6.1f} ms"
            for name in both
        ]
        print(f"{way:22} {'   '.join(cells)}   of {len(found[way, 'ours'])}")
    times = {m: np.concatenate([spent[w, m] for w in WAYS]) for m in both}
    for name in both:
        share = np.mean([hit for (_, m), hits in found.items() if m == name for hit in hits])
        print(
            f"{name}: {share:.1%} found, {np.mean(answers[name]):.2f} answers a picture of one face"
        )
    print(f"ratio of times {np.median(times['ours']) / np.median(times['Haar']):.3f}")


def settles(scene: ImageArray, at: Vector, size: float, models: Models) -> bool:
    """Whether tracking that starts from nothing ends on the face."""
    tracked = Tracker(models.regressor, models.head.landmark_model(), models.finder).step(
        scene, 0.0
    )
    if tracked is None:
        return False
    return bool(np.hypot(tracked.box.x - at[0], tracked.box.y - at[1]) < NEAR * size)


Scene = tuple[ImageArray, Vector, float]
Way = Callable[[ImageArray, Vector, float], Scene]


def framed(share: float, turn: float = 0.0, light: float = 1.0, hidden: float = 0.0) -> Way:
    """Put a photo into a 720p picture so that its face has a share of the height.

    Args:
        share: of the picture's height that the face takes.
        turn: in the plane, degrees.
        light: factor on the pixels.
        hidden: share of the face that is covered from below.
    """

    def make(photo: ImageArray, middle: Vector, size: float) -> Scene:
        covered = photo.copy()
        if hidden:
            top = int(middle[1] + size * (0.5 - hidden))
            covered[top : int(middle[1] + size * 0.6)] = (120, 90, 60)
        zoom = share * HEIGHT / size
        matrix = cv2.getRotationMatrix2D((float(middle[0]), float(middle[1])), turn, zoom)
        matrix[:, 2] += [WIDTH / 2 - middle[0], HEIGHT / 2 - middle[1]]
        flags = cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR
        if zoom < 0.6:
            covered = cv2.GaussianBlur(covered, (0, 0), 0.4 / zoom).astype(np.uint8)
        scene = cv2.warpAffine(
            covered, matrix, (WIDTH, HEIGHT), flags=flags, borderMode=cv2.BORDER_CONSTANT,
            borderValue=(110, 110, 110),
        )  # fmt: skip
        return (scene * light).astype(np.uint8), np.array([WIDTH / 2, HEIGHT / 2]), zoom

    return make


WAYS: dict[str, Way] = {
    "half the height": framed(0.5),
    "an eighth": framed(1 / 8),
    "a twelfth": framed(1 / 12),
    "turned by 30 degrees": framed(0.4, turn=30),
    "turned by 45 degrees": framed(0.4, turn=-45),
    "darkened to 15 %": framed(0.4, light=0.15),
    "lower third hidden": framed(0.4, hidden=0.33),
}
"""How faces are shown to the finder, by what is changed."""


if __name__ == "__main__":
    main()
