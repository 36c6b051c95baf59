# SPDX-License-Identifier: GPL-3.0-or-later
"""The head as it is shown: brows, lashes, hair, round eyes and teeth that hang on it and follow it."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..assets import parts_path
from ..errors import ModelError
from ..modes import Hair
from ..reading import read_arrays
from .eyeballs import eyeballs
from .head import MATERIALS, Head, IntArray
from .params import FloatArray

REGIONS = (
    "skin", "lips", "mouth", "teeth", "tongue", "eye", "iris", "pupil", "brows", "lashes", "hair",
)  # fmt: skip
"""What is coloured alike; :attr:`Parts.regions` and :attr:`ShownHead.regions` count into it."""
REPLACED = -1
"""Region of a face of the head in whose place a part is shown."""
_MAX_BYTES = 16 * 2**20
"""The shipped parts have 0.25 MB; what is sixty times that is none."""


@dataclass(frozen=True, eq=False)
class Parts:
    """P vertices and G faces that are shown with a head of F faces, lengths in metres.

    Attributes:
        face_regions: ``(F,)`` region of each face of the head, or :data:`REPLACED`.
        corners: ``(P, 3)`` vertices of the head that each vertex hangs on.
        weights: ``(P, 3)`` their shares, which add up to 1.
        offsets: ``(P, 3)`` from the place that these say.
        faces: ``(G, 4)`` of the parts' own vertices; the fourth is -1 in a triangle.
        uvs: ``(G, 4, 2)`` texture coordinates of their corners, each region on its own picture.
        regions: ``(G,)`` index into :data:`REGIONS`.
        eyes: ``(P,)`` 1 and 2 for the vertices of the left and the right eye, 0 for all others.
        hairs: ``(G,)`` the style of :data:`mien.core.modes.Hair` that each face belongs to; 0
            where it is no hair.
    """

    face_regions: IntArray
    corners: IntArray
    weights: FloatArray
    offsets: FloatArray
    faces: IntArray
    uvs: FloatArray
    regions: IntArray
    eyes: IntArray
    hairs: IntArray

    def wearing(self, hair: Hair) -> "Parts":
        """The parts with this style of hair alone."""
        shown = np.flatnonzero((self.hairs == 0) | (self.hairs == list(Hair).index(hair)))
        faces = self.faces[shown]
        used = np.unique(faces[faces >= 0])
        number = np.full(len(self.corners), -1, np.int32)
        number[used] = np.arange(len(used))
        return Parts(
            self.face_regions, self.corners[used], self.weights[used], self.offsets[used],
            np.where(faces < 0, -1, number[faces]), self.uvs[shown], self.regions[shown],
            self.eyes[used], self.hairs[shown],
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class ShownHead:
    """A head and its parts as one mesh of M vertices, the head's first, in their order.

    Attributes:
        kept: ``(K,)`` vertices of the head that are shown: all but the eyeballs and teeth, which stand
            after all others, so that every other vertex has the number that it has in the head.
        vertices: ``(M, 3)`` at rest, of the mean head.
        faces: ``(G, 4)``; the fourth is -1 in a triangle.
        uvs: ``(G, 4, 2)``; those of skin, lips, mouth and tongue are the head's own.
        regions: ``(G,)`` index into :data:`REGIONS`.
        eyes: vertices of the left and of the right eye.
        parts: what was added.
    """

    kept: IntArray
    vertices: FloatArray
    faces: IntArray
    uvs: FloatArray
    regions: IntArray
    eyes: tuple[IntArray, IntArray]
    parts: Parts

    def carry(self, field: FloatArray) -> FloatArray:
        """Displacements ``(..., M, 3)`` of the mesh that go with those ``(..., N, 3)`` of the head."""
        hung = np.einsum("pc,...pcx->...px", self.parts.weights, field[..., self.parts.corners, :])
        return np.concatenate([field[..., self.kept, :], hung], axis=-2)

    def shape(self, head_shape: FloatArray) -> FloatArray:
        """The mesh ``(..., M, 3)`` on a shape ``(..., N, 3)`` of the head."""
        out = self.carry(head_shape)
        out[..., len(self.kept) :, :] += self.parts.offsets
        return out


def show_with_parts(head: Head, parts: Parts) -> ShownHead:
    """Put a head and its parts together."""
    shown = parts.face_regions != REPLACED
    quads = head.quads[shown]
    gone = np.unique(head.quads[~shown])
    kept = np.setdiff1d(np.arange(len(head.vertices)), np.setdiff1d(gone, np.unique(quads)))
    number = np.full(len(head.vertices), -1)
    number[kept] = np.arange(len(kept))
    own = np.where(parts.faces < 0, -1, parts.faces + len(kept))
    eyes = [np.flatnonzero(parts.eyes == side) + len(kept) for side in (1, 2)]
    made = ShownHead(
        kept=kept.astype(np.int32),
        vertices=np.empty(0, np.float32),
        faces=np.concatenate([number[quads], own]).astype(np.int32),
        uvs=np.concatenate([head.uvs[shown], parts.uvs]),
        regions=np.concatenate([parts.face_regions[shown], parts.regions]),
        eyes=(eyes[0].astype(np.int32), eyes[1].astype(np.int32)),
        parts=parts,
    )
    object.__setattr__(made, "vertices", made.shape(head.vertices))
    return made


def without_gaze(blendshapes: FloatArray, head: Head) -> FloatArray:
    """Units ``(52, N, 3)`` that leave the eyeballs where they are: their rotation is the gaze's."""
    out = blendshapes.copy()
    for ball in eyeballs(head):
        out[:, ball] = 0
    return out


