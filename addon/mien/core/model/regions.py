# SPDX-License-Identifier: GPL-3.0-or-later
"""Regions of the face: what part of an expression belongs to the brows, the eyes, the mouth, the jaw."""

from functools import lru_cache

import numpy as np

from .arkit import ARKIT_BLENDSHAPES
from .head import Head
from .params import FloatArray

REGIONS: dict[str, tuple[str, ...]] = {
    "brows": ("brow",),
    "eyes": ("eye", "cheekSquint"),
    "mouth": ("mouth", "nose", "cheekPuff", "tongue"),
    "jaw": ("jaw",),
}
"""Beginnings of the names of each region's ARKit blendshapes."""
_FLOOR = 1e-9
"""Metres; far below what any blendshape moves, so that nothing is divided by nothing."""


@lru_cache(maxsize=2)  # asked for again at every move of a slider
def regional_parts(head: Head) -> FloatArray:
    """Matrices ``(4, 10, 10)`` that take an expression apart by region; they add up to one.

    A vertex belongs to a region by how much of its motion the region's blendshapes make. Part r of an
    expression e is the expression nearest to e's displacement where region r is: with masks M_r and
    the basis E, ``pinv(E) M_r E``.
    """
    masks = _masks(head)
    basis = head.expression.transpose(1, 2, 0)  # (N, 3, 10)
    inverse = np.linalg.pinv(np.einsum("nxa,nxb->ab", basis, basis))
    parts = [inverse @ np.einsum("n,nxa,nxb->ab", mask, basis, basis) for mask in masks]
    return np.stack(parts).astype(np.float32)


def blendshape_regions() -> dict[str, list[int]]:
    """Indices of the ARKit units of each region."""
    return {
        region: [i for i, n in enumerate(ARKIT_BLENDSHAPES) if n.startswith(starts)]
        for region, starts in REGIONS.items()
    }


def _masks(head: Head) -> FloatArray:
    energy = (head.blendshapes**2).sum(axis=2)  # (52, N)
    each = np.stack([energy[index].sum(axis=0) for index in blendshape_regions().values()])
    each[0] += _FLOOR  # what no unit moves belongs somewhere
    return (each / each.sum(axis=0)).astype(np.float32)
