# SPDX-License-Identifier: GPL-3.0-or-later
"""Figure 9: what is lost by fewer components, on our head built with as many as the paper's for this alone.

No network takes part. Faces of people and expressions that the components were not made of are laid on them, cut
off at each number of components, and the 68 points are compared in the picture, in poses as training draws them.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from mien.core.model.head import Head
from mien.core.writing import save_arrays
from numpy.typing import NDArray

from ..generator.sampling import draw_angles, draw_expression
from ..geometry.landmarks import box_side
from ..head.archive import Archive
from ..head.build import HELD_OUT, PEOPLE, SEED, follows, identity_weights, vertex_area, visible
from ..head.expression import build_expression
from ..head.identity import align, principal, sample_people
from ..head.portrait import rotation
from ..head.topology import crop_head

F = NDArray[np.float64]
SHAPES, EXPRESSIONS = 199, 29
"""Components of the paper's model."""


class Residuals(NamedTuple):
    """What faces lose at the 68 points, metres, when components are cut off.

    Attributes:
        points: ``(n, 68, 3)`` true places.
        shape: ``(n, 200, 68, 3)`` lost of the shape with 0 to 199 components.
        expression: ``(n, 30, 68, 3)`` lost of the expression with 0 to 29.
    """

    points: F
    shape: F
    expression: F


def residuals(
    archive: Archive, head: Head, people: int = PEOPLE, held_out: int = HELD_OUT
) -> Residuals:
    """Build the components and lay faces on them.

    Args:
        archive: the head's source.
        head: whose topology and points are used.
        people: that the shape's components are made of, 200 at least.
        held_out: faces to lay on them.
    """
    rng = np.random.default_rng(SEED)
    mesh = archive.base_mesh()
    topology = crop_head(mesh)
    base = mesh.vertices[topology.kept]
    area = vertex_area(base, topology)
    weights = identity_weights(base, area)
    everybody = align(sample_people(archive, base, topology.kept, people + held_out, rng), weights)
    basis = principal(everybody[:people], weights, SHAPES)
    blendshapes = archive.blendshapes()[:, topology.kept]
    mean, at = head.vertices.astype(float), head.mediapipe_model().mean
    expression = build_expression(
        blendshapes, visible(mean, area, topology, at), follows(blendshapes, mean, topology, at), rng,
        EXPRESSIONS,
    )  # fmt: skip
    away = everybody[people:] - basis.mean
    coefficients = _coefficients(away, basis.components, weights)
    acted = np.array([draw_expression(rng) for _ in range(held_out)], float)
    moved = _at(head, np.tensordot(acted, blendshapes, axes=1))
    shape = _left(_at(head, away), coefficients, _at(head, basis.components))
    lost = _left(moved, acted @ expression.from_blendshapes, _at(head, expression.components))
    return Residuals(_at(head, mean + away) + head.landmark_offsets + moved, shape, lost)


def heat_map(lost: Residuals, rng: np.random.Generator) -> F:
    """NME ``(30, 200)`` by numbers of expression and of shape components, 0 first."""
    out = np.zeros((lost.expression.shape[1], lost.shape.shape[1]))
    for points, shape, expression in zip(*lost, strict=True):
        angles = draw_angles(rng)
        turn = rotation(np.radians(angles.yaw), np.radians(angles.pitch), np.radians(angles.roll))
        flat = turn[:2].T
        side = box_side((points @ flat).astype(np.float32))
        wrong = (expression @ flat)[:, None] + (shape @ flat)[None]
        out += np.linalg.norm(wrong, axis=3).mean(axis=2) / side
    return out / len(lost.points)


def kept_residuals(path: Path, archive: Archive, head: Head, people: int) -> Residuals:
    """The residuals out of a file, or built and written there."""
    if not path.exists():
        save_arrays(path, residuals(archive, head, people)._asdict())
    with np.load(path, allow_pickle=False) as file:
        return Residuals(*(file[name] for name in Residuals._fields))


def _at(head: Head, vertices: F) -> F:
    """The skin's places ``(..., 68, 3)`` under the landmarks, of vertices or displacements ``(..., N, 3)``."""
    return head.landmark_places.on(vertices)


def _coefficients(away: F, components: F, weights: F) -> F:
    """Least-squares coefficients ``(n, K)`` of displacements ``(n, N, 3)`` under weights ``(N,)``."""
    root = np.repeat(np.sqrt(weights), 3)
    basis = components.reshape(len(components), -1) * root
    wanted = away.reshape(len(away), -1) * root
    return np.asarray(np.linalg.solve(basis @ basis.T, basis @ wanted.T).T)


def _left(moved: F, coefficients: F, components: F) -> F:
    """What is left ``(n, K + 1, 68, 3)`` of motions at the points after the first 0 to K components."""
    each = coefficients[:, :, None, None] * components
    made = np.concatenate([np.zeros_like(each[:, :1]), np.cumsum(each, axis=1)], axis=1)
    return np.asarray(moved[:, None] - made)