_LAYOUT: dict[str, tuple[int | str, ...]] = {
    "face_regions": ("F",),
    "corners": ("P", 3),
    "weights": ("P", 3),
    "offsets": ("P", 3),
    "faces": ("G", 4),
    "uvs": ("G", 4, 2),
    "regions": ("G",),
    "eyes": ("P",),
    "hairs": ("G",),
}
"""The arrays of the file and their shapes; F quads of the head, P vertices and G quads of the parts."""
_FLOATS = {"weights", "offsets", "uvs"}
"""Those that hold numbers; the others hold indices."""


def load_parts(path: Path, head: Head) -> Parts:
    """Read the parts of a head from an ``.npz`` file, checking every shape, index and number in it.

    Raises:
        ModelError: the file is missing, too large, damaged, or belongs to another head.
    """
    try:
        arrays = read_arrays(path, _LAYOUT, _MAX_BYTES)
    except FileNotFoundError:
        raise ModelError(f"The head's parts {path} do not exist; install Mien again.") from None
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{path} holds no parts of a head ({error}); install Mien again."
        ) from error
    sizes: dict[str, int] = {"F": len(head.quads)}
    limits = {
        "face_regions": (REPLACED, len(REGIONS)), "corners": (0, len(head.vertices)),
        "faces": (-1, len(arrays["corners"])), "regions": (0, len(REGIONS)), "eyes": (0, 3),
        "hairs": (0, len(Hair)),
    }  # fmt: skip
    for name, layout in _LAYOUT.items():
        array = arrays[name]
        fits = array.ndim == len(layout) and array.dtype.kind in ("f" if name in _FLOATS else "iu")
        for have, want in zip(array.shape, layout, strict=False):
            fits = fits and have == (
                sizes.setdefault(want, have) if isinstance(want, str) else want
            )
        if fits and name in _FLOATS:
            fits = bool(np.isfinite(array).all())
        elif fits:
            least, end = limits[name]
            fits = not array.size or bool(least <= array.min() and array.max() < end)
        if not fits:
            raise ModelError(f"{path} does not fit the head: {name}; install Mien again.")
    values: dict[str, Any] = {
        name: array.astype(np.float32 if name in _FLOATS else np.int32)
        for name, array in arrays.items()
    }
    return Parts(**values)


@lru_cache(maxsize=4)
def shown_head(head: Head, hair: Hair = Hair.SHORT) -> ShownHead:
    """A head with the parts that come with Mien; whatever its hair, all else has the same numbers.

    Args:
        head: to be shown.
        hair: one of :data:`mien.core.modes.Hair`.

    Raises:
        ModelError: they are missing, damaged, or belong to another head.
    """
    return show_with_parts(head, load_parts(parts_path(), head).wearing(hair))


def region_of_materials() -> NDArray[np.int32]:
    """Region of each of :data:`mien.core.model.head.MATERIALS` where nothing better is known."""
    named = {"eyeball_left": "eye", "eyeball_right": "eye"}
    return np.array([REGIONS.index(named.get(n, n)) for n in MATERIALS], np.int32)
