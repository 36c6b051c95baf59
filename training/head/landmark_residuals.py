# SPDX-License-Identifier: GPL-3.0-or-later
"""What a head that is laid on photos leaves of the labelling tool's points, and where they should lie instead."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
from mien.core.model.head import Head

from ..geometry.landmarks import partners
from ..labels.fit import Fit, Fitter
from ..labels.mediapipe_tool import Found
from .archive import FloatArray

STAY = 0.01
"""Weight of a point's present place, in photos' weights; of depth most, which photos hardly show."""
_fitters: list[Fitter] = []


@dataclass(frozen=True)
class LeftOver:
    """What a fit leaves of one photo.

    Attributes:
        away: ``(468, 2)`` from the head's points to the tool's in the picture, metres on the head, y up.
        turn: ``(3, 3)`` the head's rotation.
    """

    away: FloatArray
    turn: FloatArray


def left_over(fitter: Fitter, found: Found) -> LeftOver:
    """Lay the head on a photo, and see what is left."""
    fit: Fit = fitter.fit(found)
    scale = float(np.linalg.norm(fit.transform[0, :3]))
    placed = fitter.placed(fit)[:, :2]
    seen = found.points[:, :2] * np.array([1.0, -1.0])
    return LeftOver((seen - placed) / scale, fit.transform[:, :3] / scale)


def left_over_of(head: Head, seen: Sequence[Found]) -> list[LeftOver]:
    """Lay the head on every photo, on all cores."""
    with get_context("spawn").Pool(os.cpu_count(), _start, (head,)) as pool:
        return pool.map(_left_over, seen, chunksize=20)


def _start(head: Head) -> None:
    _fitters.append(Fitter(head))


def _left_over(found: Found) -> LeftOver:
    return left_over(_fitters[0], found)


def evenly_wanted(head: Head, left: list[LeftOver]) -> tuple[FloatArray, FloatArray]:
    """As :func:`wanted`, the same on both sides of the face."""
    away, certainty = wanted(left)
    return (away + away[partners(head.mediapipe_model().mean)] * [-1, 1, 1]) / 2, certainty


def wanted(left: list[LeftOver]) -> tuple[FloatArray, FloatArray]:
    """How far ``(468, 3)`` each point should move on the head (metres), and how surely, ``(3, 3)``.

    Least squares over the photos: of each only the part across the line of sight is seen, so that depth is told
    by turned heads alone.
    """
    across = np.stack([photo.turn[:2] for photo in left])
    certainty = np.einsum("nij,nik->jk", across, across) / len(left)
    pull = np.einsum("nij,nki->kj", across, np.stack([photo.away for photo in left])) / len(left)
    return pull @ np.linalg.inv(certainty + STAY * np.eye(3)), certainty
