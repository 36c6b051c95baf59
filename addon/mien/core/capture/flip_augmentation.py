# SPDX-License-Identifier: GPL-3.0-or-later
"""Faces in a mirror: the same numbers for a crop and for its mirror image.

What the network says wrongly of a crop it does not say wrongly in the same way of the mirrored one, so
that the mean of both is nearer to the truth, and steadier.
"""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ..model.arkit import ARKIT_BLENDSHAPES
from ..model.head import Head
from ..model.params import N_PARAMS, FloatArray, join, split

ACROSS: NDArray[np.float32] = np.array([-1, 1, 1], np.float32)
"""On points of model space, and of crop space."""
_TRANSFORM = np.outer(ACROSS, [-1, 1, 1, 1]).astype(np.float32)
"""On a transform T: rows by the mirror in crop space, columns by that in model space."""


def _other_side(name: str) -> str:
    for one, other in (("Left", "Right"), ("Right", "Left")):
        if name.endswith(one):
            return name[: -len(one)] + other
    return name


FLIPPED_BLENDSHAPES: NDArray[np.intp] = np.array(
    [ARKIT_BLENDSHAPES.index(_other_side(n)) for n in ARKIT_BLENDSHAPES]
)
"""Which weight takes the place of each."""


class Mirror:
    """A head's mirror images, told in its own coefficients.

    The bases are even only to about half a millimetre; what they cannot say of a mirrored head is left
    out (least squares over all vertices).
    """

    def __init__(self, head: Head) -> None:
        self._head = head

    @cached_property
    def vertices(self) -> NDArray[np.intp]:
        """``(V,)`` which vertex lies where each would be in the mirror."""
        mean = self._head.vertices
        return np.asarray(cKDTree(mean).query(mean * ACROSS)[1])

    @cached_property
    def identity(self) -> FloatArray:
        """``(40, 40)`` to be multiplied from the right with identity coefficients."""
        return self._of(self._head.identity)

    @cached_property
    def expression(self) -> FloatArray:
        """``(10, 10)``, likewise."""
        return self._of(self._head.expression)

    def params(self, params: FloatArray) -> FloatArray:
        """Parameters ``(n, 62)`` of what crops show, as those of the mirrored crops; and back."""
        return np.asarray(params, np.float32) @ self._matrix

    @cached_property
    def _matrix(self) -> FloatArray:
        """``(62, 62)``: all of it is linear in the parameters."""
        transform, identity, expression = split(np.eye(N_PARAMS, dtype=np.float32))
        return join(transform * _TRANSFORM, identity @ self.identity, expression @ self.expression)

    def _of(self, basis: FloatArray) -> FloatArray:
        flat = basis.reshape(len(basis), -1)
        mirrored = (basis[:, self.vertices] * ACROSS).reshape(len(basis), -1)
        return np.linalg.solve(flat @ flat.T, flat @ mirrored.T).T.astype(np.float32)
