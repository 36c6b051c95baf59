# SPDX-License-Identifier: GPL-3.0-or-later
"""The 52 ARKit blendshapes for a head that has none: fit, wrap, transfer, and say how good it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from ..errors import AvatarError
from ..model.arkit import ARKIT_BLENDSHAPES
from ..model.head import Head
from .align import TURNED, Alignment, align, skin_of
from .quality import LIDS, Quality, fit_quality, judged, likeness_of_motion, opening
from .surface import Array, Indices, Places, Surface, triangle_normals, vertex_normals
from .transfer import Contact, Transfer, deformations, frames_at_rest
from .wrap import wrap

POOR_FIT = 0.01
"""A fit whose face lies further off than this share of the head's height is refused."""
POOR_COVER = 0.75
"""So is one where less of Mien's face than this has something of the other face beside it."""
POOR_LIKENESS = 0.82
"""So is one where Mien's face had to be bent so far that its normals agree less than this with what they
were: a ball and a head seen from behind reach 0.7 to 0.8, people 0.95."""
LEAST_FACES = 200
"""A mesh with fewer triangles cannot have lids and lips (chosen by eye)."""
NEAR, FAR = 0.006, 0.02
"""A vertex nearer to the wrapped head than the first (metres of Mien's head) moves with it, one further
than the second stays."""
LOOSE = 0.3
"""How firmly a vertex of which nothing is known stays at rest."""
TOUCHING, APART = 0.0015, 0.003
"""Metres: nearer than the first at full weight two places meet, if they were further apart than the second at
rest."""
STILL = 2e-4
"""Units that move a vertex by less than this (metres) do not move it."""


@dataclass(frozen=True)
class Generated:
    """Units for another head.

    Attributes:
        blendshapes: of each of its meshes the displacements ``(52, M, 3)`` of its M vertices at weight 1, in
            their own space; the first is the face's.
        quality: how far to trust them.
        fitted: ``(N, 3)`` Mien's head in its shape.
    """

    blendshapes: tuple[Array, ...]
    quality: Quality
    fitted: Array


def generate(
    head: Head, vertices: Array, triangles: Indices, eyes: Array | None = None,
    beside: Sequence[tuple[Array, Indices]] = (), progress: Callable[[float], None] = lambda _: None,
) -> Generated:  # fmt: skip
    """Give a head the 52 blendshapes by deformation transfer from Mien's.

    Args:
        head: Mien's.
        vertices: ``(M, 3)`` of a head, with or without a body below the neck; metres, x to its left,
            y up, z out of its face.
        triangles: ``(T, 3)``, counter-clockwise seen from outside.
        eyes: ``(2, 3)`` centres of the eyeballs where they are known.
        beside: vertices and triangles of further meshes that move along: eyeballs, teeth, lashes.
        progress: is told the share that is done.

    Raises:
        AvatarError: no head can be found in it, or it is too unlike one.
    """
    vertices = np.asarray(vertices, np.float64)
    if len(triangles) < LEAST_FACES:
        raise AvatarError("The mesh has too few faces for a face; choose the character's head.")
    near_head = head_part(vertices)
    kept = near_head[triangles].all(axis=1)
    if kept.sum() < LEAST_FACES:
        raise AvatarError("The mesh has too few faces for a face; choose the character's head.")
    other = Surface(vertices, triangles[kept])
    aligned = align(head, other, eyes)
    progress(0.2)
    fitted = wrap(head, aligned, other)
    progress(0.4)
    fit, cover, likeness = fit_quality(head, fitted, other, aligned)
    good = fit < POOR_FIT and cover > POOR_COVER and likeness > POOR_LIKENESS
    if not good:  # NaN is not good either
        raise AvatarError(
            f"The mesh is too unlike a human head to generate keys (fit {100 * fit:.1f} % of its height, "
            f"{100 * cover:.0f} % of the face found, likeness {likeness:.2f}); turn it to face -Y, or make "
            "the keys by hand."
        )
    own = _blendshapes_on(head, aligned, fitted)
    progress(0.6)
    source = Surface(fitted, head.triangles)
    meshes = [(vertices, triangles), *beside]
    blendshapes = []
    for number, (points, faces) in enumerate(meshes):
        places, known = _beside(source, points, faces, aligned.scale)
        if number == 0:
            known[~near_head] = 0
        blendshapes.append(
            _blendshapes_onto(source, own, places, known, points, faces, aligned.scale)
        )
        if number == 0:
            motion = likeness_of_motion(
                blendshapes[0], places, known, aligned.vectors(head.blendshapes.astype(np.float64))
            )
        progress(0.6 + 0.4 * (number + 1) / len(meshes))
    lids = {
        u: opening(head, u, blendshapes[0][ARKIT_BLENDSHAPES.index(u)], fitted, vertices)
        for u in LIDS
    }
    return Generated(tuple(blendshapes), judged(fit, cover, likeness, motion, lids), fitted)


