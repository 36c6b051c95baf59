# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a surface of another topology lies from the head: no table says which vertex is which."""

import numpy as np
from mien.core.model.crop import CropBox, crop_to_image
from mien.core.model.head import Head
from mien.core.model.params import FloatArray, split

from ..head.correspond import nearest_on_surface

MOST = 2000
"""Vertices of the truth that are asked, evenly spread over their order."""
DEPTH_ROUNDS = 6
"""Steps of bringing the depths together."""


def surface_error(truth: FloatArray, params: FloatArray, box: CropBox, head: Head) -> float:
    """Mean distance in pixels from given vertices to the nearest place on the regressed face.

    Each vertex is compared with the nearest place and not with its own, so that sliding along the surface is no
    error: the figure is smaller than one between heads of one topology. Depth is counted from the mean, as a
    picture does not show where it begins.

    Args:
        truth: ``(V, 3)`` image space: pixels from 0, x right, y down, z toward the viewer.
        params: ``(62,)`` regressed.
        box: the crop that they belong to.
        head: theirs.
    """
    transform, identity, expression = split(params)
    shape = head.shape(identity, expression) @ transform[:, :3].T + transform[:, 3]
    placed = crop_to_image(shape.astype(np.float32), np.array(box, np.float32)).astype(float)
    asked = truth[np.linspace(0, len(truth) - 1, min(MOST, len(truth))).astype(int)].astype(float)
    skin = head.quads[np.isin(head.materials, (0, 1))]
    asked[:, 2] += (
        placed[skin.ravel(), 2].max() - asked[:, 2].max()
    )  # tip of the nose to tip of the nose
    for _ in range(DEPTH_ROUNDS):
        places = nearest_on_surface(asked, placed, skin)[0].on(placed)
        asked[:, 2] += (places - asked)[:, 2].mean()
    return float(nearest_on_surface(asked, placed, skin)[1].mean())
