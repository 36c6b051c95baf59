# SPDX-License-Identifier: GPL-3.0-or-later
"""The solve: one identity for a whole take, and every frame's pose and expression against it.

The network regresses a little other identity in every frame. Taking the average and leaving the rest
as it is would move the face in the picture, and would leave in the expression what the identity
answered for. So pose and expression are found anew: they keep the landmarks where the network saw
them and stay near what it said, each as far as it can be trusted.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..model.head import Head
from ..model.params import IDENTITY, N_EXPRESSION, N_IDENTITY, FloatArray, split
from .reprojection import FRAME_SIGMA, IDENTITY_SIGMA, N_FRAME, Array, Frames, Reprojection

MOST_FRAMES = 600
"""The identity is found from at most this many frames, evenly spread."""
ROUNDS = 2
"""Steps of Gauss and Newton; the start is near."""
OUTLIER = 3.0
"""A frame whose identity is off by this many times the usual counts half (Cauchy's rule)."""
LEAST_TRUST = 1e-3
"""Confidence that even a lost frame has, so that its equations can be solved."""
_CHUNK = 512
"""Frames per product, so that memory does not grow with the take."""
_PRIOR = FRAME_SIGMA**-2.0
"""What a frame's unknowns cost, by their spread."""
_TRAITS, _UNKNOWNS = np.arange(N_IDENTITY), np.arange(N_FRAME)
"""Diagonals of the identity's and of a frame's equations."""


class Told(NamedTuple):
    """What the network tells of a face by the wrong coefficients.

    Attributes:
        motion: ``(F, 40)`` of the frames' identities that is expression.
        resting: ``(10,)`` of every expression that is how the person looks at rest.
    """

    motion: FloatArray
    resting: FloatArray

    @staticmethod
    def nothing(frames: int) -> "Told":
        """Of a network that tells all by the right ones."""
        zeros = np.zeros((frames, N_IDENTITY), np.float32)
        return Told(zeros, np.zeros(N_EXPRESSION, np.float32))


class Solved(NamedTuple):
    """One identity ``(40,)`` and the frames against it, in crop space."""

    identity: FloatArray
    frames: Frames


def solve(
    params: FloatArray, confidence: FloatArray, head: Head, told: Told | None = None
) -> Solved:
    """Find what stays the same in a take and what moves.

    Args:
        params: ``(F, 62)`` raw, without lost frames; F at least 1.
        confidence: ``(F,)``.
        head: that the parameters belong to.
        told: what of the identity is expression and what of the expression identity; nothing by default.
    """
    told = told or Told.nothing(len(params))
    if len(params) == 1:  # nothing to settle; this also runs once for every frame of a live camera
        return Solved(split(params)[1][0], Frames.of(params))
    points = Reprojection(head)
    still = params.copy()
    still[:, IDENTITY] -= told.motion
    identity = find_identity(still, confidence, points, told.resting)
    frames = fit_frames(params, identity, points, told.resting)
    return Solved(identity.astype(np.float32), frames)


def find_identity(
    params: FloatArray,
    confidence: FloatArray,
    points: Reprojection,
    resting: float | FloatArray = 0,
) -> Array:
    """The identity ``(40,)`` that explains the landmarks of all frames best.

    Joint weighted least squares over identity, poses and expressions; those of the frames are
    eliminated (Schur's complement), so that a frame counts for each trait as much as it shows of it:
    a profile for the nose's length, a front view for the jaw's width. Frames that disagree with the
    others count less. An expression ``(10,)`` at rest is taken off all, and the identity answers for it.
    """
    rows = np.unique(np.linspace(0, len(params) - 1, min(len(params), MOST_FRAMES)).astype(int))
    params, confidences = params[rows], np.maximum(confidence[rows], LEAST_TRUST).astype(np.float64)
    each = split(params)[1].astype(np.float64)
    identity: Array = np.median(each, axis=0)
    raw = Frames.of(params).resting_at(resting)
    seen, weights = points.seen(params), points.weights(raw.rotation)
    frames = raw
    for _ in range(ROUNDS):
        by_frame, by_identity = points.jacobian(identity, frames)
        residual = (seen - points.project(identity, frames)).reshape(len(params), -1, 1)
        weighted = by_identity * np.tile(weights, 2)[..., None]
        normal, rhs = _normal(by_frame, weights, residual, raw.local_coordinates(frames))
        mixed = weighted.transpose(0, 2, 1) @ by_frame
        solved = np.linalg.solve(normal, np.concatenate([mixed.transpose(0, 2, 1), rhs], axis=2))
        information = weighted.transpose(0, 2, 1) @ by_identity - mixed @ solved[..., :-1]
        information[:, _TRAITS, _TRAITS] += IDENTITY_SIGMA**-2.0
        gradient = weighted.transpose(0, 2, 1) @ residual - mixed @ solved[..., -1:]
        gradient = gradient[..., 0] + (each - identity) * IDENTITY_SIGMA**-2.0
        weight = confidences * _agreement(each - identity, information)
        delta = np.linalg.solve(np.tensordot(weight, information, axes=1), weight @ gradient)
        identity = identity + delta
        frames = frames.retract(solved[..., -1] - solved[..., :-1] @ delta)
    return identity


def fit_frames(
    params: FloatArray, identity: Array, points: Reprojection, resting: float | FloatArray = 0
) -> Frames:
    """Poses and expressions of raw parameters ``(F, 62)`` against a given identity ``(40,)``.

    The expressions are less ``resting``, ``(10,)``, than the network says.
    """
    raw = Frames.of(params).resting_at(resting)
    parts = []
    for start in range(0, len(params), _CHUNK):
        rows = np.arange(start, min(start + _CHUNK, len(params)))
        parts.append(_fit(params[rows], raw.part(rows), identity, points))
    return Frames(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("scale", "rotation", "translation", "expression")
        )
    )


def _fit(params: FloatArray, raw: Frames, identity: Array, points: Reprojection) -> Frames:
    seen, weights = points.seen(params), points.weights(raw.rotation)
    frames = raw
    for _ in range(ROUNDS):
        by_frame, _ = points.jacobian(identity, frames)
        residual = (seen - points.project(identity, frames)).reshape(len(params), -1, 1)
        normal, rhs = _normal(by_frame, weights, residual, raw.local_coordinates(frames))
        frames = frames.retract(np.linalg.solve(normal, rhs)[..., 0])
    return frames


def _normal(by_frame: Array, weights: Array, residual: Array, back: Array) -> tuple[Array, Array]:
    """Normal equations ``(F, 16, 16)`` and ``(F, 16, 1)`` of the frames' own unknowns.

    Args:
        by_frame: ``(F, 136, 16)`` slopes.
        weights: ``(F, 68)`` of the landmarks.
        miss: ``(F, 136, 1)`` by how much the landmarks are off.
        back: ``(F, 16)`` the way back to what the network said.
    """
    across = (by_frame * np.tile(weights, 2)[..., None]).transpose(0, 2, 1)
    normal = across @ by_frame
    normal[:, _UNKNOWNS, _UNKNOWNS] += _PRIOR
    return normal, across @ residual + (_PRIOR * back)[..., None]


def _agreement(away: Array, information: Array) -> Array:
    """Weights ``(F,)`` in (0, 1] of frames whose identity is ``away`` ``(F, 40)`` from the common one."""
    distance = np.einsum("fi,fij,fj->f", away, information, away, optimize=True)
    usual: NDArray[np.float64] = np.median(distance)
    return 1 / (1 + distance / np.maximum(OUTLIER * usual, 1e-9))
