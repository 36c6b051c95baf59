# SPDX-License-Identifier: GPL-3.0-or-later
"""Points that hang on the triangles of a mesh: whatever its vertices have, they have in shares."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Float = TypeVar("Float", bound=np.floating[Any])


@dataclass(frozen=True)
class SurfacePoints:
    """K points on a mesh.

    Attributes:
        corners: ``(K, 3)`` vertices of the triangle that each lies in.
        weights: ``(K, 3)`` barycentric weights, adding up to 1.
    """

    corners: NDArray[np.integer[Any]]
    weights: NDArray[np.floating[Any]]

    def on(self, values: NDArray[Float]) -> NDArray[Float]:
        """Values ``(..., N, C)`` of the vertices, at the points ``(..., K, C)``, in their own type."""
        found = np.einsum("kc,...kcx->...kx", self.weights, values[..., self.corners, :])
        return np.asarray(found, values.dtype)

    def some(self, chosen: slice | Sequence[int]) -> "SurfacePoints":
        """Those of the points that are chosen."""
        rows = chosen if isinstance(chosen, slice) else list(chosen)
        return SurfacePoints(self.corners[rows], self.weights[rows])
