# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the skin that a sequence may change: the face, but for the edges of its openings and for the lids."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from ..model.arkit import BLINKS
from ..model.head import Head
from ..model.params import FloatArray
from .plausible import face_of, hidden_of
from .texels import Places, Texels
from .views import Posed, ramp

FACE = (0.0, 0.6)
"""How surely a place is the face's, between its own points too, where it may not change and where it may."""
RIM = (0.003, 0.007)
"""Metres from the rim of an eye, or from the nostrils: nearer than the first, a pixel of error shows what is in
them; from the second on it is skin."""
LIDS = (0.004, 0.0015)
"""Metres that a blink moves what is a lid, and what is none."""
OPENING = (0.0015, 0.004)
"""Metres in the picture from what is seen through the mouth or between the lids, likewise."""
BLEEDING = 1.0
"""Pixels by which what is in an opening is seen beyond its edge: film blurs, and colours more than brightness."""
SHUT = (0.85, 1.0)
"""Weight of a blink from which a lid begins to be seen, and is seen whole."""
NOSTRILS = (31, 36)
"""Landmarks under the nose."""
FINE = 8
"""Points between two landmarks of a rim."""
EYES = (slice(42, 48), slice(36, 42))
"""Landmarks of the left and of the right eye."""
_ROUNDED = 1e5
"""Texture coordinates that are one to this precision are one point."""


@dataclass(frozen=True, eq=False)
class Facial:
    """The texels that a sequence changes.

    Attributes:
        places: K of them.
        own: ``(K,)`` 0 to 1, how far each may change while the eyes are open.
        lids: ``(K, 2)`` 0 to 1, what more of it may while the left and the right eye are shut.
        outer: ``(T,)`` which triangles of the head are its outside.
        pixels: rows, columns and texel of every pixel that shows one of them, gutters included.
    """

    places: Places
    own: FloatArray
    lids: FloatArray
    outer: NDArray[np.bool_]
    pixels: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]

    def free(self, posed: Posed, scale: float, blinks: FloatArray) -> FloatArray:
        """How far each may change ``(K,)`` in a frame.

        Args:
            posed: the head there.
            scale: of the frame, its pixels a metre.
            blinks: ``(2,)`` weights of the blinks of the left and the right eye.
        """
        drawn = posed.triangle
        skin = (drawn < 0) | self.outer[drawn]
        at = self.places.at(posed.flat)
        away = posed.inward(skin)[tuple(np.rint(at[:, 1::-1]).astype(int).T)]
        lids = self.lids @ ramp(blinks, SHUT)
        clear = ramp(away - BLEEDING / scale, OPENING)
        return np.asarray(np.minimum(self.own + lids, 1) * clear, np.float32)


def facial_of(head: Head, texels: Texels) -> Facial:
    """The texels of a face that a sequence changes."""
    outer = np.repeat(outside(head), 2)
    lids = _lids(head)
    skin = ramp(face_of(head), FACE) * (1 - hidden_of(head)) * _off_nostrils(head)
    values = np.column_stack([skin, lids])
    shares = np.clip(texels.at(values), 0, 1)
    inside = np.ones(len(head.vertices), bool)
    inside[head.triangles[outer]] = False
    chosen = np.flatnonzero((shares[:, 0] > 0) & ~inside[texels.corners].any(axis=1))
    places = Places(
        texels.side, texels.rows[chosen], texels.columns[chosen], texels.corners[chosen],
        texels.weights[chosen],
    )  # fmt: skip
    member = np.full(len(texels.rows), -1)
    member[chosen] = np.arange(len(chosen))
    shown = member[texels.gutter]
    rows, columns = np.nonzero(shown >= 0)
    face, left, right = shares[chosen].T
    return Facial(
        places,
        face * (1 - np.maximum(left, right)),
        face[:, None] * np.column_stack([left, right]),
        outer,
        (rows, columns, shown[rows, columns]),
    )


def outside(head: Head) -> NDArray[np.bool_]:
    """``(F,)`` which faces are the head's outside: the largest piece of skin on the texture, without the linings
    of mouth and sockets."""
    flat = np.rint(head.uvs.reshape(-1, 2) * _ROUNDED).astype(np.int64)
    points = np.unique(flat, axis=0, return_inverse=True)[1].reshape(-1, 4)
    ends = np.concatenate([points[:, [k, (k + 1) % 4]] for k in range(4)])
    count = int(points.max()) + 1
    links = coo_matrix((np.ones(len(ends)), ends.T), shape=(count, count))
    piece = connected_components(links, directed=False)[1][points[:, 0]]
    return np.asarray(piece == np.bincount(piece).argmax())


def _lids(head: Head) -> FloatArray:
    """``(N, 2)`` 0 to 1, what is the left and the right eye's: what a blink moves, and the skin round the rim."""
    marks = head.landmark_model().mean
    out = []
    for eye, blink in zip(EYES, BLINKS, strict=True):
        away = _away(head, np.concatenate([marks[eye], marks[eye][:1]]))
        moved = np.linalg.norm(head.blendshapes[blink], axis=1)
        out.append(np.maximum(1 - ramp(away, RIM), 1 - ramp(moved, LIDS)))
    return np.asarray(np.column_stack(out), np.float32)


def _off_nostrils(head: Head) -> FloatArray:
    return ramp(_away(head, head.landmark_model().mean[slice(*NOSTRILS)]), RIM)


def _away(head: Head, corners: FloatArray) -> FloatArray:
    """Metres ``(N,)`` of vertices from a line through points ``(n, 3)``."""
    steps = np.arange(FINE)[:, None, None] / FINE
    line = corners[:-1] + steps * (corners[1:] - corners[:-1])
    return np.asarray(cKDTree(line.reshape(-1, 3)).query(head.vertices)[0], np.float32)
