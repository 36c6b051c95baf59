# SPDX-License-Identifier: GPL-3.0-or-later
"""What the face does: the 52 weights of a video as they are keyed, against MediaPipe's blendshapes and points.

Everything is taken from a capture as an animator gets it by default: network, refining on the footage, solve,
smoothing, gaze. The same without refining, and the network's own weights, stand beside to tell what is at fault.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from mien.core.capture.capture import Models, capture
from mien.core.capture.sources import open_source
from mien.core.model.head import Head
from mien.core.model.params import FloatArray
from mien.core.model.rotation import to_matrices
from mien.core.performance.performance import to_performance
from mien.core.refine.refine import refine_take
from mien.core.solve.adjust import clean_motion
from mien.core.solve.motion import Motion
from mien.core.solve.reconstruct import motion_vertices

from .witness_track import WitnessTrack, track_of

CHUNK = 64
"""Frames whose whole heads are in memory at once."""


@dataclass(frozen=True)
class Acted:
    """A captured video beside its witness; n frames in which both saw the face.

    Attributes:
        weights: ``(n, 52)`` by stage: ``keyed`` as an avatar gets them, ``unrefined`` as it would without refining
            on the footage, ``network`` as the network gave them.
        points: ``(n, 468, 2)`` MediaPipe's points on our head, pixels: as ``keyed`` and ``unrefined`` weights move
            it, and as the ten ``components`` of the keyed take do.
        witness: what MediaPipe says of the same frames.
    """

    weights: dict[str, FloatArray]
    points: dict[str, FloatArray]
    witness: WitnessTrack


def measure_acting(video: Path, task: Path, models: Models) -> Acted:
    """Capture a video as an animator does by default, and let the witness look at it.

    Raises:
        ValueError: the witness saw the face in no frame, or ``task`` is not MediaPipe's bundle.
        MienError: the video cannot be read or shows no face.
    """
    witness = track_of(video, task)
    take = capture(open_source(video), models)
    rows = np.flatnonzero(take.found & witness.seen)
    if not len(rows):
        raise ValueError(f"MediaPipe sees no face in {video}")
    head = models.head
    weights, points = {}, {}
    refined = refine_take(take, open_source(video), head)
    for stage, this in (("keyed", refined), ("unrefined", take)):
        motion = clean_motion(this, head)
        keyed = to_performance(motion).blendshapes
        weights[stage] = keyed[rows]
        points[stage] = acted_points(motion, keyed, head)[rows]
        if stage == "keyed":
            points["components"] = keyed_points(motion, head)[rows]
    weights["network"] = take.blendshapes[rows]
    return Acted(weights, points, WitnessTrack(witness.weights[rows], witness.points[rows]))


def acted_points(motion: Motion, weights: FloatArray, head: Head) -> FloatArray:
    """MediaPipe's points ``(F, 468, 2)`` on the head that weights ``(F, 52)`` move, in image pixels."""
    vertices, identity, blendshapes = (
        head.mediapipe_places.on(basis)
        for basis in (head.vertices, head.identity, head.blendshapes)
    )
    shapes = vertices + np.tensordot(motion.identity, identity, axes=1)
    shapes = shapes + np.tensordot(weights, blendshapes, axes=1)
    turned = shapes @ np.swapaxes(to_matrices(motion.rotation), 1, 2)[..., :2]
    placed = motion.scale[:, None, None] * turned * [1, -1] + motion.position[:, None]
    return np.asarray(placed, np.float32)


def keyed_points(motion: Motion, head: Head) -> FloatArray:
    """MediaPipe's points ``(F, 468, 2)`` on the head that the ten components move, in image pixels."""
    parts = []
    for start in range(0, len(motion.times), CHUNK):
        vertices = motion_vertices(motion, head, slice(start, start + CHUNK))
        parts.append(head.mediapipe_places.on(vertices[..., :2]))
    return np.concatenate(parts).astype(np.float32)
