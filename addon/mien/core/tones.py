# SPDX-License-Identifier: GPL-3.0-or-later
"""The colours of an actor's skin, hair and irises, as the footage shows them."""

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .capture.sources.frames import Frame
from .iris_tone import iris_colours, iris_tone
from .model.crop import ImageArray
from .model.head import Head
from .model.looks import Tone, Tones
from .model.params import FloatArray
from .model.rotation import to_matrices
from .solve.motion import Motion

ENOUGH = 8
"""Frames that are looked at;"""
APART = 0.25
"""so many seconds lie between them."""
FACING_SKIN, FACING_HAIR = 0.75, 0.25
"""Cosine of the angle to the camera from which a place counts; what is seen aslant is in shadow or shines."""
LIT = 80.0
"""Percentile of brightness that is the skin's own: shadow is darker, shine brighter (chosen by eye)."""
SKIN_RANGE, HAIR_RANGE = (0.35, 0.88), (0.08, 0.70)
"""Of the brightest channel: footage that is dim or burnt out says nothing darker or lighter."""
GREYEST = 0.1
"""Skin whose channels differ by less of the brightest is that of black-and-white footage, or in coloured light."""
SCALP_AT, CHEEKS = (0.108, 0.128), (-0.03, 0.085)
"""Heights on the mean head, metres: the front of the scalp; from beside the mouth to the forehead."""


class ToneSampler:
    """Looks at frames of the footage and says the actor's colours.

    Args:
        head, motion: whose face is in the footage.
    """

    def __init__(self, head: Head, motion: Motion) -> None:
        self._head, self._motion = head, motion
        self._skin: list[FloatArray] = []
        self._hair: list[FloatArray] = []
        self._iris: list[FloatArray] = []
        self._last = -np.inf

    @property
    def enough(self) -> bool:
        """Whether more frames would add nothing."""
        return len(self._skin) >= ENOUGH

    def look(self, time: float, image: ImageArray) -> bool:
        """Take note of a frame; False if it is passed over.

        Args:
            time: of the frame, seconds.
            image: BGR, upright.
        """
        motion = self._motion
        row = int(np.argmin(np.abs(motion.times - time)))
        near = abs(motion.times[row] - time) < 0.5 / motion.fps
        if not near or motion.confidence[row] <= 0 or time - self._last < APART:
            return False
        self._last = time
        skin, hair = _places(self._head)
        basis = self._head.identity
        for places, least, found in (
            (skin, FACING_SKIN, self._skin), (hair, FACING_HAIR, self._hair),
        ):  # fmt: skip
            shape = self._head.vertices[places] + np.tensordot(
                motion.identity, basis[:, places], axes=1
            )
            rotation = to_matrices(motion.rotation[row : row + 1])[0]
            facing = _normals(self._head)[places] @ rotation[2] > least
            at = (shape @ rotation.T)[facing, :2] * [1, -1] * motion.scale[row]
            at = np.rint(at + motion.position[row]).astype(int)
            inside = ((at >= 0) & (at < image.shape[1::-1])).all(axis=1)
            if inside.sum() >= 10:
                found.append(image[at[inside, 1], at[inside, 0], ::-1].astype(np.float32) / 255)
        self._iris.append(iris_colours(self._head, motion, row, image))
        return True

    def tones(self) -> Tones:
        """The colours by name, ``skin``, ``hair`` and ``iris``; those that nothing was seen of are left out."""
        out: Tones = {}
        if self._skin:
            seen = np.concatenate(self._skin)
            bright = seen.max(axis=1)
            middle = np.abs(bright - np.percentile(bright, LIT))
            skin = np.median(seen[middle <= np.percentile(middle, 25)], axis=0)
            if np.ptp(skin) >= GREYEST * skin.max():
                out["skin"] = _within(skin, SKIN_RANGE)
        if self._hair:
            out["hair"] = _within(np.median(np.concatenate(self._hair), axis=0), HAIR_RANGE)
        iris = iris_tone(np.concatenate(self._iris), out.get("skin")) if self._iris else None
        if iris is not None:
            out["iris"] = iris
        return out


def first_seen(motion: Motion) -> float | None:
    """Seconds of the first frame that shows the face; None where it is the footage's first."""
    return float(motion.times[np.argmax(motion.confidence > 0)]) or None


def tones_of(footage: Iterable[Frame], head: Head, motion: Motion) -> Tones:
    """The actor's colours in footage from which a motion was captured."""
    sampler = ToneSampler(head, motion)
    for frame in footage:
        sampler.look(frame.time, frame.image)
        if sampler.enough:
            break
    return sampler.tones()


def _within(colour: FloatArray, limits: tuple[float, float]) -> Tone:
    """A colour made as bright as the limits allow, its hue kept."""
    top = max(float(colour.max()), 1e-3)
    red, green, blue = (colour * np.clip(top, *limits) / top).tolist()
    return red, green, blue


@lru_cache(maxsize=2)
def _normals(head: Head) -> FloatArray:
    from .retarget.surface import vertex_normals

    return vertex_normals(head.vertices.astype(np.float64), head.triangles).astype(np.float32)


@lru_cache(maxsize=2)
def _places(head: Head) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Vertices of the face's bare skin, and of the scalp above the forehead."""
    vertices = head.vertices
    skin = np.unique(head.quads[head.materials == 0])
    forward = skin[_normals(head)[skin, 2] > 0.4]
    x, y = np.abs(vertices[forward, 0]), vertices[forward, 1]
    eyes = np.abs(y - head.eye_centres[:, 1].mean()) < 0.022
    beard = (y < 0.0) & (x < 0.035)
    cheeks = (CHEEKS[0] < y) & (y < CHEEKS[1]) & (x < 0.055) & ~eyes & ~beard
    scalp = (SCALP_AT[0] < y) & (y < SCALP_AT[1])
    return forward[cheeks], forward[scalp]
