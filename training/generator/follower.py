# SPDX-License-Identifier: GPL-3.0-or-later
"""How the whole base mesh follows the head that is cut from it."""

import numpy as np
from mien.core.model.head import Head
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ..head.archive import BaseMesh
from ..head.topology import crop_head

F64 = NDArray[np.float64]
Follow = tuple[NDArray[np.int64], F64]

FOLLOWED = 6
"""So many vertices of the head move one of a part."""
LIDS = 60
"""Among so many near vertices each vertex of a lash finds the one to follow."""
STILL = 0.0015
"""What no blendshape moves further than this (metres) carries hair and shoulders."""


class Follower:
    """Says how every vertex of the base mesh follows the head's."""

    def __init__(self, mesh: BaseMesh, blendshapes: F64, head: Head) -> None:
        kept = crop_head(mesh).kept
        if len(kept) != len(head.vertices):
            raise ValueError("the head is not cut from this base mesh")
        count = len(mesh.vertices)
        self.head = head
        self.index = np.zeros((count, 4), np.int64)
        self.weight = np.zeros((count, 4))
        number = np.full(count, -1)
        number[kept] = np.arange(len(kept))
        self.index[kept, 0], self.weight[kept, 0] = number[kept], 1
        lashes = np.unique(np.concatenate(
            [f.ravel() for g, f in mesh.faces.items() if "eyelashes" in g]
        ))  # fmt: skip
        still = np.flatnonzero(np.linalg.norm(head.blendshapes, axis=2).max(axis=0) < STILL)
        rest = np.setdiff1d(np.arange(count), np.concatenate([kept, lashes]))
        away, near = cKDTree(mesh.vertices[kept[still]]).query(mesh.vertices[rest], 4)
        weight = 1 / (away + 1e-4) ** 2
        self.index[rest] = still[near]
        self.weight[rest] = weight / weight.sum(axis=1, keepdims=True)
        self.index[lashes, 0] = _lid_of(mesh, kept, head, lashes, blendshapes)
        self.weight[lashes, 0] = 1
        moved_by = np.einsum(
            "nk,nkx->nx", self.weight, (head.vertices - mesh.vertices[kept])[self.index]
        )
        self.base = mesh.vertices + moved_by

    def follow(self, corners: NDArray[np.int64], weights: F64) -> Follow:
        """Head vertices ``(n, 6)`` and their shares for combinations of base vertices."""
        index = self.index[corners].reshape(len(corners), -1)
        weight = (weights[..., None] * self.weight[corners]).reshape(len(corners), -1)
        out_index = np.zeros((len(corners), FOLLOWED), np.int64)
        out_weight = np.zeros((len(corners), FOLLOWED))
        for row, (numbers, shares) in enumerate(zip(index, weight, strict=True)):
            unique, place = np.unique(numbers, return_inverse=True)
            summed = np.bincount(place, shares)
            best = np.argsort(-np.abs(summed))[:FOLLOWED]
            total = summed[best].sum()
            out_index[row, : len(best)] = unique[best]
            out_weight[row, : len(best)] = summed[best] / (total if abs(total) > 0.2 else 1.0)
        return out_index, out_weight


def _lid_of(
    mesh: BaseMesh, kept: NDArray[np.int64], head: Head, lashes: NDArray[np.int64], blendshapes: F64
) -> NDArray[np.int64]:
    """For each lash vertex the near vertex of a lid that moves most as it does in all blendshapes."""
    skin = np.unique(head.quads[np.isin(head.materials, (0, 1))])
    near = skin[cKDTree(mesh.vertices[kept[skin]]).query(mesh.vertices[lashes], LIDS)[1]]
    moves = blendshapes[:, kept]
    apart = np.linalg.norm(blendshapes[:, lashes, None] - moves[:, near], axis=3).sum(axis=0)
    return np.asarray(near[np.arange(len(lashes)), apart.argmin(axis=1)])
