# SPDX-License-Identifier: GPL-3.0-or-later
"""The base mesh's two rows of teeth, brought to where people show them, with coordinates to draw on."""

import numpy as np
from mien.core.model.head import MATERIALS, Head

from .archive import FloatArray
from .topology import IntArray

UPPER_DOWN, UPPER_FORWARD = 0.0038, 0.0010
"""Metres: a person's upper front teeth end some millimetres below the lips' line; these hid above it."""


def front_teeth(head: Head) -> tuple[IntArray, FloatArray, FloatArray, IntArray, FloatArray, str]:
    """The teeth as a part that hangs on the head's own: what :meth:`PartsBuilder.hold` takes.

    Texture coordinates go along the row from the subject's right (0) to the left (1), the upper row
    in the upper half of the picture.
    """
    quads = head.quads[head.materials == MATERIALS.index("teeth")]
    own, faces = np.unique(quads, return_inverse=True)
    faces = faces.reshape(quads.shape)
    places = head.vertices[own].astype(float)
    upper = _upper(faces, places)
    places[upper] += [0, -UPPER_DOWN, UPPER_FORWARD]
    uvs = np.empty((len(own), 2))
    for row, base in ((upper, 0.5), (~upper, 0.0)):
        at = places[row]
        middle = np.array([0.0, at[:, 2].min()])
        angle = np.arctan2(at[:, 0] - middle[0], at[:, 2] - middle[1] + 1e-9)
        height = (at[:, 1] - at[:, 1].min()) / np.ptp(at[:, 1])
        uvs[row] = np.column_stack([0.5 + angle / np.pi, base + 0.02 + 0.46 * height])
    corners = np.repeat(own[:, None], 3, axis=1)
    weights = np.tile([1.0, 0.0, 0.0], (len(own), 1))
    return corners, weights, places, faces, uvs[faces], "teeth"


def _upper(faces: IntArray, places: FloatArray) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Which vertices belong to the upper row."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    edges = np.concatenate([faces[:, [i, (i + 1) % 4]] for i in range(4)])
    size = len(places)
    graph = coo_matrix((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(size, size))
    labels = connected_components(graph, directed=False)[1]
    heights = [places[labels == k, 1].mean() for k in range(labels.max() + 1)]
    return np.asarray(np.array(heights)[labels] > np.mean([max(heights), min(heights)]))
