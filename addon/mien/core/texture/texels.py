# SPDX-License-Identifier: GPL-3.0-or-later
"""The texels of a head's skin: on which triangle each lies, and which lies on the other side."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt
from scipy.sparse import csr_matrix
from scipy.spatial import cKDTree

from ..model.head import MATERIALS, Head, cut_quads
from ..model.params import FloatArray
from ..refine.raster import rasterise

SKIN = ("skin", "lips")
"""Materials that the texture is baked for."""


@dataclass(frozen=True, eq=False)
class Places:
    """K texels of a picture of ``side`` by ``side``.

    Attributes:
        side: of the picture.
        rows, columns: ``(K,)`` from the upper left.
        corners: ``(K, 3)`` vertices of the triangle that each lies on.
        weights: ``(K, 3)`` barycentric.
    """

    side: int
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    corners: NDArray[np.int32]
    weights: FloatArray

    def at(self, values: FloatArray) -> FloatArray:
        """Values ``(N, C)`` of vertices, at the texels ``(K, C)``."""
        used = values[: self._spread.shape[1]].astype(np.float32)
        return np.asarray(self._spread @ used, np.float32)

    @cached_property
    def _spread(self) -> csr_matrix:
        """What times values of vertices gives those of texels."""
        starts = np.arange(0, 3 * len(self.corners) + 1, 3)
        weights = self.weights.astype(np.float32).ravel()
        shape = (len(self.corners), int(self.corners.max(initial=-1)) + 1)
        return csr_matrix((weights, self.corners.ravel(), starts), shape=shape)


@dataclass(frozen=True, eq=False)
class Texels(Places):
    """All that lie on skin.

    Attributes:
        mirror: ``(K,)`` the texel at the same place on the other side of the face.
        gutter: ``(side, side)`` nearest texel of every pixel, itself where it is one.
    """

    mirror: NDArray[np.int64]
    gutter: NDArray[np.int64]

    def picture(self, colours: FloatArray) -> NDArray[np.uint8]:
        """Colours ``(K, 3)`` as a picture; what no skin lies on has its neighbour's, against seams."""
        return np.clip(np.rint(colours), 0, 255).astype(np.uint8)[self.gutter]


@lru_cache(maxsize=1)
def texels_of(head: Head, side: int) -> Texels:
    """The skin's texels in a picture of this side."""
    uvs = cut_quads(head.uvs).reshape(-1, 2)
    flat = np.column_stack([uvs[:, 0] * side - 0.5, (1 - uvs[:, 1]) * side - 0.5])
    skin = np.isin(head.materials, [MATERIALS.index(name) for name in SKIN])
    own = np.arange(len(flat), dtype=np.int32).reshape(-1, 3)
    chosen = np.flatnonzero(np.repeat(skin, 2))
    seen = rasterise(
        flat.astype(np.float32), own[chosen], side, side, np.zeros(len(flat), np.float32)
    )
    rows, columns = np.nonzero(seen.triangle >= 0)
    corners = head.triangles[chosen[seen.triangle[rows, columns]]]
    weights = seen.weights[rows, columns]
    places = np.einsum("kc,kcx->kx", weights, head.vertices[corners])
    mirror = cKDTree(places).query(places * [-1, 1, 1])[1]
    number = np.zeros((side, side), np.int64)
    number[rows, columns] = np.arange(len(rows))
    nearest = distance_transform_edt(seen.triangle < 0, return_distances=False, return_indices=True)
    return Texels(
        side, rows, columns, corners.astype(np.int32), weights, mirror, number[tuple(nearest)]
    )
