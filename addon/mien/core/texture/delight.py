# SPDX-License-Identifier: GPL-3.0-or-later
"""The room's light taken off a baked skin: on the head, Blender's own lamps light it once more."""

import numpy as np
from numpy.typing import NDArray

from ..model.head import Head
from ..model.params import FloatArray
from .plausible import face_of
from .texels import Texels
from .views import vertex_normals

SHARE = 0.8
"""How much of the fitted light is taken off: the rest may be the skin's own, as stubble and sockets are."""
STEADY = 0.02
"""Ridge on the coefficients, a texel's share: few directions are seen, and sockets are always dark."""
ROUNDS, OUTLIER = 4, 0.15
"""Of reweighting, and logarithm of brightness from which a place counts half: brows, glasses, a shadow's edge."""
LIT = 75.0
"""Percentile of the fitted light from which skin is taken to be lit as it should, in brightness and colour."""
MOST = 0.8
"""Largest logarithm of a gain: what is black holds no colour any more."""
ENOUGH = 500
"""Texels of the face below which no light is fitted."""
REDDISH, BLUISH = (0.18, 0.44), (-0.40, -0.05)
"""Logarithms of red and blue over green between which human skin of any tone lies in white light; lamps,
screens and cameras that push the footage's beyond are taken back to there."""
COLOURLESS = 0.06
"""Logarithm of red over green below which footage is black and white, and stays so."""
BEARD = -0.045
"""Height on the mean head, metres, below which a beard would be taken for shadow: only the tint is fitted there."""


def without_light(colours: FloatArray, seen: FloatArray, head: Head, texels: Texels) -> FloatArray:
    """Colours ``(K, 3)`` as if each place were lit like the brighter parts of the face.

    Light from far away changes with the direction of the surface alone, by nine numbers a channel
    (spherical harmonics); these are fitted to the face and taken off everything.

    Args:
        colours: of the texels, BGR; seen: ``(K,)`` 0 to 1, how well each was seen.
        head: that they lie on.
        texels: where they lie.
    """
    basis = _harmonics(texels.at(vertex_normals(head.vertices, head)))
    face, height = texels.at(np.column_stack([face_of(head), head.vertices[:, 1]])).T
    fitted = (face > 0.9) & (seen > 0.5)
    bare = fitted & (height > BEARD)
    if bare.sum() < ENOUGH:
        return colours
    level = np.log(colours + 4)
    bright = level.mean(axis=1, keepdims=True)
    dark = _shade(bright, basis, bare)
    tint = _shade(level - bright, basis, fitted)
    lit = bare & (dark[:, 0] >= np.percentile(dark[bare], LIT))
    shade = dark + tint - np.median(dark[lit] + tint[lit], axis=0)
    gain = np.exp(np.clip(-SHARE * shade + _cast(level[lit]), -MOST, MOST))
    return np.asarray(np.clip(colours * gain, 0, 255), np.float32)


def _cast(level: FloatArray) -> FloatArray:
    """Logarithms ``(3,)`` of the gains, BGR, that bring skin as it was seen to what skin can be."""
    blue, red = np.median(level[:, [0, 2]] - level[:, 1:2], axis=0)
    if abs(red) < COLOURLESS:
        return np.zeros(3, np.float32)
    gain = np.array([np.clip(blue, *BLUISH) - blue, 0, np.clip(red, *REDDISH) - red])
    return np.asarray(gain - gain.mean(), np.float32)


def _shade(level: FloatArray, basis: FloatArray, fitted: NDArray[np.bool_]) -> FloatArray:
    """Logarithms of light ``(K, C)`` that explain those of colours where they are fitted."""
    known, wanted = basis[fitted], level[fitted]
    weights = np.ones(len(known))
    for _ in range(ROUNDS):
        weighted = known * weights[:, None]
        steady = STEADY * weights.sum() * np.diag([0.0] + [1.0] * (basis.shape[1] - 1))
        light = np.linalg.solve(known.T @ weighted + steady, weighted.T @ wanted)
        off = np.abs(wanted - known @ light).max(axis=1)
        weights = 1 / (1 + (off / OUTLIER) ** 2)
    return np.asarray(basis @ light, np.float32)


def _harmonics(normals: FloatArray) -> FloatArray:
    """The first nine spherical harmonics ``(K, 9)``, not scaled, of directions ``(K, 3)``."""
    x, y, z = (normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)).T
    return np.column_stack(
        [np.ones(len(x)), x, y, z, x * y, y * z, x * z, x * x - y * y, 3 * z * z - 1]
    )
