# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.head.measure_offsets LABELS --tracker FOLDER --scans FILE``: how deep the 68 landmarks lie.

As :mod:`training.head.measure_convention`, but heads that are turned by up to 45 degrees are asked too, which show
what is depth. A tracker hedges: it sees turned heads less turned than they are, and so flatter. What it sees of a
photo is therefore brought onto the head's own landmarks by a small turn, shift and change of size first. What of
the depths goes evenly with height or depth is taken off in the end: that is a head's pose or its flatness, and not
the place of a landmark. What is left is the same for frontal and for turned heads, and for photos held out.

How high all of them lie together that shift would hide; it is measured by itself on frontal photos. A tracker may
count its pixels from another corner, which moves its points sideways and down alike: a mirror tells how far
sideways, and as much is taken off the height.

Of the jaw the side turned to the camera is asked. How far forward it lies hangs on the hedging still, so that scans
are asked beside: ICT's face model (MIT licence), the mean of people scanned in a light stage, whose file has arrays
``vertices`` (V, 3) in any blendshape, y up, z out of the face. Of the jaw's depth the mean of both is taken. The
vertices that stand for landmarks are a table, ``scan_landmarks.csv``, after that model's documentation.

Writes the table, ``landmark_offsets.csv``, if ``--write`` is given.
"""

import argparse
import csv
from itertools import pairwise
from pathlib import Path

import numpy as np
from mien.core.assets import head_path
from mien.core.model.crop import LANDMARK_MARGIN, CropBox, box_around_landmarks
from mien.core.model.head import N_LANDMARKS, Head, load_head
from mien.core.model.params import FloatArray
from mien.core.model.point_model import PointModel
from mien.core.solve.reprojection import landmark_normals
from numpy.typing import NDArray

from ..geometry.landmarks import INNER, partners
from ..labels.expression_projection import ExpressionProjector
from ..labels.split import split_photos
from ..labels.store import LabelledPhoto, load_labels
from .landmark_convention import JAW, STEPS
from .landmark_offsets import TABLE, write_offsets
from .measure_convention import calm_and_frontal, calm_and_turned_up_to
from .public_tracker import PublicTracker

TURNED = 45.0
"""Degrees of yaw beyond which the far half of a face is a guess."""
ROUNDS = 8
OUTLIER = 2.0
"""A landmark that is off by this many times the usual counts half."""
STAY = 0.004
"""Weight of a landmark's present place in photos' weights: what no head shows stays."""
NEAR = 0.1
"""Sine of the yaw up to which both sides of the jaw are near ones."""

Array = NDArray[np.float64]


def main() -> None:
    """Measure how far the landmarks of others lie off the head's, print it, and write the table."""
    parser = argparse.ArgumentParser(
        prog="python -m training.head.measure_offsets", description=main.__doc__
    )
    parser.add_argument("labels", type=Path, help="labels.npz made with the head")
    parser.add_argument("--tracker", type=Path, required=True, help="model, of the npm package")
    parser.add_argument("--scans", type=Path, required=True, help="ICT's face model as .npz")
    parser.add_argument("--head", type=Path, default=head_path())
    parser.add_argument("--write", action="store_true", help="write it to the table")
    arguments = parser.parse_args()
    head, tracker = load_head(arguments.head), PublicTracker(arguments.tracker)
    used, held = split_photos(load_labels(arguments.labels, head))
    asked = calm_and_turned_up_to(TURNED, used)
    if not asked:
        raise SystemExit(f"{arguments.labels} has no photo of a calm face")
    found = offsets_seen(head, asked, tracker)
    scanned = depth_on_scans(head, read_scans(arguments.scans))
    apart = found * 1000
    print(f"{len(asked)} photos; off the head's inner 51 landmarks, root of mean squares: ", end="")
    print(f"depth {_rms(apart[INNER, 2]):.2f} mm, across {_rms(apart[INNER, :2]):.2f} mm")
    others = calm_and_turned_up_to(TURNED, held)
    if others:
        again = offsets_seen(head, others, tracker)
        print(f"{len(others)} photos held out: depth correlates by {_r(found, again):.2f}")
    print(
        f"scans: depth of the inner 51 correlates by {_r(found, scanned):.2f}; jaw forward by ",
        end="",
    )
    print(f"{scanned[:JAW, 2].mean() * 1000:.1f} mm, photos {apart[:JAW, 2].mean():.1f} mm")
    higher = height_in_common(head, calm_and_frontal(used), tracker)
    print(f"all landmarks lie {higher * 1000:.2f} mm higher than the head's")
    found[:, 1] += higher
    found[:JAW, 2] = (found[:JAW, 2] + scanned[:JAW, 2]) / 2
    found[:JAW] = smoothed(found[:JAW])
    if arguments.write:
        write_offsets(TABLE, head.landmark_offsets + found)


