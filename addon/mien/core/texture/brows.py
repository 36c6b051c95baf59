# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a baked texture shows the actor's brows, or is too coarse for them."""

import cv2
import numpy as np
from scipy.spatial import cKDTree

from ..model.crop import ImageArray
from ..model.head import MATERIALS, Head
from ..model.params import FloatArray
from ..model.parts import REGIONS, shown_head

DARKER = 0.72
"""Brightness of brows over that of the forehead above, from which they are not seen as brows: it is .59 and .60
where the face was 107 pixels wide in the footage, and .84 where it was 50."""
ABOVE = 0.016
"""Metres from the brows up to bare skin."""


def shows_brows(picture: ImageArray, head: Head) -> bool:
    """Whether brows can be made out on a texture.

    Args:
        picture: ``(side, side, 3)`` BGR, on the head's texture coordinates.
        head: that it lies on.
    """
    shown = shown_head(head)
    parts, first = shown.parts, len(shown.kept)
    used = shown.faces[shown.regions == REGIONS.index("brows")]
    brows = np.unique(used[used >= 0])
    skin = head.quads[head.materials == MATERIALS.index("skin")]
    coordinates = _of_vertices(head)
    hung = brows - first
    below = np.einsum("pc,pcx->px", parts.weights[hung], coordinates[parts.corners[hung]])
    near = np.unique(skin)
    _, nearest = cKDTree(head.vertices[near]).query(shown.vertices[brows] + [0, ABOVE, 0])
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.float32)
    dark, light = (_sampled(grey, at).mean() for at in (below, coordinates[near[nearest]]))
    return bool(dark < DARKER * light)


def _of_vertices(head: Head) -> FloatArray:
    """Texture coordinates ``(N, 2)`` of the skin's vertices, 0 elsewhere."""
    skin = head.materials == MATERIALS.index("skin")
    total, count = np.zeros((len(head.vertices), 2)), np.zeros(len(head.vertices))
    np.add.at(total, head.quads[skin].ravel(), head.uvs[skin].reshape(-1, 2))
    np.add.at(count, head.quads[skin].ravel(), 1)
    return (total / np.maximum(count, 1)[:, None]).astype(np.float32)


def _sampled(grey: FloatArray, at: FloatArray) -> FloatArray:
    """Brightness ``(n,)`` at texture coordinates ``(n, 2)``."""
    side = len(grey)
    columns, rows = np.clip(at * [1, -1] + [0, 1], 0, 1 - 1e-6).T * side
    return np.asarray(grey[rows.astype(int), columns.astype(int)], np.float32)
