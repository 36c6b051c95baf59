# SPDX-License-Identifier: GPL-3.0-or-later
"""The morphable head: loading it, shaping it, and finding its 68 landmarks."""

import hashlib
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ..assets import head_path
from ..errors import ModelError
from ..reading import read_arrays, read_bytes
from .arkit import N_BLENDSHAPES
from .params import N_EXPRESSION, N_IDENTITY, FloatArray
from .point_model import PointModel
from .surface_points import SurfacePoints

IntArray = NDArray[np.int32]
Number = TypeVar("Number", bound=np.generic)

N_LANDMARKS = 68
"""iBUG order: jaw 0-16, brows 17-26, nose 27-35, eyes 36-47, mouth 48-67."""

N_MEDIAPIPE = 468
"""Points of MediaPipe's face mesh without its irises, by which photos are labelled."""

MATERIALS = ("skin", "lips", "eyeball_left", "eyeball_right", "teeth", "tongue")
"""The regions that :attr:`Head.materials` counts into, left and right being the subject's."""

_MAX_BYTES = 64 * 2**20
"""The shipped head has 4.7 MB; what is fourteen times that is none."""


def cut_quads(values: NDArray[Number]) -> NDArray[Number]:
    """What belongs to corners of quads ``(F, 4, ...)`` at those of triangles ``(2F, 3, ...)``.

    Each quad is cut along its first diagonal.
    """
    return values[:, [[0, 1, 2], [0, 2, 3]]].reshape(-1, 3, *values.shape[2:])


@dataclass(frozen=True, eq=False)
class Head:
    """A head of N vertices in model space (see :mod:`mien.core.model.params`), all lengths in metres.

    Attributes:
        vertices: ``(N, 3)`` the mean head.
        identity: ``(40, N, 3)`` displacement for one standard deviation of each component.
        expression: ``(10, N, 3)`` likewise.
        blendshapes: ``(52, N, 3)`` displacement of each ARKit-named blendshape at weight 1.
        blendshapes_to_expression: ``(52, 10)`` expression coefficients of each blendshape at weight 1.
        quads: ``(F, 4)`` vertex indices, counter-clockwise seen from outside.
        uvs: ``(F, 4, 2)`` texture coordinates of each face's corners.
        materials: ``(F,)`` index into :data:`MATERIALS` of each face.
        eye_centres: ``(2, 3)`` centre of the left and of the right eyeball of the mean head.
        landmark_corners: ``(68, 3)`` vertex indices of the triangle that each landmark lies in.
        landmark_weights: ``(68, 3)`` its barycentric weights.
        landmark_offsets: ``(68, 3)`` how far each landmark lies off that place of the skin, in the head's axes.
        mediapipe_corners: ``(468, 3)`` likewise for MediaPipe's face mesh; training only.
        mediapipe_weights: ``(468, 3)`` likewise.
        id: short hash of the file; weights and takes name the head that they were made with.
    """

    vertices: FloatArray
    identity: FloatArray
    expression: FloatArray
    blendshapes: FloatArray
    blendshapes_to_expression: FloatArray
    quads: IntArray
    uvs: FloatArray
    materials: IntArray
    eye_centres: FloatArray
    landmark_corners: IntArray
    landmark_weights: FloatArray
    landmark_offsets: FloatArray
    mediapipe_corners: IntArray
    mediapipe_weights: FloatArray
    id: str

    @property
    def triangles(self) -> IntArray:
        """``(2F, 3)`` vertex indices: each quad cut along its first diagonal."""
        return cut_quads(self.quads)

    def shape(self, identity: FloatArray, expression: FloatArray) -> FloatArray:
        """Equation 1 of the paper: the head ``(..., N, 3)`` of coefficients ``(..., 40)``, ``(..., 10)``.

        A whole take is one matrix product: pass ``(frames, 40)`` and ``(frames, 10)``.
        """
        lead = np.broadcast_shapes(identity.shape[:-1], expression.shape[:-1])
        coefficients = np.concatenate(
            [
                np.broadcast_to(identity, (*lead, N_IDENTITY)),
                np.broadcast_to(expression, (*lead, N_EXPRESSION)),
            ],
            axis=-1,
        ).astype(np.float32)
        basis = np.concatenate([self.identity, self.expression]).reshape(
            N_IDENTITY + N_EXPRESSION, -1
        )
        out: FloatArray = coefficients.reshape(-1, basis.shape[0]) @ basis
        out += self.vertices.reshape(-1)
        return out.reshape(*lead, -1, 3)

    def take_landmarks(self, vertices: FloatArray) -> FloatArray:
        """The 68 landmarks ``(..., 68, 3)`` of shapes ``(..., N, 3)`` in model axes, before they are posed."""
        return np.asarray(self.landmark_places.on(vertices) + self.landmark_offsets, np.float32)

    def landmark_model(self) -> PointModel:
        """The same linear model evaluated at the 68 landmarks only."""
        skin = self._at(self.landmark_places)
        return replace(skin, mean=self.take_landmarks(self.vertices))

    def mediapipe_model(self) -> PointModel:
        """The same at MediaPipe's 468 points, by which training labels and measures."""
        return self._at(self.mediapipe_places)

    @property
    def landmark_places(self) -> SurfacePoints:
        """Where on the skin the 68 landmarks are, before :attr:`landmark_offsets`."""
        return SurfacePoints(self.landmark_corners, self.landmark_weights)

    @property
    def mediapipe_places(self) -> SurfacePoints:
        """Where on the skin MediaPipe's 468 points are."""
        return SurfacePoints(self.mediapipe_corners, self.mediapipe_weights)

    def _at(self, places: SurfacePoints) -> PointModel:
        placed = (places.on(basis) for basis in (self.vertices, self.identity, self.expression))
        # In one piece, so that projecting need not copy them for every frame.
        return PointModel(*(np.ascontiguousarray(a) for a in placed))


