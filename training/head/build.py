# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts the head together: topology, identity, landmarks, expression; writes ``head.npz``."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.contour_points import BROWS, LIPS_OUTER
from mien.core.model.head import Head, cut_quads, load_head
from mien.core.writing import save_arrays

from . import mediapipe_mesh as numbers
from .archive import Archive, FloatArray
from .correspond import Correspondence, find_correspondence, place_landmarks
from .expression import ExpressionBasis, build_expression
from .identity import align, principal, sample_people
from .topology import Topology, crop_head, mark_lips

PEOPLE, HELD_OUT, DRAWN = 2000, 200, 60
"""People sampled for the identity, more of them to measure what it lacks, and how many are drawn for the labelling
tool."""
SEED = 2026
"""Of all that is drawn; the head is named by it in effect. Any would do."""
FACE_FRONT = 0.03
"""Vertices further forward than this (metres) belong to the face as the eye sees it."""
FEATURE_REACH = 0.006
FEATURE_GAIN = 6.0
"""How far about eyes, lips and brows (metres) the surface counts more, and how much more; chosen by eye on the
contact sheet."""
JAW_TRAVEL = 0.015
"""What an open jaw carries this far (metres) belongs to it altogether,"""
LIPS_REACH, LIPS_SHARE = 0.008, 0.65
"""but so near to the lips' outline (metres) so much of the motion is the lips' own."""
UNSEEN = 0.01
"""Weight of hidden vertices over the mean weight, so that they follow rather than float."""


@dataclass(frozen=True)
class Report:
    """What the model card prints.

    Attributes:
        identity_held: share of the weighted variance that 40 components hold.
        identity_left: RMS distance left on held-out people, metres, over the face.
        expression: the expression basis with its figures per blendshape.
        correspondence: the labelling points with their spread.
    """

    identity_held: float
    identity_left: float
    expression: ExpressionBasis
    correspondence: Correspondence


def build_head(archive: Archive, output: Path) -> tuple[Head, Report]:
    """Build the head from the CC0 archive, write it, and read it back."""
    rng = np.random.default_rng(SEED)
    mesh = archive.base_mesh()
    topology = crop_head(mesh)
    base = mesh.vertices[topology.kept]
    people = sample_people(archive, base, topology.kept, PEOPLE + HELD_OUT, rng)
    area = vertex_area(base, topology)
    weights = identity_weights(base, area)
    people = align(people, weights)
    basis = principal(people[:PEOPLE], weights)
    left = _left_over(people[PEOPLE:], basis.mean, basis.components, weights)

    eyeballs = [topology.vertices_of("eyeball_left"), topology.vertices_of("eyeball_right")]

    def eyes_of(head: FloatArray) -> FloatArray:
        return np.array([(head[e].min(axis=0) + head[e].max(axis=0)) / 2 for e in eyeballs])

    origin = _origin(basis.mean, eyes_of)
    mean = basis.mean - origin
    found = find_correspondence(
        people[:DRAWN] - origin, mean, topology.quads, topology.materials, eyes_of
    )
    at = found.points.on(mean)
    topology = mark_lips(topology, mean, at[list(LIPS_OUTER)], inner_depth=0.006)
    skin = np.isin(topology.materials, (0, 1))
    landmarks = place_landmarks(found.points, mean, topology.quads[skin])

    blendshapes = archive.blendshapes()[:, topology.kept]
    seen = visible(mean, area, topology, at)
    followed = follows(blendshapes, mean, topology, at)
    expression = build_expression(blendshapes, seen, followed, rng)
    output.parent.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, FloatArray] = {
        "vertices": mean.astype(np.float32),
        "identity": basis.components.astype(np.float32),
        "expression": expression.components.astype(np.float32),
        "units": blendshapes.astype(np.float16),
        "units_to_expression": expression.from_blendshapes.astype(np.float32),
        "quads": topology.quads.astype(np.uint16),
        "uvs": topology.uvs.astype(np.float32),
        "materials": topology.materials.astype(np.uint8),
        "eye_centres": eyes_of(mean).astype(np.float32),
        "landmark_corners": landmarks.corners.astype(np.uint16),
        "landmark_weights": landmarks.weights.astype(np.float32),
        "mediapipe_corners": found.points.corners.astype(np.uint16),
        "mediapipe_weights": found.points.weights.astype(np.float32),
    }
    save_arrays(output, arrays)
    return load_head(output), Report(basis.held, left, expression, found)


