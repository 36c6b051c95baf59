# SPDX-License-Identifier: GPL-3.0-or-later
"""Faces whose contours are known: photos with the points of the labelling tool, and drawn faces with the head's."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mien.core.assets import head_path
from mien.core.capture.flip_augmentation import ACROSS, Mirror
from mien.core.model.contour_points import CONTOUR_POINTS
from mien.core.model.head import Head, load_head
from mien.core.model.params import CROP_SIZE, FloatArray, split
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from ..data.sample_buffer import Batch
from ..data.samples import draw_many
from ..generator.anatomy import study
from ..generator.camera_degradation import photograph
from ..generator.heads import drawn_by
from ..generator.recrop import reframed
from ..generator.yaw_balance import by_turn
from ..labels.split import split_photos
from ..labels.store import load_bias, load_labels, load_seen
from .regressed_faces import RegressedFaces, regress

MIRRORED = 0.5
"""Share of photos that are seen in a mirror."""
CHUNK = 256
"""Photos that are framed before the regressor looks at them."""


@dataclass(frozen=True)
class ContourFaces(RegressedFaces):
    """Faces and their contours.

    Attributes:
        points: ``(n, K, 2)`` of :data:`mien.core.model.contour_points.CONTOUR_POINTS` in pixels of the crop, y
            down.
    """

    points: Tensor


def drawn_faces(
    weights: Path, labels: Path, seed: int, count: int, workers: int = 0, people: Path | None = None
) -> ContourFaces:
    """Samples of the generator, about ``count`` of them, with the points of the head that was drawn.

    Args:
        weights: ``weights.pt`` of the regressor.
        labels: of photos, with the habit of the tool that found points on them, which the head's get too.
        seed: of the samples.
        count: of samples; those without a face, or whose weights are not known, are left out.
        workers: processes that draw.
        people: file that made-up people are drawn with.
    """
    head = load_head(head_path())
    drawn = draw_many(labels, seed, count, workers, clips=False, people=people)
    faces = regress(weights, [drawn])
    faces = faces.rows(torch.nonzero(faces.mask.any(dim=1)).flatten())
    habit = load_bias(labels, head)
    points = head_points(head, faces.truth.numpy(), faces.blendshapes.numpy(), habit)
    return ContourFaces(
        faces.crop,
        faces.params,
        faces.truth,
        faces.blendshapes,
        faces.mask,
        torch.from_numpy(points),
    )


def head_points(
    head: Head, params: FloatArray, blendshapes: FloatArray, habit: NDArray[np.floating[Any]]
) -> FloatArray:
    """The contours ``(n, K, 2)`` of heads in their crops, pixels, y down.

    Args:
        head: that was laid on them.
        params: ``(n, 62)`` raw, by whose pose and identity.
        blendshapes: ``(n, 52)`` by whose weights.
        habit: ``(468, 3)`` of the labelling tool, metres.
    """
    chosen = list(CONTOUR_POINTS)
    places = head.mediapipe_places.some(chosen)
    mean, identity, moves = (
        places.on(basis) for basis in (head.vertices, head.identity, head.blendshapes)
    )
    transform, traits, _ = split(params)
    shape = mean + habit[chosen] + np.tensordot(traits, identity, axes=1)
    shape = shape + np.tensordot(blendshapes, moves, axes=1)
    placed = np.einsum("nij,nkj->nki", transform[:, :2, :3], shape) + transform[:, None, :2, 3]
    return (placed * [1, -1] + (CROP_SIZE - 1) / 2).astype(np.float32)


def photo_faces(
    weights: Path, labels: Path, seed: int, count: int, held_out: bool = False
) -> ContourFaces:
    """Photos as they are, framed anew each time, with the points that the labelling tool found.

    Args:
        weights: ``weights.pt`` of the regressor.
        labels: of photos.
        seed: of framing and camera.
        count: of crops; turned faces come more often than there are photos of them.
        held_out: those that training never sees.
    """
    head = load_head(head_path())
    photos, seen = load_labels(labels, head), load_seen(labels, head)
    found = {
        photo.name: face.steady.points[:, :2] for photo, face in zip(photos, seen, strict=True)
    }
    chosen, anatomy, mirror = split_photos(photos)[held_out], study(head), Mirror(head)
    other = mirrored_points(head.mediapipe_model().mean[list(CONTOUR_POINTS)])
    rng, chances = np.random.default_rng(seed), np.cumsum(by_turn(chosen))
    parts = []
    for start in tqdm(range(0, count, CHUNK), unit=" chunks", leave=False):
        crops, params, weights52, points = [], [], [], []
        for _ in range(start, min(count, start + CHUNK)):
            photo = chosen[drawn_by(rng, chances)]
            picture, transform, matrix = reframed(rng, photo, anatomy)
            crops.append(photograph(rng, picture))
            params.append(np.concatenate([transform.ravel(), photo.identity, np.zeros(10)]))
            weights52.append(photo.blendshapes)
            points.append(found[photo.name] @ matrix[:, :2].T + matrix[:, 2])
        batch = _batch(crops, params, weights52)
        faces = regress(weights, [batch])
        placed = np.array(points, np.float32)[:, list(CONTOUR_POINTS)]
        parts.append(_some_mirrored(faces, placed, rng, mirror, other))
    return ContourFaces.joined(parts)


def mirrored_points(points: FloatArray) -> NDArray[np.intp]:
    """Which of points ``(K, 3)`` of a head takes the place of each in a mirror: ``(K,)``."""
    away = ((points[:, None] * ACROSS - points[None]) ** 2).sum(axis=2)
    return np.asarray(away.argmin(axis=1))


def _batch(
    crops: list[NDArray[np.uint8]], params: list[FloatArray], blendshapes: list[FloatArray]
) -> Batch:
    count = len(crops)
    return {
        "crop": torch.from_numpy(np.stack(crops)),
        "params": torch.from_numpy(np.array(params, np.float32)),
        "units": torch.from_numpy(np.array(blendshapes, np.float32)),
        "units_mask": torch.ones(count, len(blendshapes[0])),
        "face": torch.ones(count),
    }


def _some_mirrored(
    faces: RegressedFaces, points: FloatArray, rng: np.random.Generator, mirror: Mirror,
    other: NDArray[np.intp],
) -> ContourFaces:  # fmt: skip
    flip = torch.from_numpy(rng.random(len(points)) < MIRRORED)
    crop = torch.where(flip[:, None, None, None], faces.crop.flip(2), faces.crop)
    turned = torch.from_numpy(mirror.params(faces.params.numpy()))
    params = torch.where(flip[:, None], turned, faces.params)
    across = points[:, other] * [-1, 1] + [CROP_SIZE - 1, 0]
    placed = np.where(flip.numpy()[:, None, None], across, points).astype(np.float32)
    return ContourFaces(
        crop, params, faces.truth, faces.blendshapes, faces.mask, torch.from_numpy(placed)
    )
