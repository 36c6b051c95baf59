# SPDX-License-Identifier: GPL-3.0-or-later
"""What the generator knows of the head beyond its shape: mirror images, inside of the mouth, hair."""

from dataclasses import dataclass

import numpy as np
from mien.core.capture.flip_augmentation import FLIPPED_BLENDSHAPES, Mirror
from mien.core.model.contour_points import BROWS, LIPS_OUTER
from mien.core.model.head import MATERIALS, Head
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix, diags
from scipy.spatial import cKDTree

from ..geometry.raster import draw


@dataclass(frozen=True)
class Anatomy:
    """Per-vertex and per-triangle knowledge of a head with V vertices and T triangles.

    Attributes:
        head: the head.
        triangles: ``(T, 3)`` int32.
        mirror: ``(V,)`` the vertex on the other side.
        smooth: ``(V, V)`` row-stochastic averaging over neighbours.
        inside: ``(V,)`` true within the mouth: its walls, teeth and tongue.
        teeth, tongue, eyes, lips: ``(V,)`` true on those regions.
        eye_side: ``(T,)`` 0 left eyeball, 1 right eyeball, -1 elsewhere.
        crown: ``(V,)`` 0 to 1, how surely hair grows there.
        brow: ``(V,)`` 0 to 1.
        beard: ``(V,)`` 0 to 1.
        identity: ``(40, 3V)``, blendshapes ``(52, 3V)``: bases laid out for matrix products.
        mirror_identity: ``(40, 40)`` coefficients of the mirrored head from those of a head.
        mirror_blendshapes: ``(52,)`` the unit of the other side.
    """

    head: Head
    triangles: NDArray[np.int32]
    mirror: NDArray[np.int64]
    smooth: csr_matrix
    inside: NDArray[np.bool_]
    teeth: NDArray[np.bool_]
    tongue: NDArray[np.bool_]
    eyes: NDArray[np.bool_]
    lips: NDArray[np.bool_]
    eye_side: NDArray[np.int8]
    crown: NDArray[np.float32]
    brow: NDArray[np.float32]
    beard: NDArray[np.float32]
    identity: NDArray[np.float32]
    blendshapes: NDArray[np.float32]
    mirror_identity: NDArray[np.float32]
    mirror_blendshapes: NDArray[np.int64]


def study(head: Head) -> Anatomy:
    """Work out a head's anatomy from its mean shape and its regions."""
    mean = head.vertices
    n = len(mean)
    triangles = np.ascontiguousarray(head.triangles, np.int32)
    mirror = Mirror(head)
    region = {name: np.zeros(n, bool) for name in MATERIALS}
    for k, name in enumerate(MATERIALS):
        region[name][np.unique(head.quads[head.materials == k])] = True
    eyes = region["eyeball_left"] | region["eyeball_right"]
    per_triangle = np.repeat(head.materials, 2)
    eye_side = np.full(len(triangles), -1, np.int8)
    eye_side[per_triangle == MATERIALS.index("eyeball_left")] = 0
    eye_side[per_triangle == MATERIALS.index("eyeball_right")] = 1

    rows = np.concatenate(
        [head.quads[:, i] for i in range(4)] + [head.quads[:, (i + 1) % 4] for i in range(4)]
    )
    columns = np.concatenate(
        [head.quads[:, (i + 1) % 4] for i in range(4)] + [head.quads[:, i] for i in range(4)]
    )
    links = coo_matrix((np.ones(len(rows)), (rows, columns)), shape=(n, n)).tocsr()
    smooth = diags(1 / np.maximum(np.asarray(links.sum(axis=1)).ravel(), 1)) @ links

    points = head.mediapipe_places.on(mean)
    landmarks = head.landmark_places.on(mean)
    inside = _inside_mouth(mean, triangles, points) | region["teeth"] | region["tongue"]
    skin = ~(inside | eyes)
    to_brow = cKDTree(points[list(BROWS)]).query(mean)[0]
    brow = np.exp(-((to_brow / 0.0055) ** 2)) * skin
    # Hair: the crown above a line that rises from the nape over the ears to the forehead's top.
    x, y, z = mean.T
    top = points[10]
    line = np.interp(z, [-0.06, -0.01, 0.02, top[2]], [-0.055, -0.01, 0.035, top[1] + 0.012])
    crown = np.clip((y - line) / 0.012, 0, 1) * skin
    ears = (np.abs(x) > 0.072) & (y < 0.04)
    crown[ears] = 0
    # Beard: lower face below the nose, in front of the jaw's line, not on the lips.
    jaw_back = landmarks[[2, 14]][:, 2].mean()
    below = np.clip((landmarks[33][1] - 0.003 - y) / 0.006, 0, 1)
    front = np.clip((z - jaw_back + 0.002) / 0.008, 0, 1)
    cheek = np.clip((landmarks[48][1] + 0.02 - y + 1.2 * (np.abs(x) - 0.028)) / 0.012, 0, 1)
    chin = np.clip((y - landmarks[8][1] + 0.02) / 0.01, 0, 1)
    beard = below * front * cheek * chin * (~region["lips"]) * skin

    return Anatomy(
        head, triangles, mirror.vertices, smooth.tocsr().astype(np.float32), inside,
        region["teeth"], region["tongue"], eyes, region["lips"], eye_side,
        crown.astype(np.float32), brow.astype(np.float32), beard.astype(np.float32),
        np.ascontiguousarray(head.identity.reshape(len(head.identity), -1)),
        np.ascontiguousarray(head.blendshapes.reshape(len(head.blendshapes), -1)),
        mirror.identity, FLIPPED_BLENDSHAPES,
    )  # fmt: skip


def _inside_mouth(
    mean: NDArray[np.float32], triangles: NDArray[np.int32], points: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """Vertices near the mouth that lie well behind the surface seen from the front."""
    scale, size = 2500.0, 700
    placed = np.column_stack(
        [mean[:, 0] * scale + size / 2, size / 2 - mean[:, 1] * scale, mean[:, 2]]
    ).astype(np.float32)
    depth = draw(placed, triangles, size, size)[2]
    column = np.clip(np.rint(placed[:, 0]), 0, size - 1).astype(int)
    row = np.clip(np.rint(placed[:, 1]), 0, size - 1).astype(int)
    behind = depth[row, column] - mean[:, 2]
    lips = points[list(LIPS_OUTER)]
    low, high = lips.min(axis=0), lips.max(axis=0)
    near = (
        (mean[:, 0] > low[0] - 0.012) & (mean[:, 0] < high[0] + 0.012)
        & (mean[:, 1] > low[1] - 0.03) & (mean[:, 1] < high[1] + 0.02)
        & (mean[:, 2] > -0.01) & (mean[:, 2] < high[2])
    )  # fmt: skip
    return np.asarray(near & (behind > 0.006))
