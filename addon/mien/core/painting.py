# SPDX-License-Identifier: GPL-3.0-or-later
"""Paints the shown head of a motion, with the actor's skin where it was baked."""

import numpy as np
from numpy.typing import NDArray

from .model.arkit import ARKIT_BLENDSHAPES
from .model.crop import ImageArray
from .model.eyeballs import eye_centres, eye_turns
from .model.gaze import set_gaze, steady_gaze
from .model.head import Head
from .model.looks import Tones, painted_region
from .model.params import FloatArray
from .model.parts import REGIONS, ShownHead, shown_head, without_gaze
from .model.rotation import to_matrices
from .modes import Hair
from .solve.motion import Motion
from .surface_painter import Paint, SurfacePainter
from .texture.brows import shows_brows

NEARER = {"brows": 0.002, "lashes": 0.002, "hair": 0.002, "eye": -0.001}
"""Metres by which these are taken to be nearer: hair lies on the skin, and lids on the eyes."""
WORN = ("skin", "lips")
"""Regions that a baked texture covers."""
BLOCK = 32
"""Frames whose vertices are moved in one product of matrices, which is several times quicker a frame."""


class HeadPainter:
    """Paints a head that moves by its blendshapes, as a scene shows it.

    Args:
        head, motion: to be painted.
        tones: of the actor.
        texture: ``(side, side, 3)`` BGR, the actor's skin; None for the head's own.
        hair: its style, one of :data:`mien.core.modes.Hair`.
    """

    def __init__(
        self, head: Head, motion: Motion, tones: Tones, texture: ImageArray | None = None,
        hair: Hair = Hair.SHORT,
    ) -> None:  # fmt: skip
        self._motion, self._shown = motion, shown_head(head, hair)
        shown = self._shown
        person = head.vertices + np.tensordot(motion.identity, head.identity, axes=1)
        self._rest = shown.shape(person)
        self._moves = shown.carry(without_gaze(head.blendshapes, head)).reshape(
            len(ARKIT_BLENDSHAPES), -1
        )
        self._moved, self._block = np.empty((0, 0, 3), np.float32), -1
        self._gaze = steady_gaze(motion.blendshapes)
        self._weights = set_gaze(motion.blendshapes, self._gaze)
        self._centres = eye_centres(head, motion.identity)
        self._nearer = _nearer(shown)
        drawn = np.ones(len(shown.faces), bool)
        if texture is not None and shows_brows(texture, head):
            drawn = shown.regions != REGIONS.index("brows")
        worn = () if texture is None else WORN
        known: dict[str, ImageArray] = {}
        paints = [
            Paint(np.zeros(3, np.float32), texture) if region in worn
            else Paint(*painted_region(region, tones, hair, known))
            for region in REGIONS
        ]  # fmt: skip
        self._surface = _surface(shown, drawn, paints)

    def paint(
        self, height: int, width: int, row: int, place: FloatArray, scale: float
    ) -> ImageArray:
        """A picture of a frame ``(height, width, 4)``: BGR, and 255 where the head is, else 0.

        Args:
            height, width: of the picture, pixels.
            row: of the motion.
            place: ``(2,)`` pixels where the head's origin lies.
            scale: pixels a metre.
        """
        return self._surface.paint(height, width, self.posed(row), place, scale, self._nearer)

    def posed(self, row: int) -> FloatArray:
        """Vertices ``(M, 3)`` of a frame, x right, y up, z to the viewer, metres from the origin."""
        motion = self._motion
        block, within = divmod(row, BLOCK)
        if block != self._block:
            weights = self._weights[block * BLOCK : (block + 1) * BLOCK]
            self._moved, self._block = (weights @ self._moves).reshape(len(weights), -1, 3), block
        points = self._rest + self._moved[within]
        turns = eye_turns(self._gaze[row])
        for eye, centre, turn in zip(self._shown.eyes, self._centres, turns, strict=True):
            points[eye] = (self._rest[eye] - centre) @ turn.T + centre
        rotation = to_matrices(motion.rotation[row : row + 1])[0]
        return np.asarray(points @ rotation.T, np.float32)


def _nearer(shown: ShownHead) -> FloatArray:
    """Metres ``(M,)`` by which each vertex is taken to be nearer."""
    nearer = np.zeros(len(shown.vertices), np.float32)
    for name, by in NEARER.items():
        used = shown.faces[shown.regions == REGIONS.index(name)]
        nearer[used[used >= 0]] = by
    for eye in shown.eyes:
        nearer[eye] = NEARER["eye"]
    return nearer


def _surface(shown: ShownHead, drawn: NDArray[np.bool_], paints: list[Paint]) -> SurfacePainter:
    """The faces that are drawn, cut into triangles."""
    quads = drawn & (shown.faces[:, 3] >= 0)
    halves = (drawn, [0, 1, 2]), (quads, [0, 2, 3])
    triangles, uvs, regions = (
        np.concatenate([values[rows][:, corners] if per else values[rows] for rows, corners in halves])
        for values, per in ((shown.faces, True), (shown.uvs, True), (shown.regions, False))
    )  # fmt: skip
    return SurfacePainter(triangles, paints, regions, uvs)
