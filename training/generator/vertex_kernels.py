# SPDX-License-Identifier: GPL-3.0-or-later
"""Loops over vertices: following, bending, placing, light. Compiled."""

import numba
import numpy as np
from numpy.typing import NDArray

F = NDArray[np.float32]
I32 = NDArray[np.int32]


@numba.njit(cache=True, fastmath=True)  # type: ignore[misc]
def follow(rest: F, index: I32, weight: F, moved: F) -> F:
    """Vertices ``(n, 3)`` of a part whose head has moved by ``(V, 3)`` from its mean."""
    out = rest.copy()
    for i in range(rest.shape[0]):
        for k in range(index.shape[1]):
            share = weight[i, k]
            if share != 0.0:
                j = index[i, k]
                out[i, 0] += share * moved[j, 0]
                out[i, 1] += share * moved[j, 1]
                out[i, 2] += share * moved[j, 2]
    return out


@numba.njit(cache=True, fastmath=True)  # type: ignore[misc]
def light_vertices(normals: F, around: F, toward: F, wrap: float, ambient: F, direct: F) -> None:
    """Light on vertices, in place.

    Args:
        normals: ``(n, 3)`` camera axes.
        around: ``(9, 3)`` coefficients of the harmonics.
        toward: ``(3,)`` to the lamp; wrap: how far its light reaches around the terminator.
        ambient: ``(n, 3)`` and direct: ``(n,)`` are written.
    """
    one = np.float32(1.0)
    inverse = one / (one + np.float32(wrap))
    for i in range(normals.shape[0]):
        x, y, z = normals[i, 0], normals[i, 1], normals[i, 2]
        for k in range(3):
            lit = np.float32(0.282095) * around[0, k] + np.float32(0.488603) * (
                around[1, k] * y + around[2, k] * z + around[3, k] * x
            )
            lit += np.float32(1.092548) * (
                around[4, k] * x * y + around[5, k] * y * z + around[7, k] * x * z
            )
            lit += np.float32(0.315392) * around[6, k] * (np.float32(3.0) * z * z - one)
            lit += np.float32(0.546274) * around[8, k] * (x * x - y * y)
            ambient[i, k] = max(lit, np.float32(0.01))
        cosine = x * toward[0] + y * toward[1] + z * toward[2]
        direct[i] = max(np.float32(0.0), (cosine + np.float32(wrap)) * inverse)


@numba.njit(cache=True, fastmath=True)  # type: ignore[misc]
def transform_points(points: F, matrix: F, out: F) -> None:
    """``out = points @ matrix[:, :3].T + matrix[:, 3]`` for ``(n, 3)`` and ``(3, 4)``, in place.

    Small products are quicker so than through the threads of a matrix library.
    """
    for i in range(points.shape[0]):
        x, y, z = points[i, 0], points[i, 1], points[i, 2]
        for k in range(3):
            out[i, k] = matrix[k, 0] * x + matrix[k, 1] * y + matrix[k, 2] * z + matrix[k, 3]


@numba.njit(cache=True, fastmath=True)  # type: ignore[misc]
def bend(points: F, share: F, turn: F, pivot: F) -> None:
    """Turn points ``(n, 3)`` about a pivot by a share of ``turn`` ``(3, 3)`` each, in place."""
    for i in range(points.shape[0]):
        if share[i] > 0.0:
            x, y, z = points[i, 0] - pivot[0], points[i, 1] - pivot[1], points[i, 2] - pivot[2]
            for k in range(3):
                turned = turn[k, 0] * x + turn[k, 1] * y + turn[k, 2] * z
                own = x if k == 0 else (y if k == 1 else z)
                points[i, k] += share[i] * (turned - own)