_LAYOUT: dict[str, tuple[int | str, ...]] = {
    "vertices": ("N", 3),
    "identity": (N_IDENTITY, "N", 3),
    "expression": (N_EXPRESSION, "N", 3),
    "units": (N_BLENDSHAPES, "N", 3),
    "units_to_expression": (N_BLENDSHAPES, N_EXPRESSION),
    "quads": ("F", 4),
    "uvs": ("F", 4, 2),
    "materials": ("F",),
    "eye_centres": (2, 3),
    "landmark_corners": (N_LANDMARKS, 3),
    "landmark_weights": (N_LANDMARKS, 3),
    "landmark_offsets": (N_LANDMARKS, 3),
    "mediapipe_corners": (N_MEDIAPIPE, 3),
    "mediapipe_weights": (N_MEDIAPIPE, 3),
}
"""The arrays of a head's file and their shapes; N vertices and F quads."""
_ABSENT = {"landmark_offsets": np.zeros((N_LANDMARKS, 3), np.float32)}
"""What heads do not hold that were made before there was such an array."""
_INDICES = {"quads", "materials", "landmark_corners", "mediapipe_corners"}
"""Those that count into others, and must not count past their ends."""
ATTRIBUTES = {"units": "blendshapes", "units_to_expression": "blendshapes_to_expression"}
"""What an array of the file is called in :class:`Head`, where that is another name."""
_LIMITS = {"N": 200_000, "F": 200_000}
"""The most vertices and quads; what claims more is damaged."""


def load_head(path: Path) -> Head:
    """Read a head from an ``.npz`` file, checking every shape, index and number in it.

    Raises:
        ModelError: the file is missing, too large, damaged, or not a head of this layout.
    """
    try:
        digest = hashlib.sha256(read_bytes(path, _MAX_BYTES)).hexdigest()[:12]
        arrays = read_arrays(path, set(_LAYOUT) - set(_ABSENT), 4 * _MAX_BYTES, optional=_ABSENT)
    except FileNotFoundError:
        raise ModelError(f"The head {path} does not exist; install Mien again.") from None
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} is not a Mien head ({error}); install Mien again.") from error
    arrays = _ABSENT | arrays
    _check(arrays, path)
    converted = {
        ATTRIBUTES.get(name, name): np.ascontiguousarray(
            a, np.int32 if name in _INDICES else np.float32
        )
        for name, a in arrays.items()
    }
    return Head(**converted, id=digest)  # type: ignore[arg-type]


@lru_cache(maxsize=1)
def shipped_head() -> Head:
    """The head that comes with Mien, loaded once.

    Raises:
        ModelError: it is missing or damaged.
    """
    return load_head(head_path())


def _check(arrays: dict[str, NDArray[np.generic]], path: Path) -> None:
    sizes: dict[str, int] = {}
    for name, layout in _LAYOUT.items():
        array = arrays[name]
        wanted = "iu" if name in _INDICES else "f"
        fits = array.ndim == len(layout) and array.dtype.kind in wanted
        for have, want in zip(array.shape, layout, strict=False):
            if isinstance(want, str):
                want = sizes.setdefault(want, min(have, _LIMITS[want]))
            fits = fits and have == want
        if not fits:
            raise ModelError(
                f"{path} is not a Mien head: {name} is {array.dtype}{array.shape}; install Mien again."
            )
        if wanted == "f" and not np.isfinite(array.astype(np.float32)).all():
            raise ModelError(
                f"{path} is damaged: {name} holds no finite numbers; install Mien again."
            )
    for name in _INDICES:
        limit = len(MATERIALS) if name == "materials" else sizes["N"]
        if arrays[name].size and not (
            0 <= int(arrays[name].min()) <= int(arrays[name].max()) < limit
        ):
            raise ModelError(
                f"{path} is damaged: {name} points outside the mesh; install Mien again."
            )
