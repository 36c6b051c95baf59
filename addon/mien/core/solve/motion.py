# SPDX-License-Identifier: GPL-3.0-or-later
"""From a take to motion: one identity, a pose and a face for every frame, no gaps, no flips."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ..errors import TakeError
from ..model.eyelids import close_eyelids
from ..model.head import Head, shipped_head
from ..model.params import CROP_SIZE, EXPRESSION, FloatArray
from ..model.rotation import interpolate, to_matrices, to_quaternions, unroll
from ..modes import NeutralFace
from ..take.take import Take
from .arkit_fit import fit_blendshapes
from .blinks import full_blinks
from .gap_filling import interpolate_gaps, presence
from .gauss_newton import Told, solve
from .gaze_range import full_gaze
from .identity_leakage import identity_leak
from .lips import lips_closed, seal_lips
from .neutral import Neutral, find_rest, gaze_ahead
from .outliers import single_frame_outliers
from .pose_leakage import remove_pose_leakage
from .refined import Face, refined_face
from .reprojection import Frames
from .side_leakage import level_sides


@dataclass(frozen=True)
class Motion:
    """What a scene is built from; F frames, every number finite.

    Attributes:
        times: ``(F,)`` seconds.
        identity: ``(40,)`` of the whole take.
        expression: ``(F, 10)``.
        blendshapes: ``(F, 52)`` ARKit weights in [0, 1], 0 at rest.
        lips_closed: ``(F,)`` 0 to 1, how surely the lips touch.
        scale: ``(F,)`` image pixels a metre.
        rotation: ``(F, 4)`` unit quaternions w, x, y, z; model axes to x right, y up, z to viewer.
            Neighbours have the same sign.
        position: ``(F, 2)`` where the model's origin lies in the image: pixels, x right, y down.
        confidence: ``(F,)`` 0 where the face was lost and the numbers are filled in.
        width, height: of the footage in pixels.
        fps: its nominal frame rate.
    """

    times: NDArray[np.float64]
    identity: FloatArray
    expression: FloatArray
    blendshapes: FloatArray
    lips_closed: FloatArray
    scale: FloatArray
    rotation: FloatArray
    position: FloatArray
    confidence: FloatArray
    width: int
    height: int
    fps: float


def solve_take(take: Take, head: Head | None = None, neutral: Neutral = NeutralFace.AUTO) -> Motion:
    """Solve a take for what stays the same and what moves.

    What the head's turning lends to one side is taken off the network's weights
    (:mod:`mien.core.solve.side_leakage`). The take's rest is found (:mod:`mien.core.solve.neutral`), and the
    weights are what goes beyond it (:mod:`mien.core.solve.arkit_fit`), lips sealed where they touch
    (:mod:`mien.core.solve.lips`). One identity
    holds for the whole take, with what the expression says at rest in it; every frame's pose and
    expression are found against it (:mod:`mien.core.solve.gauss_newton`), and what goes with the head's turning
    alone is taken off the expression (:mod:`mien.core.solve.pose_leakage`); its lids are at least as far down as
    the blink weights say. Lost frames, and single ones that jump away and back, are bridged (rotations
    along the shortest arc); in long gaps the face comes to rest. Nothing is smoothed.

    If the take was refined on its footage (:mod:`mien.core.refine`), poses and weights are those that the
    pixels said, and the expression follows them; only lids and gaze are the network's.

    Args:
        take: as captured.
        head: that it was captured with; the shipped one if it is not given.
        neutral: where the take's face is at rest; found by itself if it is not given.

    Raises:
        TakeError: the face was lost in every frame, or the numbers are no face's.
    """
    found = take.found
    if not found.any():
        raise TakeError("The take holds no frame with a face; capture it again.")
    try:
        motion = _solved(take, found, head or shipped_head(), neutral)
    except np.linalg.LinAlgError:
        motion = None
    if motion is None or not _is_finite(motion):
        raise TakeError("The take's numbers give no motion; capture it again.")
    return motion


def _is_finite(motion: Motion) -> bool:
    """Whether a solve has come to an answer: numbers far from any face's may have none."""
    arrays = (getattr(motion, field.name) for field in fields(Motion))
    return all(np.isfinite(array).all() for array in arrays)


def _solved(take: Take, found: NDArray[np.bool_], head: Head, neutral: Neutral) -> Motion:
    found[found] = ~_jumps(take, found)
    times, known = take.times, take.times[found]
    params, confidence, said = take.params[found], take.confidence[found], take.blendshapes[found]
    said = level_sides(said, Frames.of(params).rotation)
    rest = find_rest(said, known, confidence, neutral)
    closed = lips_closed(params, head)
    blendshapes = seal_lips(
        fit_blendshapes(full_blinks(said, known), rest.blendshapes), closed, head
    )
    blendshapes = full_gaze(blendshapes)
    if neutral not in (NeutralFace.AUTO, NeutralFace.OFF):
        blendshapes = gaze_ahead(blendshapes, rest.frames)
    meant = blendshapes @ head.blendshapes_to_expression
    leak = identity_leak(params, said, rest.blendshapes)
    told = Told(leak, rest.median(params[:, EXPRESSION] - meant))
    identity, frames = solve(params, confidence, head, told)
    expression = remove_pose_leakage(frames.expression.astype(np.float32), frames.rotation, known)
    expression -= rest.median(expression - meant)
    expression = close_eyelids(expression, blendshapes, head)
    position, scale = _in_picture(frames, take.boxes[found])
    rotation = frames.rotation.astype(np.float32)
    if take.refined is not None:
        refined = take.refined.part(found)
        at_rest = (
            refined.rest if neutral == NeutralFace.AUTO else rest.median(refined.weights)
        )  # OFF has no frames
        blendshapes, expression = refined_face(
            Face(blendshapes, expression), refined, at_rest, head
        )
        blendshapes = seal_lips(blendshapes, closed, head)
        identity, position, scale = refined.identity, refined.position, refined.scale
        rotation = to_matrices(refined.rotation)
    there = presence(times, known)[:, None]
    return Motion(
        times=times,
        identity=identity,
        expression=interpolate_gaps(times, known, expression) * there,
        blendshapes=interpolate_gaps(times, known, blendshapes) * there,
        lips_closed=interpolate_gaps(times, known, closed) * there[:, 0],
        scale=interpolate_gaps(times, known, scale),
        rotation=unroll(to_quaternions(interpolate(times, known, rotation))),
        position=interpolate_gaps(times, known, position),
        confidence=np.where(found, take.confidence, 0).astype(np.float32),
        width=take.info.width,
        height=take.info.height,
        fps=take.info.fps,
    )


def _in_picture(frames: Frames, boxes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Where crop poses put the head in the image: pixels ``(F, 2)`` and pixels a metre ``(F,)``."""
    zoom = boxes[:, 2] / CROP_SIZE
    position = boxes[:, :2] + zoom[:, None] * frames.translation * [1, -1]
    return position.astype(np.float32), (frames.scale * zoom).astype(np.float32)


def _jumps(take: Take, found: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which of the frames with a face are errors of a single frame."""
    frames = Frames.of(take.params[found])
    position, scale = _in_picture(frames, take.boxes[found])
    place, size = position.astype(np.float64), scale.astype(np.float64)
    return single_frame_outliers(take.times[found], place, size, frames.rotation)
