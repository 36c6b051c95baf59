# SPDX-License-Identifier: GPL-3.0-or-later
"""Which part of the base mesh is the head, and how its faces are grouped into materials."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from mien.core.model.head import MATERIALS
from numpy.typing import NDArray

from .archive import BaseMesh, FloatArray

# The neck is cut along this edge loop height; below it the shoulders begin.
NECK_CUT = 0.585
GROUPS = {
    "helper-l-eye": "eyeball_left",
    "helper-r-eye": "eyeball_right",
    "helper-upper-teeth": "teeth",
    "helper-lower-teeth": "teeth",
    "helper-tongue": "tongue",
}
IntArray = NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Topology:
    """The head's faces, numbered within the head.

    Attributes:
        kept: ``(N,)`` index in the base mesh of each vertex of the head.
        quads: ``(F, 4)``.
        uvs: ``(F, 4, 2)``.
        materials: ``(F,)`` index into :data:`mien.core.model.head.MATERIALS`.
    """

    kept: NDArray[np.int64]
    quads: IntArray
    uvs: FloatArray
    materials: IntArray

    def vertices_of(self, *names: str) -> IntArray:
        """Vertices of the head that any face of the named materials touches."""
        wanted = np.isin(self.materials, [MATERIALS.index(n) for n in names])
        return np.unique(self.quads[wanted])


def crop_head(mesh: BaseMesh) -> Topology:
    """Keep the body's faces above the neck's cut, the eyeballs, the teeth and the tongue."""
    body = mesh.faces["body"]
    height = mesh.vertices[:, 1] + 0.35 * mesh.vertices[:, 2]  # the cut rises toward the nape
    near = np.abs(mesh.vertices[:, 0]) < 0.1
    inside = ((height > NECK_CUT) & near)[body].all(axis=1)
    inside &= _connected(body, inside)
    quads = [body[inside]]
    uvs = [mesh.face_uvs["body"][inside]]
    materials = [np.full(int(inside.sum()), MATERIALS.index("skin"))]
    for group, material in GROUPS.items():
        quads.append(mesh.faces[group])
        uvs.append(mesh.face_uvs[group])
        materials.append(np.full(len(quads[-1]), MATERIALS.index(material)))
    joined = np.concatenate(quads)
    kept, numbered = np.unique(joined, return_inverse=True)
    return Topology(
        kept, numbered.reshape(joined.shape), np.concatenate(uvs), np.concatenate(materials)
    )


def _connected(faces: IntArray, inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Of the faces inside, those in the same connected piece as the topmost one."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    rows = faces[inside]
    edges = np.concatenate([rows[:, [i, (i + 1) % 4]] for i in range(4)])
    size = int(faces.max()) + 1
    graph = coo_matrix((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(size, size))
    labels = connected_components(graph, directed=False)[1]
    counts = np.bincount(labels[rows].ravel())
    main = int(counts.argmax())
    return np.asarray((labels[faces] == main).all(axis=1))


def mark_lips(
    topology: Topology, vertices: FloatArray, outer: FloatArray, inner_depth: float
) -> Topology:
    """Give the faces inside the lips' outer contour the material ``lips``.

    Args:
        topology: the head so far.
        vertices: ``(N, 3)`` the mean head.
        outer: ``(k, 3)`` closed contour around the lips on the surface.
        inner_depth: faces further than this behind the contour (metres) are inside the mouth.
    """
    from matplotlib.path import Path as Polygon

    centres = vertices[topology.quads].mean(axis=1)
    materials = topology.materials.copy()
    skin = materials == MATERIALS.index("skin")
    within = Polygon(outer[:, :2]).contains_points(centres[:, :2])
    front = centres[:, 2] > outer[:, 2].min() - inner_depth
    materials[skin & within & front] = MATERIALS.index("lips")
    return Topology(topology.kept, topology.quads, topology.uvs, materials)
