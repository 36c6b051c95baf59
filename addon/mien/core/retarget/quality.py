# SPDX-License-Identifier: GPL-3.0-or-later
"""How good generated blendshapes are: how well the head fits, how alike the motion is, whether the lids meet."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from ..model.arkit import ARKIT_BLENDSHAPES
from ..model.head import Head
from .align import FRONT, TURNED, Alignment, skin_of
from .surface import Array, Places, Surface, triangle_normals, vertex_normals

DOUBTFUL_MOTION = 0.9
"""A shape whose motion correlates with Mien's by less than this should be looked at (chosen by eye)."""
DOUBTFUL_LIDS = 0.25
"""So should a blink that leaves open more than this share of the eye (chosen by eye)."""
SURE = 0.99
"""How surely a vertex must be known to be judged by."""
BESIDE_LIDS = 4
"""Of so many vertices about an upper lid's landmark one is the lid's."""
LIDS = {"eyeBlinkLeft": ((43, 47), (44, 46)), "eyeBlinkRight": ((37, 41), (38, 40))}
"""Landmarks of the upper and the lower lid that meet."""


@dataclass(frozen=True)
class Quality:
    """How far generated blendshapes can be trusted.

    Attributes:
        fit: root of the mean squared distance between the fitted face and the other's, over the
            height of the head.
        cover: share of Mien's face that found something of the other's beside it.
        likeness: mean cosine between the normals of Mien's face before and after it was wrapped.
        motion: ``(52,)`` how much each blendshape's motion is like that of Mien's head at the same places:
            correlation of the displacements, 1 at best.
        lids: of ``eyeBlinkLeft`` and ``eyeBlinkRight``, the share of the eye's opening that is left.
        doubtful: blendshapes that should be looked at.
    """

    fit: float
    cover: float
    likeness: float
    motion: Array
    lids: dict[str, float]
    doubtful: tuple[str, ...]

    def report(self) -> str:
        """A few lines for a person to read."""
        lines = [
            f"fit         {100 * self.fit:.2f} % of the head's height, {100 * self.cover:.0f} % of the face found, "
            f"likeness {self.likeness:.2f}",
            "motion      correlation "
            f"{self.motion.min():.3f} at worst ({ARKIT_BLENDSHAPES[self.motion.argmin()]}), "
            f"{np.median(self.motion):.3f} in the middle",
            "lids        "
            + ", ".join(f"{100 * v:.0f} % open in {u}" for u, v in self.lids.items()),
        ]
        if self.doubtful:
            lines.append(f"look at     {', '.join(self.doubtful)}")
        return "\n".join(lines)


def fit_quality(
    head: Head, fitted: Array, other: Surface, aligned: Alignment
) -> tuple[float, float, float]:
    """Fit, cover and likeness of :class:`Quality`."""
    skin, triangles, scale = skin_of(head), head.triangles, aligned.scale
    face = skin[head.vertices[skin, 2] > FRONT]
    near = other.nearest(fitted[face], vertex_normals(fitted, triangles)[face], TURNED * scale)
    found = (near.facing > 0.3) & (near.distance < 0.01 * scale)
    height = float(np.ptp(fitted[skin, 1]))
    # What found nothing counts as a centimetre off.
    away = np.where(found, near.distance, 0.01 * scale)
    within = np.isin(triangles, face).all(axis=1)
    before = triangle_normals(head.vertices @ aligned.rotation.T, triangles[within])
    after = triangle_normals(fitted, triangles[within])
    likeness = float((before * after).sum(axis=1).mean())
    return float(np.sqrt((away**2).mean()) / height), float(found.mean()), likeness


def likeness_of_motion(blendshapes: Array, places: Places, known: Array, moved: Array) -> Array:
    """:attr:`Quality.motion` of blendshapes ``(52, M, 3)`` where vertices are known to move with their places.

    Args:
        blendshapes: that were made.
        places: where on Mien's head each vertex lies.
        known: ``(M,)`` how surely it moves with that place.
        moved: ``(52, N, 3)`` Mien's blendshapes, in the other head's axes.
    """
    sure = known > SURE
    return np.array(
        [_alike(u[sure], places.on(m)[sure]) for u, m in zip(blendshapes, moved, strict=True)]
    )


def judged(
    fit: float, cover: float, likeness: float, motion: Array, lids: dict[str, float]
) -> Quality:
    """The figures with the blendshapes that should be looked at."""
    doubtful = {u for u, m in zip(ARKIT_BLENDSHAPES, motion, strict=True) if m < DOUBTFUL_MOTION}
    doubtful |= {u for u, left in lids.items() if left > DOUBTFUL_LIDS}
    return Quality(
        fit, cover, likeness, motion, lids, tuple(u for u in ARKIT_BLENDSHAPES if u in doubtful)
    )


def opening(head: Head, blendshape: str, moved: Array, fitted: Array, vertices: Array) -> float:
    """Share of the opening between the lids that is left when the unit is at 1."""
    at = head.landmark_places.on(fitted)
    tree = cKDTree(vertices)
    left = []
    for upper, lower in LIDS[blendshape]:
        # The eyeball's surface may be as near as the lid's edge, but does not blink.
        near, other = tree.query(at[upper], k=BESIDE_LIDS)[1], tree.query(at[lower])[1]
        one = near[np.linalg.norm(moved[near], axis=1).argmax()]
        before = vertices[one] - vertices[other]
        after = before + moved[one] - moved[other]
        left.append(max(0.0, float(after @ before)) / max(float(before @ before), 1e-18))
    return float(np.mean(left))


def _alike(one: Array, other: Array) -> float:
    total = np.sqrt((one**2).sum() * (other**2).sum())
    return float((one * other).sum() / total) if total > 0 else 0.0