def head_part(vertices: Array) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Which of ``(M, 3)`` vertices, y up, may belong to a head: all of one, the top of a body.

    A head is about half as high again as it is wide; what lies lower than a head and a neck below
    the crown is body.
    """
    height = vertices[:, 1]
    low, high = float(height.min()), float(height.max())
    bins = np.linspace(low, high, 65)
    index = np.clip(np.digitize(height, bins) - 1, 0, 63)
    # Width of each slice; of the slices from the top down, the head's is the first lasting maximum.
    widths = np.array(
        [np.ptp(vertices[index == i, 0]) if (index == i).any() else 0 for i in range(64)]
    )
    depths = np.array(
        [np.ptp(vertices[index == i, 2]) if (index == i).any() else 0 for i in range(64)]
    )
    tall = high - low
    if tall < 2.2 * max(widths.max(), depths.max()):
        return np.ones(len(vertices), bool)
    from_top = widths[::-1]
    width = 0.0
    for i, value in enumerate(from_top):
        if i > 2 and value < 0.8 * width:
            break
        width = max(width, value)
    return np.asarray(height > high - 1.9 * width)


def _blendshapes_on(head: Head, aligned: Alignment, fitted: Array) -> Array:
    """The blendshapes ``(52, N, 3)`` on Mien's head in the other's shape, the lids closing as they do."""
    rest = head.vertices.astype(np.float64)
    moved = aligned.vectors(head.blendshapes.astype(np.float64))
    solver = Transfer(fitted, head.triangles, np.full(len(rest), 0.3), aligned.scale)
    inverse = frames_at_rest(rest, head.triangles)
    out = np.empty_like(moved)
    for index, blendshape in enumerate(ARKIT_BLENDSHAPES):
        deformed = deformations(inverse, rest + head.blendshapes[index], head.triangles)
        turned = aligned.rotation @ deformed @ aligned.rotation.T
        meet = _contact(head, index, aligned) if blendshape in LIDS else None
        out[index] = solver.solve(turned, moved[index], meet)
    return out


def _contact(head: Head, blendshape: int, aligned: Alignment) -> Contact:
    """Vertices of the skin that the blendshape brings together."""
    skin = skin_of(head)
    rest = head.vertices.astype(np.float64)
    closed = rest + head.blendshapes[blendshape]
    moving = skin[np.linalg.norm(head.blendshapes[blendshape, skin], axis=1) > APART]
    away, near = cKDTree(closed[skin]).query(closed[moving], k=12)
    others = skin[near]
    apart = np.linalg.norm(rest[others] - rest[moving][:, None], axis=2) > APART
    meets = apart & (away < TOUCHING)
    first, slot = np.nonzero(meets)
    first, keep = np.unique(first, return_index=True)  # the nearest of each
    pair = (moving[first], others[first, slot[keep]])
    return Contact(*pair, aligned.vectors(closed[pair[0]] - closed[pair[1]]))


def _beside(
    source: Surface, vertices: Array, triangles: Indices, scale: float
) -> tuple[Places, Array]:
    """Where on the fitted head each vertex lies, and how surely it moves with that place, 0 to 1."""
    places = source.nearest(vertices, vertex_normals(vertices, triangles), TURNED * scale)
    return places, np.clip((FAR - places.distance / scale) / (FAR - NEAR), 0.0, 1.0)


def _blendshapes_onto(
    source: Surface, own: Array, places: Places, known: Array, vertices: Array, triangles: Indices,
    scale: float,
) -> Array:  # fmt: skip
    """The blendshapes ``(52, M, 3)`` of another mesh from those ``(52, N, 3)`` of the fitted head.

    Only the part that moves is solved for, with a ring of still vertices around it.
    """
    out = np.zeros((len(own), *vertices.shape))
    part = triangles[(known[triangles] > 0).any(axis=1)]
    if not len(part):
        return out
    moving, part = np.unique(part, return_inverse=True)
    part = part.reshape(-1, 3)
    rest, sure = vertices[moving], known[moving]
    normals = triangle_normals(rest, part)
    near = source.nearest(rest[part].mean(axis=1), normals, TURNED * scale).triangles
    follow = sure[part].min(axis=1)[:, None, None]
    solver = Transfer(rest, part, np.maximum(sure, LOOSE), scale)
    inverse = frames_at_rest(source.vertices, source.triangles)[near]
    for index, moved in enumerate(own):
        deformed = deformations(inverse, source.vertices + moved, source.triangles[near])
        wanted = np.eye(3) + follow * (deformed - np.eye(3))
        solved = solver.solve(wanted, sure[:, None] * places.on(moved)[moving])
        solved[np.linalg.norm(solved, axis=1) < STILL * scale] = 0
        out[index, moving] = solved
    return out