def offsets_seen(head: Head, photos: list[LabelledPhoto], tracker: PublicTracker) -> FloatArray:
    """How far a tracker's landmarks lie off the head's, ``(68, 3)`` metres in the head's axes.

    Robust least squares over all photos, the same on both sides of the face.
    """
    model, explainer = head.landmark_model(), ExpressionProjector(head)
    seen = [_seen(model, explainer, photo, tracker) for photo in photos]
    turns, shapes, away = (np.stack(part) for part in zip(*seen, strict=True))
    mean = model.mean.astype(float)
    shows = _shown(turns, landmark_normals(head))
    free = _free_moves(turns, shapes)
    offsets, weights = np.zeros((N_LANDMARKS, 3)), shows
    across = turns[:, :2]
    for _ in range(ROUNDS):
        left = away - np.einsum("nij,kj->nki", across, offsets)
        own = _solved(free[:, INNER], weights[:, INNER], left[:, INNER])
        left = away - np.einsum("nkiq,nq->nki", free, own)
        information = np.einsum("nij,nil,nk->kjl", across, across, weights)
        information += STAY * len(photos) * np.eye(3)
        pull = np.einsum("nij,nki,nk->kj", across, left, weights)
        offsets = np.linalg.solve(information, pull[..., None])[..., 0]
        offsets = (offsets + offsets[partners(mean)] * [-1, 1, 1]) / 2
        off = np.linalg.norm(left - np.einsum("nij,kj->nki", across, offsets), axis=2)
        usual = np.concatenate(
            [
                np.full(part.stop - part.start, np.median(off[:, part][shows[:, part] > 0]))
                for part in (slice(0, JAW), INNER)
            ]
        )
        weights = shows / (1 + (off / (OUTLIER * usual)) ** 2)
    flat = level(offsets, mean)
    return np.asarray((flat + flat[partners(mean)] * [-1, 1, 1]) / 2, np.float32)


