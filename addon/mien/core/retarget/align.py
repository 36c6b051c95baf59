# SPDX-License-Identifier: GPL-3.0-or-later
"""Laying Mien's morphable head on another head: where it is, how large, and whose it is most like."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from ..model.head import MATERIALS, Head
from .surface import Array, Indices, Surface, vertex_normals

SCALES = (0.9, 1.0, 1.1)
"""The heads' sizes are first told from their outlines; the fit starts from these multiples of that."""
ROUNDS, QUICK = 25, 8
"""Steps of the fit, and of each of its trial starts, from which the best is only to be told (chosen by eye)."""
POINTS = 1200
"""About so many vertices of the skin are laid on the other head."""
IDENTITY_PRIOR = 1e-7
"""What a component at one standard deviation costs, in squared metres a point."""
TURNED = 0.02
"""So much nearer (metres) must a place be to be taken though it faces the other way: more than lips are thick
(chosen by eye)."""
SLIDE = 0.1
"""How much of a distance counts that lies along the surface."""
FRONT = 0.02
"""Vertices further forward than this (metres, model space) are the face; the rest counts less."""
BEHIND = 0.25
"""What the rest counts beside the face: hair and neck differ between characters (chosen by eye)."""


@dataclass(frozen=True)
class Alignment:
    """Mien's head shaped like another, ``scale * rotation @ x + offset`` in the other's space.

    Attributes:
        scale: of the head.
        rotation: ``(3, 3)``.
        offset: ``(3,)``.
        identity: ``(40,)`` whose head comes nearest.
        vertices: ``(N, 3)`` that head in the other's space.
        residual: root of the mean squared distance of its face from the other, in the other's metres.
    """

    scale: float
    rotation: Array
    offset: Array
    identity: Array
    vertices: Array
    residual: float

    def vectors(self, moved: Array) -> Array:
        """Displacements ``(..., 3)`` of Mien's head in the other's space."""
        return self.scale * moved @ self.rotation.T


def skin_of(head: Head) -> Indices:
    """Vertices of the head that skin or lips touch."""
    wanted = [MATERIALS.index(n) for n in ("skin", "lips")]
    return np.unique(head.quads[np.isin(head.materials, wanted)])


def align(head: Head, other: Surface, eyes: Array | None = None) -> Alignment:
    """Fit the head to another by nearest places: size, place, turn and the 40 identity components.

    Args:
        head: Mien's.
        other: a head, in metres, x to its left, y up, z out of its face, about upright.
        eyes: ``(2, 3)`` centres of its left and right eyeballs where they are known.
    """
    starts = [_start(head, other.vertices, eyes, factor) for factor in SCALES]
    quick = [_fit(head, other, *start, rounds=QUICK) for start in starts]
    best = min(quick, key=lambda a: a.residual / a.scale)
    return _fit(head, other, best.scale, best.offset, best.rotation, best.identity, ROUNDS)


def _start(head: Head, other: Array, eyes: Array | None, factor: float) -> tuple[float, Array]:
    own = head.vertices.astype(np.float64)
    if eyes is not None:
        mine = head.eye_centres.astype(np.float64)
        scale = float(np.linalg.norm(eyes[0] - eyes[1]) / np.linalg.norm(mine[0] - mine[1]))
        return scale * factor, eyes.mean(axis=0) - scale * factor * mine.mean(axis=0)
    # From the crown down as far as the head is wide: the neck's length says nothing.
    theirs = other[other[:, 1] > other[:, 1].max() - 1.3 * _width(other)]
    mine = own[own[:, 1] > own[:, 1].max() - 1.3 * _width(own)]
    scale = _width(theirs) / _width(mine) * factor
    top = np.array([theirs[:, 0].mean(), theirs[:, 1].max(), theirs[:, 2].max()])
    own_top = np.array([mine[:, 0].mean(), mine[:, 1].max(), mine[:, 2].max()])
    return scale, top - scale * own_top


def _width(points: Array) -> float:
    upper = points[points[:, 1] > points[:, 1].max() - 0.4 * np.ptp(points[:, 1])]
    return float(np.ptp(upper[:, 0]))


