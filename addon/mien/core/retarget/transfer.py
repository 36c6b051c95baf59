# SPDX-License-Identifier: GPL-3.0-or-later
"""Deformation transfer between meshes of any topology, in closed form.

After Sumner and Popovic, "Deformation Transfer for Triangle Meshes" (SIGGRAPH 2004): what each triangle
of one mesh does, ``S = V~ V^-1`` with the normal as the third column, is asked of the triangle of the
other that lies at the same place. The positions that do it best follow from one sparse linear system,
which is factorised once for all deformations. It is written with the gradients of hat functions, which
gives the same minimiser without the fourth vertex of each triangle.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix, csc_matrix, csr_matrix, diags
from scipy.sparse.linalg import splu

from .surface import Array, Indices

REACH = 0.01
"""Below this length (metres) the triangles' deformations decide, above it the displacements known from
the correspondence."""


def frames_at_rest(rest: Array, triangles: Indices) -> Array:
    """Inverse frames ``(T, 3, 3)`` of triangles at rest ``(N, 3)``, for :func:`deformations`."""
    return np.linalg.inv(_frames(rest, triangles))


def deformations(at_rest: Array, moved: Array, triangles: Indices) -> Array:
    """What each triangle does, ``(T, 3, 3)``, from :func:`frames_at_rest` to moved ``(N, 3)``."""
    return _frames(moved, triangles) @ at_rest


def _frames(vertices: Array, triangles: Indices) -> Array:
    a, b, c = (vertices[..., triangles[:, k], :] for k in range(3))
    cross = np.cross(b - a, c - a)
    length = np.linalg.norm(cross, axis=-1, keepdims=True)
    # A triangle without area gets a frame all the same; it has no weight either.
    third = cross / np.sqrt(np.maximum(length, 1e-18))
    frames = np.stack([b - a, c - a, third], axis=-1)
    flat = length[..., 0] < 1e-14
    frames[flat] = np.eye(3)
    return frames


@dataclass(frozen=True)
class Contact:
    """Places that have to keep to each other in a deformation: ``x[first] - x[second] = offset``.

    Attributes:
        first, second: ``(K,)`` vertices.
        offset: ``(K, 3)``.
    """

    first: Indices
    second: Indices
    offset: Array


CONTACT = 20.0
"""Weight of a contact over that of a mean vertex."""


class Transfer:
    """Solves for the vertices of one mesh whose triangles deform as wanted.

    Args:
        vertices: ``(N, 3)`` at rest, metres.
        triangles: ``(T, 3)``.
        hold: ``(N,)`` how surely the displacement of each vertex is known, 0 to 1.
        scale: size of the mesh over that of a head.
    """

    def __init__(
        self, vertices: Array, triangles: Indices, hold: Array, scale: float = 1.0
    ) -> None:
        self.vertices, self.triangles = np.asarray(vertices, np.float64), triangles
        self.gradient, area = _gradient(self.vertices, triangles)
        self.area = np.repeat(area, 3)
        mass = np.bincount(triangles.ravel(), np.repeat(area / 3, 3), len(vertices))
        mass = np.maximum(mass, 1e-3 * mass.mean())  # loose vertices
        self.weight = np.maximum(hold, 1e-4) * mass / (REACH * scale) ** 2
        self.mean = float(self.weight.mean())
        stiff = self.gradient.T @ diags(self.area) @ self.gradient
        self.system = csc_matrix(stiff + diags(self.weight))
        self.factors = splu(self.system)
        a, b, c = (self.vertices[triangles[:, k]] for k in range(3))
        normal = np.cross(b - a, c - a)
        normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-18)
        self.tangent = np.eye(3) - normal[:, :, None] * normal[:, None, :]

    def solve(self, wanted: Array, moved: Array, contact: Contact | None = None) -> Array:
        """Displacements ``(N, 3)``.

        Args:
            wanted: ``(T, 3, 3)`` what each triangle should do.
            moved: ``(N, 3)`` displacements as known, weighted by ``hold``.
            contact: places that must meet besides.
        """
        change = (wanted - np.eye(3)) @ self.tangent
        rows = change.transpose(0, 2, 1).reshape(-1, 3)
        right = self.gradient.T @ (self.area[:, None] * rows) + self.weight[:, None] * moved
        if contact is None or not len(contact.first):
            return np.asarray(self.factors.solve(right))
        meet = _meeting(contact, len(self.vertices))
        strength = CONTACT * self.mean
        rest = meet @ self.vertices
        system = csc_matrix(self.system + strength * meet.T @ meet)
        return np.asarray(splu(system).solve(right + strength * meet.T @ (contact.offset - rest)))


def _gradient(vertices: Array, triangles: Indices) -> tuple[csr_matrix, Array]:
    """Operator ``(3T, N)`` from values at vertices to gradients in triangles, and areas ``(T,)``."""
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    cross = np.cross(b - a, c - a)
    double = np.linalg.norm(cross, axis=1)
    normal = cross / np.maximum(double[:, None], 1e-18)
    sound = double > 1e-12
    parts = []
    for opposite in (c - b, a - c, b - a):
        hat = np.cross(normal, opposite) / np.maximum(double[:, None], 1e-12)
        parts.append(np.where(sound[:, None], hat, 0.0))
    count = len(triangles)
    rows = np.repeat(np.arange(3 * count), 3)
    columns = np.repeat(triangles, 3, axis=0).reshape(count, 3, 3).reshape(-1)
    values = np.stack(parts, axis=2).reshape(-1)
    operator = coo_matrix((values, (rows, columns)), shape=(3 * count, len(vertices)))
    return operator.tocsr(), np.where(sound, double / 2, 0.0)


def _meeting(contact: Contact, count: int) -> csr_matrix:
    pairs = np.arange(len(contact.first))
    rows = np.concatenate([pairs, pairs])
    columns = np.concatenate([contact.first, contact.second])
    signs = np.repeat([1.0, -1.0], len(pairs))
    return coo_matrix((signs, (rows, columns)), shape=(len(pairs), count)).tocsr()
