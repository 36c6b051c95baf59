# SPDX-License-Identifier: GPL-3.0-or-later
"""Contours of lips and brows, as a network saw them in every frame, against the same contours at rest.

Flow follows skin, and along the lips' edges, where a mouth gets wider, there is little that it could follow. The
network of contours sees edges afresh in every frame. It errs by more than they move, but on one face it errs alike:
so what it says at rest is taken off, and only what goes beyond is asked for.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ..model.contour_points import BROW_POINTS, CONTOUR_POINTS, LIPS_INNER, LIPS_OUTER, MOUTH_POINTS
from ..model.crop import CropBox, ImageArray, cut
from ..model.head import Head
from ..model.params import CROP_SIZE, FloatArray
from ..take.take import Take
from .contour_reader import SeesContours
from .equations import Equations
from .moving_points import N_UNKNOWNS, MovingPoints
from .poses import CUT, Array, Poses, degrees_turned
from .trust import ramp

MOUTH_SIGMA, BROW_SIGMA = 0.0010, 0.0020
"""How far points may be off beside their habit, metres. Those of a part err together, so it is more than one
point's. Chosen by measurement: with less, faces whose motion is known are met less closely, with more the mouth is
drawn less wide on film."""
CAUCHY = 2.0
"""A point this many times its sigma away counts half."""
TOGETHER = 16
"""Frames that the network sees at once, in little more than half the time that they take one by one."""
HABIT_FRAMES = 2000
"""Frames at most, evenly spread, from which a habit is learnt, so that memory does not grow with the take."""
CHUNK = 64
"""Frames whose equations are built at once."""
AHEAD, TURNED = 20.0, 40.0
"""Degrees between the face's direction and the camera up to which contours count fully, and from which not at all:
the far corner is hidden, and points lie otherwise on a turned face."""


class Contours:
    """The contours of F frames of a take."""

    def __init__(
        self, take: Take, head: Head, shape: FloatArray, metres: float, reader: SeesContours | None
    ) -> None:
        """Prepare.

        Args:
            take: whose boxes and parameters the network reads by.
            head: of the take.
            shape: ``(N, 3)`` the person's face, all of whose weights are 0.
            metres: of a pixel of the cut-outs.
            reader: what sees contours; without one none are seen.
        """
        places = head.mediapipe_places.some(CONTOUR_POINTS)
        still, moves = (places.on(basis).astype(np.float32) for basis in (shape, head.blendshapes))
        self._take, self._points, self._reader = take, MovingPoints(still, moves), reader
        self._waiting: list[tuple[int, CropBox, CropBox, NDArray[np.uint8]]] = []
        self._seen = np.full((len(take), len(CONTOUR_POINTS), 2), np.nan, np.float32)
        self._habit = np.zeros((len(CONTOUR_POINTS), 2))
        self._precision = _precisions() * metres**2

    def look(self, image: ImageArray, frame: int, box: CropBox) -> None:
        """See the contours in a frame of the footage, whose cut-out has a box."""
        if self._reader is None:
            return
        own = CropBox(*(float(n) for n in self._take.boxes[frame]))
        self._waiting.append((frame, own, box, cut(image, own)))
        if len(self._waiting) == TOGETHER:
            self._read()

    def _read(self) -> None:
        """See them in the frames that wait."""
        if self._reader is None or not self._waiting:
            return
        frames, owns, boxes, crops = zip(*self._waiting, strict=True)
        self._waiting.clear()
        rows = list(frames)
        points = self._reader.read(np.stack(crops), self._take.params[rows])
        own, box = np.array(owns)[:, None], np.array(boxes)[:, None]
        placed = own[..., :2] + (points - (CROP_SIZE - 1) / 2) * (own[..., 2:] / CROP_SIZE)
        self._seen[rows] = (placed - box[..., :2]) * ([CUT, -CUT] / box[..., 2:])

    def learn_habit(self, weights: Array, poses: Poses, rows: NDArray[np.bool_]) -> None:
        """Take note of how far off the network has this face's contours.

        Args:
            weights: ``(F, 52)`` of all frames.
            poses: likewise.
            rows: ``(F,)`` which frames show the face at rest; turned ones are not asked.
        """
        self._read()
        asked = np.flatnonzero(rows & self._seen_in & (degrees_turned(poses.rotation) < TURNED))
        if len(asked):
            asked = asked[:: -(-len(asked) // HABIT_FRAMES)]
            here = poses.part(asked)
            level = np.linalg.solve(
                _flat(here), self._away(weights, poses, asked).transpose(0, 2, 1)
            )
            self._habit = np.median(level, axis=0).T

    def equations(
        self, weights: Array, poses: Poses, rows: NDArray[np.int64]
    ) -> Iterator[tuple[NDArray[np.int64], Equations]]:
        """What contours say at weights ``(F, 52)`` and poses: some of the frames ``rows`` at a time, and theirs.

        Frames in which none were seen are left out.
        """
        seen = rows[self._seen_in[rows]]
        for begin in range(0, len(seen), CHUNK):
            part = seen[begin : begin + CHUNK]
            here = poses.part(part)
            habit = self._habit @ _flat(here).transpose(0, 2, 1)
            away = (self._away(weights, poses, part) - habit).transpose(0, 2, 1)
            likely = 1 / (1 + (away**2 * self._precision).sum(axis=1) / CAUCHY**2)
            likely *= ramp(degrees_turned(here.rotation), TURNED, AHEAD)[:, None]
            slopes = self._points.slopes(weights[part], here).reshape(len(part), -1, N_UNKNOWNS)
            share = (self._precision * likely[:, None]).reshape(len(part), -1, 1)
            across = (slopes * share.astype(np.float32)).transpose(0, 2, 1)
            right = across @ away.reshape(len(part), -1, 1).astype(np.float32)
            yield part, Equations.of_steps(across @ slopes, right[..., 0], weights[part])

    @property
    def _seen_in(self) -> NDArray[np.bool_]:
        """``(F,)`` in which frames contours were seen."""
        return np.isfinite(self._seen[:, 0, 0])

    def _away(self, weights: Array, poses: Poses, rows: NDArray[np.int64]) -> Array:
        """``(n, K, 2)`` from where the mesh has the points to where they were seen, pixels of the cut-outs."""
        placed = self._points.turned(weights[rows], poses.part(rows))[..., :2]
        return np.asarray(self._seen[rows] - placed - poses.place[rows, None], np.float64)


def _flat(poses: Poses) -> Array:
    """``(F, 2, 2)`` from metres across and up a face to pixels of its cut-out."""
    return np.asarray(poses.scale[:, None, None] * poses.rotation[:, :2, :2])


def _precisions() -> Array:
    """Inverse variances ``(2, K)`` of the points' places across and up, square metres.

    Heights of the lips are not asked for: how far they are apart the regressor says better (:mod:`.lips`), and
    by how much one corner is above the other the flow does.
    """
    sigmas = np.repeat([MOUTH_SIGMA, BROW_SIGMA], [len(MOUTH_POINTS), len(BROW_POINTS)])
    across = sigmas**-2.0
    lips = np.isin(CONTOUR_POINTS, (*LIPS_OUTER, *LIPS_INNER))
    return np.stack([across, np.where(lips, 0, across)])