def _fit(
    head: Head, other: Surface, scale: float, offset: Array, rotation: Array | None = None,
    identity: Array | None = None, rounds: int = ROUNDS,
) -> Alignment:  # fmt: skip
    rotation = np.eye(3) if rotation is None else rotation
    identity = np.zeros(len(head.identity)) if identity is None else identity
    skin = skin_of(head)
    skin = skin[:: max(1, len(skin) // POINTS)]
    basis = head.identity[:, skin].astype(np.float64)
    mean = head.vertices[skin].astype(np.float64)
    weight = np.where(mean[:, 2] > FRONT, 1.0, BEHIND)
    inner = above_the_cut(head)[skin]
    triangles = skin_triangles(head)
    for number in range(rounds):
        shape = mean + np.tensordot(identity, basis, axes=1)
        placed = scale * shape @ rotation.T + offset
        whole = head.vertices + np.tensordot(identity, head.identity, axes=1)
        normals = vertex_normals(whole, triangles)[skin] @ rotation.T
        near = other.nearest(placed, normals, TURNED * scale)
        gate = scale * (0.06 if number < rounds // 2 else 0.025)
        use = inner & (near.facing > 0.3) & (near.distance < gate)
        if use.sum() < 100:
            break
        step = _solve(
            placed[use], shape[use], basis[:, use], near.on(other.vertices)[use],
            other.normals[near.triangles[use]], weight[use], scale, rotation, offset, identity,
        )  # fmt: skip
        turn, offset, growth, identity = step
        rotation = Rotation.from_rotvec(turn).as_matrix() @ rotation
        scale = scale * growth
    vertices = head.vertices + np.tensordot(identity, head.identity, axes=1)
    vertices = scale * vertices.astype(np.float64) @ rotation.T + offset
    near = other.nearest(vertices[skin])
    front = inner & (mean[:, 2] > FRONT)
    squares = np.minimum(near.distance[front], 0.05 * scale) ** 2
    return Alignment(scale, rotation, offset, identity, vertices, float(np.sqrt(squares.mean())))


def _solve(
    placed: Array, shape: Array, basis: Array, goal: Array, normals: Array, weight: Array,
    scale: float, rotation: Array, offset: Array, identity: Array,
) -> tuple[Array, Array, float, Array]:  # fmt: skip
    """One Gauss-Newton step: small turn, offset, growth and identity that bring points to places."""
    from_origin = placed - offset
    columns = [np.cross(np.eye(3)[k], from_origin) for k in range(3)]
    columns += [np.broadcast_to(np.eye(3)[k], placed.shape) for k in range(3)]
    columns += [from_origin, *(scale * b @ rotation.T for b in basis)]
    jacobian = np.stack(columns, axis=2)  # (P, 3, 7 + 40)
    wanted = goal - placed
    away = np.einsum("px,pxc->pc", normals, jacobian)
    flat = jacobian.reshape(-1, jacobian.shape[2])
    along = flat.T * np.repeat(SLIDE * weight, 3)
    across = away.T * weight
    left = along @ flat + across @ away
    right = along @ wanted.ravel() + across @ (normals * wanted).sum(axis=1)
    prior = np.zeros(len(left))
    prior[7:] = IDENTITY_PRIOR * scale**2 * weight.sum()
    right[7:] -= prior[7:] * identity
    step = np.linalg.solve(left + np.diag(prior + 1e-12), right)
    return step[:3], offset + step[3:6], float(np.clip(1 + step[6], 0.8, 1.25)), identity + step[7:]


def skin_triangles(head: Head) -> Indices:
    """Triangles ``(T, 3)`` of the head's skin and lips."""
    wanted = [MATERIALS.index(n) for n in ("skin", "lips")]
    return head.triangles[np.repeat(np.isin(head.materials, wanted), 2)]


def above_the_cut(head: Head) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Vertices away from the lower end of the neck, where the other head goes on otherwise."""
    low = head.vertices[:, 1].min()
    return np.asarray(head.vertices[:, 1] > low + 0.03)
