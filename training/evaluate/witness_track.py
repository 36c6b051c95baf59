# SPDX-License-Identifier: GPL-3.0-or-later
"""What MediaPipe's landmarker says of every frame of a video, kept on disk since it takes a while."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from mien.core.capture.sources import open_source
from mien.core.model.arkit import N_BLENDSHAPES
from mien.core.model.params import FloatArray
from mien.core.writing import save_arrays
from numpy.typing import NDArray
from tqdm import tqdm

from ..labels.mediapipe_tool import FaceLandmarker

CACHE = Path("cache/witness")
N_POINTS = 478
"""That MediaPipe gives: 468 of the face and 10 of the irises."""


@dataclass(frozen=True)
class WitnessTrack:
    """F frames of a video as the landmarker sees them; NaN where it sees no face.

    It is no truth: it hardly knows lowered brows and sneers, its squint never rests, and in profile it fails. But
    it rests where a face rests, keeps opposites apart, and sees smiles, jaw, lips, lids and raised brows well.

    Attributes:
        weights: ``(F, 52)`` in the order of :data:`mien.core.model.arkit.ARKIT_BLENDSHAPES`.
        points: ``(F, 478, 2)`` pixels.
    """

    weights: FloatArray
    points: FloatArray

    @property
    def seen(self) -> NDArray[np.bool_]:
        """``(F,)`` where there is a face."""
        return np.isfinite(self.weights[:, 0])


def track_of(video: Path, task: Path, cache: Path = CACHE) -> WitnessTrack:
    """Look at every frame of a video, or read what was seen of it before.

    Args:
        video: a file, or a folder of pictures.
        task: MediaPipe's bundle ``face_landmarker.task``.
        cache: folder of answers, a file for each video and bundle.

    Raises:
        ValueError: ``task`` is not such a bundle.
        SourceError: the video cannot be read.
    """
    if not task.is_file():
        raise ValueError(f"{task} does not exist; give MediaPipe's face_landmarker.task")
    source = open_source(video)
    size = f"{source.width}x{source.height}"  # how a file's frames are opened is our own affair
    kept = cache / f"{video.stem}-{size}-{_digest(video, task)}.npz"
    if kept.exists():
        with np.load(kept, allow_pickle=False) as file:
            return WitnessTrack(file["weights"], file["points"])
    landmarker = FaceLandmarker(task)
    weights, points = [], []
    for frame in tqdm(source, desc=video.name, unit="frame", leave=False):
        found = landmarker.find(frame.image)
        weights.append(found.weights if found else np.full(N_BLENDSHAPES, np.nan, np.float32))
        points.append(found.points if found else np.full((N_POINTS, 2), np.nan, np.float32))
    seen = WitnessTrack(np.array(weights), np.array(points))
    cache.mkdir(parents=True, exist_ok=True)
    save_arrays(kept, {"weights": seen.weights, "points": seen.points})
    return seen


def _digest(*paths: Path) -> str:
    """Short hash of what files, or all files of folders, hold."""
    digest = hashlib.sha256()
    for path in paths:
        for file in sorted(path.iterdir()) if path.is_dir() else [path]:
            with file.open("rb") as data:
                digest.update(hashlib.file_digest(data, "sha256").digest())
    return digest.hexdigest()[:12]
