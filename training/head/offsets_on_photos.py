# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a tracker's landmarks on photos lie off the head's: depth by turned heads, height by frontal ones."""

import numpy as np
from mien.core.model.crop import LANDMARK_MARGIN, CropBox, box_around_landmarks
from mien.core.model.head import N_LANDMARKS, Head
from mien.core.model.params import FloatArray
from mien.core.model.point_model import PointModel
from mien.core.solve.reprojection import landmark_normals
from numpy.typing import NDArray

from ..geometry.landmarks import INNER, partners
from ..labels.expression_projection import ExpressionProjector
from ..labels.store import LabelledPhoto
from .landmark_convention import JAW
from .public_tracker import PublicTracker

ROUNDS = 8
"""Of reweighting; the weights follow the residuals of the round before."""
FACING, FACING_FROM = 2.0, 0.3
"""A landmark counts by the cosine of its normal to the view times the first, and this more: up to the contour."""
OUTLIER = 2.0
"""A landmark that is off by this many times the usual counts half."""
STAY = 0.004
"""Weight of a landmark's present place in photos' weights: what no head shows stays."""
NEAR = 0.1
"""Sine of the yaw up to which both sides of the jaw are near ones."""

Array = NDArray[np.float64]


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
    shows = np.clip(FACING * facing + FACING_FROM, 0, 1)
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
