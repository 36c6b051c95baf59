# SPDX-License-Identifier: GPL-3.0-or-later
"""Which frames show the skin best, and what each of them shows of it."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..model.arkit import ARKIT_BLENDSHAPES, BLINKS
from ..model.crop import ImageArray
from ..model.head import Head
from ..model.params import FloatArray
from ..model.rotation import to_matrices
from ..refine.raster import visible_pixels
from ..solve.motion import Motion
from .texels import Places

FRAMES = 24
"""Frames that are looked at; more bring nothing that is seen."""
SMALLEST = 0.6
"""Confidence below which a frame is not looked at."""
ACROSS = 256
"""Pixels across the head in which depth is tested: finer than the mesh is."""
BEHIND = 0.004
"""Metres behind what is seen first from which a place is hidden."""
EDGE = (0.007, 0.016)
"""Metres from the head's outline in the picture: nearer than the first is background, from the second on skin."""
SQUARE = (0.2, 0.6)
"""Cosines of the angle to the camera: skin seen at less than the first is smear, from the second on good."""
ROW = 1024
"""Pixels of a picture in one row of a table for OpenCV, which takes at most 32767."""
_FACE = [i for i, name in enumerate(ARKIT_BLENDSHAPES) if not name.startswith("eyeLook")]
"""Weights by which a frame shows a face at rest; the gaze moves no skin."""


@dataclass(frozen=True)
class View:
    """What one frame shows of K texels.

    Attributes:
        colours: ``(K, 3)`` BGR; weights: ``(K,)`` 0 to 1, how well each is seen.
    """

    colours: NDArray[np.uint8]
    weights: NDArray[np.float16]