def vertex_area(vertices: FloatArray, topology: Topology) -> FloatArray:
    """Area ``(N,)`` of the surface that belongs to each vertex, square metres."""
    triangles = cut_quads(topology.quads)
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    size = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 6
    return np.bincount(triangles.ravel(), np.repeat(size, 3), len(vertices)).astype(np.float64)


def identity_weights(base: FloatArray, area: FloatArray) -> FloatArray:
    """The face counts fully, ears and crown less, the neck little."""
    centre = base.mean(axis=0)
    front = np.clip((base[:, 2] - centre[2]) / 0.06, 0, 1)
    above_chin = np.clip((base[:, 1] - (base[:, 1].min() + 0.05)) / 0.03, 0, 1)
    weights = area * (0.05 + 0.15 * above_chin + 0.8 * front * above_chin)
    return np.asarray(weights / weights.sum())


def _left_over(
    people: FloatArray, mean: FloatArray, components: FloatArray, weights: FloatArray
) -> float:
    root = np.repeat(np.sqrt(weights), 3)
    basis = (components.reshape(len(components), -1) * root).T
    wanted = ((people - mean).reshape(len(people), -1) * root).T
    rest = wanted - basis @ np.linalg.lstsq(basis, wanted, rcond=None)[0]
    return float(np.sqrt((rest**2).sum(axis=0).mean()))


def _origin(mean: FloatArray, eyes_of: object) -> FloatArray:
    """The model's origin: between the ears' level and the face, at the eyes' height less 3 cm.

    It is about the middle of the head, so that the translation of a pose says where the head is
    and hardly changes when it turns.
    """
    eyes = eyes_of(mean)  # type: ignore[operator]
    return np.array([0.0, eyes[:, 1].mean() - 0.03, eyes[:, 2].mean() - 0.08])


def follows(
    blendshapes: FloatArray, mean: FloatArray, topology: Topology, mediapipe: FloatArray
) -> FloatArray:
    """How far each vertex ``(N,)`` follows the jaw rather than the features around it, 0 to 1."""
    from scipy.spatial import cKDTree

    carried = np.linalg.norm(blendshapes[ARKIT_BLENDSHAPES.index("jawOpen")], axis=1)
    share = np.clip(carried / JAW_TRAVEL, 0, 1)
    away, _ = cKDTree(mediapipe[list(LIPS_OUTER)]).query(mean)
    lips = LIPS_SHARE * np.exp(-((away / LIPS_REACH) ** 2))
    lips[topology.vertices_of("teeth", "tongue")] = 0
    return np.asarray(share**2 * (3 - 2 * share) * (1 - lips))


def visible(
    mean: FloatArray, area: FloatArray, topology: Topology, mediapipe: FloatArray
) -> FloatArray:
    """How much the eye sees of each vertex: the face's skin by area, lids, brows and lips more."""
    from scipy.spatial import cKDTree

    skin = np.zeros(len(mean))
    skin[topology.vertices_of("skin", "lips")] = 1
    seen = area * skin * (mean[:, 2] > FACE_FRONT)
    features = mediapipe[[*numbers.EYE_RINGS, *BROWS, *LIPS_OUTER]]
    away, _ = cKDTree(features).query(mean)
    seen *= 1 + FEATURE_GAIN * np.exp(-((away / FEATURE_REACH) ** 2))
    seen += UNSEEN * seen.mean()
    return np.asarray(seen / seen.sum())