def _seen(
    model: PointModel, explainer: ExpressionProjector, photo: LabelledPhoto, tracker: PublicTracker
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The head's rotation, its landmarks ``(68, 3)`` from their mean and how far the tracker's are off ``(68, 2)``.

    All in metres in the picture's axes, y up. The face is that of the coefficients which the network learns for the
    photo. The tracker looks twice, the second time in a mirror.
    """
    identity, expression = explainer.coefficients(photo.identity, photo.blendshapes)
    shape = model.mean + np.tensordot(identity, model.identity, axes=1)
    shape = shape + np.tensordot(expression, model.expression, axes=1)
    scale = float(np.linalg.norm(photo.transform[0, :3]))
    turned = shape @ photo.turn.T
    own = (turned * scale + photo.transform[:, 3])[:, :2] * [1, -1]
    box = box_around_landmarks(own.astype(np.float32))
    straight, mirrored = _seen_twice(tracker, photo, box, partners(model.mean))
    away = ((straight + mirrored) / 2 - own) * [1, -1] / scale
    return photo.turn, turned - turned[INNER].mean(axis=0), away


def _seen_twice(
    tracker: PublicTracker, photo: LabelledPhoto, box: CropBox, mirror: NDArray[np.intp]
) -> tuple[FloatArray, FloatArray]:
    """What the tracker sees ``(68, 2)`` of a photo and of its mirror image, both in the photo's pixels."""
    box = box._replace(size=box.size / LANDMARK_MARGIN)
    far = photo.image.shape[1] - 1
    flipped = np.ascontiguousarray(photo.image[:, ::-1])
    other = tracker.find(flipped, box._replace(x=far - box.x))
    return tracker.find(photo.image, box), (other * [-1, 1] + [far, 0])[mirror].astype(np.float32)


def height_in_common(head: Head, photos: list[LabelledPhoto], tracker: PublicTracker) -> float:
    """Metres that the tracker's inner landmarks lie above the head's on upright frontal photos, on average."""
    mirror = partners(head.landmark_model().mean)
    higher = []
    for photo in photos:
        own = photo.landmarks(head)
        straight, mirrored = _seen_twice(tracker, photo, box_around_landmarks(own), mirror)
        counted_from = ((straight - mirrored) / 2)[INNER, 0].mean()
        down = ((straight + mirrored) / 2 - own)[INNER, 1].mean() - counted_from
        higher.append(-down / float(np.linalg.norm(photo.transform[0, :3])))
    return float(np.mean(higher))


def _shown(turns: FloatArray, normals: Array) -> Array:
    """How well a photo shows each landmark ``(n, 68)``: what faces away not at all, of the jaw the near side."""
    facing = turns[:, 2] @ normals.T
    shows = np.clip(2 * facing + 0.3, 0, 1)
    yaw, middle = turns[:, 0, 2], JAW // 2
    shows[:, :middle] = (yaw > -NEAR)[:, None]
    shows[:, middle] = 1
    shows[:, middle + 1 : JAW] = (yaw < NEAR)[:, None]
    return shows


def _free_moves(turns: FloatArray, shapes: FloatArray) -> Array:
    """What a photo's own pose may still do to its landmarks ``(n, 68, 2, 6)``: shift, size, small turns."""
    x, y, z = np.moveaxis(shapes.astype(float), 2, 0)
    one, none = np.ones_like(x), np.zeros_like(x)
    moves = ((one, none), (none, one), (x, y), (-y, x), (z, none), (none, z))
    return np.moveaxis(np.array(moves), (0, 1), (3, 2))


def _solved(moves: Array, weights: Array, left: Array) -> Array:
    """How much of each of the moves ``(n, k, 2, q)`` explains best what is left ``(n, k, 2)``."""
    information = np.einsum("nkiq,nkir,nk->nqr", moves, moves, weights)
    pull = np.einsum("nkiq,nki,nk->nq", moves, left, weights)
    return np.linalg.solve(information, pull[..., None])[..., 0]


def level(offsets: Array, places: Array) -> Array:
    """Offsets ``(68, 3)`` without the part of their depth that goes evenly with the height and depth of places.

    By the inner 51; it is taken off the jaw as well.
    """
    base = np.column_stack([np.ones(N_LANDMARKS), places[:, 1:] - places[INNER, 1:].mean(axis=0)])
    even = np.linalg.lstsq(base[INNER], offsets[INNER, 2], rcond=None)[0]
    return np.column_stack([offsets[:, :2], offsets[:, 2] - base @ even])


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


def smoothed(edge: FloatArray) -> FloatArray:
    """Offsets ``(k, 3)`` along the jaw, each a mean with its neighbours: they lie on one edge."""
    ends = np.concatenate([edge[:1], edge, edge[-1:]])
    return np.asarray((ends[:-2] + 2 * ends[1:-1] + ends[2:]) / 4)


def _rms(values: FloatArray) -> float:
    return float(
        np.sqrt((values**2).sum(axis=-1).mean() if values.ndim > 1 else (values**2).mean())
    )


def _r(one: FloatArray, other: FloatArray) -> float:
    """Correlation of the inner landmarks' depths."""
    return float(np.corrcoef(one[INNER, 2], other[INNER, 2])[0, 1])


if __name__ == "__main__":
    main()
