# SPDX-License-Identifier: GPL-3.0-or-later
"""How far the landmarks of scanned people lie in front of the head's."""

import csv
from itertools import pairwise
from pathlib import Path

import numpy as np
from mien.core.model.head import N_LANDMARKS, Head
from mien.core.model.params import FloatArray
from numpy.typing import NDArray

from ..geometry.landmarks import INNER
from .landmark_convention import JAW, STEPS
from .offsets_on_photos import level

Array = NDArray[np.float64]


def read_scans(path: Path) -> Array:
    """Vertices ``(V, 3)`` of a scanned mean face.

    Raises:
        ValueError: the file does not hold them.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            vertices = np.asarray(file["vertices"], np.float64)
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise ValueError(f"{path} does not hold vertices of scans ({error})") from error
    if (
        vertices.ndim != 2
        or vertices.shape[1] != 3
        or len(vertices) <= max(map(max, places_on_scans()))
    ):
        raise ValueError(f"{path} holds vertices {vertices.shape}, not ICT's")
    return vertices


def places_on_scans() -> tuple[list[int], list[int]]:
    """Vertices of the jaw's edge from the right ear to the chin, and of the inner 51 landmarks."""
    with Path(__file__).with_name("scan_landmarks.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    jaw, inner = ([int(r["vertex"]) for r in rows if r["place"] == p] for p in ("jaw", "inner"))
    return jaw, inner


def depth_on_scans(head: Head, vertices: Array) -> FloatArray:
    """How far the landmarks of scans lie in front of the head's, ``(68, 3)`` metres; only depth is told.

    The scans are laid on the head by their inner 51. A landmark of the jaw is compared with the scans' edge where
    that looks nearest from the front.
    """
    jaw, inner = places_on_scans()
    mean = head.landmark_model().mean.astype(float)
    laid = _laid_on(vertices[inner], mean[INNER], vertices[[*inner, *jaw]])
    edge = laid[len(inner) :]
    shares = np.arange(STEPS)[:, None] / STEPS
    dense = np.concatenate([*(a + shares * (b - a) for a, b in pairwise(edge)), edge[-1:]])
    right = mean[: JAW // 2 + 1]
    apart = np.linalg.norm(dense[None, :, :2] - right[:, None, :2], axis=2)
    forward = dense[apart.argmin(axis=1), 2] - right[:, 2]
    offsets = np.zeros((N_LANDMARKS, 3))
    offsets[:JAW, 2] = np.concatenate([forward, forward[-2::-1]])
    offsets[INNER, 2] = (laid[: len(inner)] - mean[INNER])[:, 2]
    return level(offsets, mean).astype(np.float32)


def _laid_on(points: Array, wanted: Array, moved: Array) -> Array:
    """Points moved by the similarity that lays ``points (k, 3)`` on ``wanted (k, 3)`` best."""
    a, b = points - points.mean(axis=0), wanted - wanted.mean(axis=0)
    u, s, vt = np.linalg.svd(a.T @ b)
    sign = np.array([1, 1, np.linalg.det(u @ vt)])
    turn, scale = (u * sign) @ vt, (s * sign).sum() / (a**2).sum()
    return np.array(scale * (moved - points.mean(axis=0)) @ turn + wanted.mean(axis=0))