def choose_frames(motion: Motion, count: int = FRAMES) -> NDArray[np.int64]:
    """Rows of a motion, rising: every direction that the head takes, the face as much at rest as there."""
    sure = np.flatnonzero(motion.confidence >= SMALLEST)
    if not len(sure):
        sure = np.flatnonzero(motion.confidence > 0)
    turns = to_matrices(motion.rotation[sure])
    yaw = np.arctan2(turns[:, 0, 2], turns[:, 2, 2])
    acting = motion.blendshapes[sure][:, _FACE].sum(axis=1) + 2 * motion.blendshapes[sure][
        :, BLINKS
    ].sum(axis=1)
    # As many sorts of direction as frames, spread evenly over angles and not over time.
    edges = np.linspace(yaw.min(), yaw.max() + 1e-6, count // 2 + 1)
    sort = np.digitize(yaw, edges) - 1
    chosen: list[int] = []
    for k in range(count // 2):
        there = np.flatnonzero(sort == k)
        chosen.extend(sure[there[np.argsort(acting[there], kind="stable")[:2]]])
    rest = np.setdiff1d(sure, chosen)
    calm = rest[np.argsort(motion.blendshapes[rest][:, _FACE].sum(axis=1), kind="stable")]
    chosen.extend(calm[: max(0, count - len(chosen))])
    return np.sort(np.array(chosen, np.int64))


@dataclass(frozen=True)
class Posed:
    """A head as a frame shows it, drawn small to test depth.

    Attributes:
        flat: ``(N, 3)`` vertices in the small picture: pixels, and depth in metres toward the camera.
        facing: ``(N,)`` cosines of their normals to the camera.
        spots: ``(N, 2)`` pixels of the frame.
        triangle: ``(h, w)`` which one each pixel of the small picture sees, -1 where there is none.
        depth: ``(h, w)`` of it, -1 where there is none.
        zoom: its pixels a metre.
    """

    flat: FloatArray
    facing: FloatArray
    spots: FloatArray
    triangle: NDArray[np.int32]
    depth: FloatArray
    zoom: float

    def inward(self, shown: NDArray[np.bool_]) -> FloatArray:
        """Metres ``(h, w)`` from each pixel of the small picture that is ``shown`` to the nearest that is not."""
        return np.asarray(cv2.distanceTransform(shown.astype(np.uint8), cv2.DIST_L2, 5) / self.zoom)


def pose_head(motion: Motion, row: int, head: Head) -> Posed:
    """The head of a frame, in the frame."""
    shape = head.vertices + np.tensordot(motion.identity, head.identity, axes=1)
    shape = shape + np.tensordot(motion.blendshapes[row], head.blendshapes, axes=1)
    turn = to_matrices(motion.rotation[row : row + 1])[0]
    placed = shape @ turn.T  # metres, y up
    normals = vertex_normals(placed, head)
    low, high = placed[:, :2].min(axis=0), placed[:, :2].max(axis=0)
    zoom = ACROSS / float(high[0] - low[0])
    size = np.ceil((high - low) * zoom).astype(int) + 3
    flat = (placed[:, :2] * [1, -1] - [low[0], -high[1]]) * zoom + 1
    small = np.column_stack([flat, placed[:, 2]]).astype(np.float32)
    width, height = (int(n) for n in size)
    across, down, z = (np.ascontiguousarray(small[:, k]) for k in range(3))
    corners = head.triangles.T.astype(np.int64, order="C")
    seen = visible_pixels(across, down, z, corners, height, width)
    triangle = np.full(height * width, -1, np.int32)
    triangle[seen.pixel] = seen.seen[seen.which]
    depth = np.full(height * width, -1, np.float32)
    depth[seen.pixel] = seen.depth
    spots = placed[:, :2] * [1, -1] * motion.scale[row] + motion.position[row]
    return Posed(
        small, normals[:, 2].astype(np.float32), spots.astype(np.float32),
        triangle.reshape(height, width), depth.reshape(height, width), zoom,
    )  # fmt: skip


def look(image: ImageArray, posed: Posed, texels: Places) -> View:
    """What a frame ``(h, w, 3)`` shows of the skin."""
    inward = posed.inward(posed.triangle >= 0)
    where = texels.at(np.column_stack([posed.flat, posed.facing]))
    depth = cv2.erode(posed.depth, np.ones((3, 3), np.uint8))
    at = tuple(np.rint(where[:, 1::-1]).astype(int).T)
    weights = ramp(where[:, 3], SQUARE) ** 2 * ramp(inward[at], EDGE)
    weights[where[:, 2] < depth[at] - BEHIND] = 0
    spots = texels.at(posed.spots)
    height, width = image.shape[:2]
    weights[((spots < 1) | (spots > np.array([width, height]) - 2)).any(axis=1)] = 0
    return View(sampled(image, spots), weights.astype(np.float16))


def sampled(image: ImageArray, spots: FloatArray) -> ImageArray:
    """Colours ``(K, 3)`` of a picture at pixels ``(K, 2)``."""
    wide = np.zeros((-(-len(spots) // ROW) * ROW, 2), np.float32)  # OpenCV takes no longer rows
    wide[: len(spots)] = spots
    out = cv2.remap(image, wide.reshape(-1, ROW, 2), None, cv2.INTER_LINEAR)
    return out.reshape(-1, 3)[: len(spots)].astype(np.uint8)


def ramp(values: FloatArray, edges: tuple[float, float]) -> FloatArray:
    """0 at the first edge, 1 at the second, a straight line between them."""
    return np.asarray(np.clip((values - edges[0]) / (edges[1] - edges[0]), 0, 1), np.float32)


def vertex_normals(shape: FloatArray, head: Head) -> FloatArray:
    """Unit normals ``(N, 3)`` of a head's vertices in a shape ``(N, 3)``."""
    corners = shape[head.quads]
    across = np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
    own, count = head.quads.T.ravel(), len(shape)
    summed = [np.bincount(own, np.tile(axis, 4), count) for axis in across.T]
    normals = np.column_stack(summed)
    return np.asarray(normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12))
