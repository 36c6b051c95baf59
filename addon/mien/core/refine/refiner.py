# SPDX-License-Identifier: GPL-3.0-or-later
"""One refinement while it lasts: rounds of template, flow and least squares."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..model.arkit import N_BLENDSHAPES
from ..model.crop import CropBox, ImageArray
from ..model.head import Head
from ..model.params import N_EXPRESSION
from ..model.rotation import to_quaternions, unroll
from ..solve.motion import Motion
from ..solve.neutral import find_rest
from ..take.refinement import Refinement
from ..take.take import Take
from .canonical import canonical_of
from .contour_reader import SeesContours
from .contours import Contours
from .equations import Measurer
from .flow import Flow
from .lips import Lips, network_openings
from .moving_points import FREE, N_FREE
from .pictures import Pictures
from .poses import Array, Poses, boxes_of, in_footage, poses_of
from .sparse import solve_sparse
from .stabilise import Surface, facing, pixel_map, stabilised, template_of
from .take_fit import Store, TakeFit, pose_precision, weight_precision
from .trust import frames_trust


class Round(NamedTuple):
    """One template, flow to it and least squares.

    Attributes:
        stride: every how manieth frame is looked at; those between are taken to be between.
        beyond: how many times as far as the flow says the skin is taken to have gone.
    """

    stride: int
    beyond: float


ROUNDS = (Round(6, 1.9), Round(1, 1.0))
"""Each begins from better poses and weights than the one before, and every sixth frame is enough for the first.
What the prior holds back in one round it holds back in the next, so the first goes beyond: on clips whose motion
is known brows err by 5 % less and nothing by more, on film one side alone follows by a tenth more."""
TEMPLATE_FRAMES = 120
"""Frames, evenly spread, of which the template is the mean."""
LEAST_SHARE = 0.2
"""If fewer of the frames can be believed than this, the take stays as it was captured."""


class RefineProgress:
    """How far a refinement has come; what :func:`refine` calls after every step.

    Attributes:
        done, expected: steps; a frame of the footage takes one, and one for each time it is looked at.
        image: the frame that was read, BGR, or None while none is read.
    """

    def __init__(self, done: int, expected: int, image: ImageArray | None) -> None:
        self.done, self.expected, self.image = done, expected, image


class Refiner:
    """One refinement while it lasts."""

    def __init__(
        self, take: Take, motion: Motion, head: Head, reader: SeesContours | None,
        progress: Callable[[RefineProgress], None] | None, should_stop: Callable[[], bool] | None,
    ) -> None:  # fmt: skip
        self.take, self.motion, self.head = take, motion, head
        self.progress, self.should_stop, self.done = progress, should_stop, 0
        self.network = np.where(take.found[:, None], take.blendshapes, 0).astype(np.float64)
        # The solve's identity holds what the network says at rest; its weights say it too.
        found = take.found
        rest = find_rest(take.blendshapes[found], take.times[found], take.confidence[found])
        self.at_rest = found.copy()
        if rest.frames.any():
            self.at_rest[found] = rest.frames
        shape = head.shape(motion.identity, np.zeros(N_EXPRESSION, np.float32))
        shape = (shape - np.tensordot(rest.blendshapes, head.blendshapes, axes=1)).astype(
            np.float32
        )
        self.canonical = canonical_of(head, shape)
        self.surface = Surface.of(self.canonical, head, shape)
        self.lips, self.openings = Lips(head, shape), network_openings(take, head)
        self.contours = Contours(take, head, shape, self.canonical.metres, reader)
        self.boxes: list[CropBox] = boxes_of(motion, self.canonical)

    def look(self, row: int, image: ImageArray) -> None:
        """See the contours in a frame of the footage."""
        if self.take.found[row]:
            self.contours.look(image, row, self.boxes[row])

    def step(self, image: ImageArray | None = None) -> bool:
        """Count a step and tell of it; whether to stop."""
        self.done += 1
        if self.progress is not None:
            count = len(self.take)
            expected = count + sum(len(range(0, count, each.stride)) for each in ROUNDS)
            self.progress(RefineProgress(min(self.done, expected), expected, image))
        return self.should_stop is not None and self.should_stop()

    def trust(self, likeness: Array) -> Array:
        """Trust of each frame ``(F,)``, by the solve's poses."""
        known = np.where(self.take.found, likeness, 0)
        return frames_trust(self.take, poses_of(self.motion, self.boxes), known)

    def worth_starting(self) -> bool:
        """Whether faces are large and turned to the camera often enough."""
        return self.worth_it(self.trust(np.ones(len(self.take))))

    @staticmethod
    def worth_it(trust: Array) -> bool:
        """Whether enough frames can be believed."""
        return bool((trust > 0).mean() >= LEAST_SHARE)

    def run(self, pictures: Pictures, store: Store) -> Refinement | None:
        """All rounds."""
        usable = pictures.present & self.take.found
        start = poses = poses_of(self.motion, self.boxes)
        weights, prior = self.network.copy(), self.network[:, FREE]
        rest = np.zeros(N_BLENDSHAPES)
        for each in ROUNDS:
            rows = np.flatnonzero(usable)[:: each.stride]
            likeness = self._measure(pictures, rows, weights, poses, store, each.beyond)
            if likeness is None:
                return None
            trust = self.trust(likeness * usable)
            if not self.worth_it(trust):
                return None
            fit = TakeFit(
                store, trust, self.lips, self.openings, start, poses, self.canonical.metres,
                self.take.times,
            )  # fmt: skip
            weights[:, FREE], moved = fit.solve(
                prior, np.zeros(N_FREE), np.zeros_like(prior), weights[:, FREE]
            )
            if each is ROUNDS[-1]:
                rest = self._rest(weights, trust)
                solved = self.motion.blendshapes[:, FREE].astype(np.float64)
                weights[:, FREE], moved = solve_sparse(fit, solved, rest[FREE], weights[:, FREE])
            poses = poses.retract(_between(moved, rows))
        position, scale = in_footage(poses, self.boxes)
        return Refinement(
            self.motion.identity, rest.astype(np.float32),
            np.clip(np.maximum(weights, rest), 0, 1).astype(np.float32), scale,
            unroll(to_quaternions(poses.rotation.astype(np.float32))), position,
            trust.astype(np.float32),
        )  # fmt: skip

    def _measure(
        self,
        pictures: Pictures,
        rows: NDArray[np.int64],
        weights: Array,
        poses: Poses,
        store: Store,
        beyond: float,
    ) -> Array | None:
        """Build equations of some frames; each frame's likeness ``(F,)`` to the template, or None."""
        if not len(rows):
            return np.zeros(len(self.take))
        likeness = np.zeros(len(self.take))
        template = self._template(pictures, rows, weights, poses)
        precision = np.concatenate(
            [pose_precision(self.canonical.metres), np.diag(weight_precision())]
        )
        flow, measurer = Flow(self.canonical, template), Measurer(self.surface, precision)
        self.contours.learn_habit(weights, poses, self.at_rest)
        for f in rows:
            where = pixel_map(self.surface, weights[f], poses, f)
            frame = stabilised(pictures[f], where)
            misses = flow.misses(frame, where, facing(self.canonical, poses.rotation[f]))
            likeness[f] = misses.likeness
            misses = misses._replace(away=misses.away * np.float32(beyond))
            store.put(f, measurer.equations(misses, weights[f], poses, f))
            if self.step():
                return None
        for part, equations in self.contours.equations(weights, poses, rows):
            store.add(part, equations)
        return _between(likeness[:, None], rows)[:, 0]

    def _template(
        self, pictures: Pictures, rows: NDArray[np.int64], weights: Array, poses: Poses
    ) -> ImageArray:
        spread = np.linspace(0, len(rows) - 1, min(len(rows), TEMPLATE_FRAMES))
        chosen = rows[np.round(spread).astype(int)]
        views = [(pictures[f], pixel_map(self.surface, weights[f], poses, f)) for f in chosen]
        seen = np.stack([facing(self.canonical, poses.rotation[f]) for f in chosen])
        return template_of(np.stack([stabilised(*view) for view in views]), seen)

    def _rest(self, weights: Array, trust: Array) -> Array:
        """Weights ``(52,)`` at rest; those of the eyes have rules of their own, elsewhere."""
        believed = (trust > np.median(trust[trust > 0]) / 2).astype(np.float32)
        found = find_rest(weights.astype(np.float32), self.take.times, believed)
        return found.blendshapes.astype(np.float64)


def _between(values: Array, rows: NDArray[np.int64]) -> Array:
    """Values ``(F, C)`` of which only some rows are known, those between them filled in."""
    frames = np.arange(len(values))
    return np.column_stack([np.interp(frames, rows, column[rows]) for column in values.T])
