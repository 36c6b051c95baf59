# SPDX-License-Identifier: GPL-3.0-or-later
"""All frames' equations, on disk, and their solution over the take, some hundred frames at a time."""

import tempfile
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..capture.flip_augmentation import FLIPPED_BLENDSHAPES
from ..model.arkit import ARKIT_BLENDSHAPES
from .equations import Equations
from .fit import bounded, without_pose
from .lips import Lips
from .moving_points import FREE, N_FREE, N_UNKNOWNS
from .poses import N_POSE, Array, Poses

CHUNK, OVERLAP = 600, 30
"""Frames solved at once, and those before and after that are solved with them: ties reach no further."""
SCALE_SIGMA, TURN_SIGMA, PLACE_SIGMA = 0.03, float(np.radians(3.0)), 0.002
"""How far the solve's pose may be off: share, radians, metres. These and the weights' are chosen by
measurement on generated clips and film; only what they are to each other and to the flow's matters."""
WEIGHT_SIGMA, LOOSE_SIGMA, SIDE_SIGMA = 0.25, 0.4, 0.6
"""How far the network's weights may be off: those of both sides together, of which the second kind are
:data:`LOOSE`, and one side against the other."""
LOOSE = ("brow", "noseSneer", "cheekSquint")
"""Those of which the network says least, and the pixels most. It says next to nothing of one side's being stronger,
whatever the weight."""
TIE_SIGMA, TIE_SECONDS = 0.06, 1 / 30
"""How far a weight goes in so many seconds."""


class Store:
    """The equations of F frames in a temporary file: 7 kB a frame. A context manager."""

    def __init__(self, count: int) -> None:
        self._file = tempfile.TemporaryFile(prefix="mien-")  # noqa: SIM115
        shape = (count, N_UNKNOWNS, N_UNKNOWNS + 1)
        self._rows = np.memmap(self._file, np.float32, "w+", shape=shape)

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        del self._rows
        self._file.close()

    def put(self, frame: int, equations: Equations) -> None:
        """Keep those of one frame."""
        self._rows[frame, :, :-1], self._rows[frame, :, -1] = equations.normal, equations.right

    def add(self, frames: NDArray[np.int64], equations: Equations) -> None:
        """Add more of several frames to what was put of each."""
        self._rows[frames, :, :-1] += equations.normal
        self._rows[frames, :, -1] += equations.right

    def part(self, rows: slice) -> Equations:
        """Those of some frames, zero where none were put."""
        values = np.array(self._rows[rows], np.float64)
        return Equations(values[..., :-1], values[..., -1])


@dataclass(frozen=True)
class TakeFit:
    """What a solution needs beside the prior of the weights.

    Attributes:
        store: the equations, at ``poses``.
        trust: ``(F,)`` of the frames.
        lips: of the person; openings: ``(F, 3)`` by the network, NaN where the face was lost.
        start: the solve's poses; poses: those at which the equations were built.
        metres: of a pixel of the cut-outs.
        times: ``(F,)`` seconds.
    """

    store: Store
    trust: Array
    lips: Lips
    openings: Array
    start: Poses
    poses: Poses
    metres: float
    times: NDArray[np.float64]

    def solve(self, prior: Array, rest: Array, doubt: Array, start: Array) -> tuple[Array, Array]:
        """The free weights ``(F, N_FREE)`` and the step ``(F, 6)`` of the poses.

        Args:
            prior: ``(F, N_FREE)`` what the network says of the weights beyond rest.
            rest: ``(N_FREE,)`` below which no weight falls.
            doubt: ``(F, N_FREE)`` L1 on what is beyond rest, where the pixels are believed: what a weight
                has to be clear of to count, in its own standard deviations.
            start: ``(F, N_FREE)`` weights beyond rest to begin with, for the sake of speed.
        """
        count = len(self.trust)
        free, moved = np.zeros((count, N_FREE)), np.zeros((count, N_POSE))
        for begin in range(0, count, CHUNK):
            end = min(count, begin + CHUNK)
            low, high = max(0, begin - OVERLAP), min(count, end + OVERLAP)
            part = self._part(
                slice(low, high), prior[low:high], rest, doubt[low:high], start[low:high]
            )
            free[begin:end], moved[begin:end] = (a[begin - low : end - low] for a in part)
        return free, moved

    def evidence(self, change: Array) -> Array:
        """How much the pixels ask for changes ``(F, N_FREE)`` of the weights: ``(F,)``, squared deviations."""
        out = np.zeros(len(self.trust))
        for begin in range(0, len(out), CHUNK):
            rows = slice(begin, begin + CHUNK)
            matrix = without_pose(*self._pixels(rows))[0]
            out[rows] = np.einsum("fi,fij,fj->f", change[rows], matrix, change[rows], optimize=True)
        return out

    def _part(
        self, rows: slice, prior: Array, rest: Array, doubt: Array, start: Array
    ) -> tuple[Array, Array]:
        trust, weights = self.trust[rows], np.arange(N_FREE)
        normal, right = self._pixels(rows)
        openings = self.openings[rows]
        seen = np.isfinite(openings).all(axis=1)
        lips = self.lips.equations(np.where(seen[:, None], openings, 0))
        normal[:, N_POSE:, N_POSE:] += lips[0] * (trust * seen)[:, None, None]
        right[:, N_POSE:] += lips[1] * (trust * seen)[:, None]
        matrix, wanted, back = without_pose(normal, right)
        wanted -= matrix @ rest
        precision = weight_precision()
        matrix += precision
        wanted += prior @ precision
        wanted -= doubt * np.sqrt(matrix[:, weights, weights]) * trust[:, None]
        steps = np.maximum(np.diff(self.times[rows]), 1e-3)
        tie = TIE_SIGMA**-2.0 * TIE_SECONDS / steps
        free = bounded(matrix, wanted, tie, 1 - rest, start) + rest
        return free, back[..., 0] - np.einsum("fpw,fw->fp", back[..., 1:], free)

    def _pixels(self, rows: slice) -> Equations:
        """What flow and the solve's pose say, as far as each frame is believed."""
        trust, pose = self.trust[rows], np.arange(N_POSE)
        normal, right = self.store.part(rows)
        normal *= trust[:, None, None]
        right *= trust[:, None]
        precision = pose_precision(self.metres)
        normal[:, pose, pose] += precision
        away = self.start.part(rows).local_coordinates(self.poses.part(rows))
        right[:, :N_POSE] += precision * away
        return Equations(normal, right)


def pose_precision(metres: float) -> Array:
    """Inverse variances ``(6,)`` of a pose's step."""
    place = PLACE_SIGMA / metres
    return np.array([SCALE_SIGMA, *[TURN_SIGMA] * 3, place, place]) ** -2.0


def weight_precision() -> Array:
    """Inverse covariance ``(N_FREE, N_FREE)`` of the weights about the network's."""
    loose = [ARKIT_BLENDSHAPES[i].startswith(LOOSE) for i in FREE]
    together = np.where(loose, LOOSE_SIGMA, WEIGHT_SIGMA) ** -2.0
    own = np.eye(N_FREE)
    other = own[[list(FREE).index(FLIPPED_BLENDSHAPES[i]) for i in FREE]]
    # A weight without a side is its own other one: its difference is nothing.
    return np.asarray((own + other) / 2 * together + (own - other) / 2 * SIDE_SIGMA**-2.0)
