# SPDX-License-Identifier: GPL-3.0-or-later
"""The 62 parameters: their layout, and what they mean in space. Defined here and nowhere else.

Frames of reference
-------------------
* **Model space**: metres, right-handed; x to the subject's left, y up, z out of the face. The
  origin lies inside the head (see ``models/head``).
* **Crop space**: the unit is a pixel of the ``CROP_SIZE`` square crop, right-handed; origin at the
  crop's centre, x right, y **up**, z toward the viewer. A subject who faces the camera with a
  level head has the identity rotation, because his left is the picture's right.
* **Image space**: pixels, x right, y **down**, an integer is the centre of a pixel; z toward the
  viewer in the same scale.

``T = f [R | t]`` (equation 3 of the paper) maps model space to crop space; its last column is
``f t`` in crop pixels. A :class:`~mien.core.model.crop.CropBox` maps crop space to image space.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

CROP_SIZE = 120
"""Side of the square crop that the network sees, in pixels."""

N_POSE = 12
"""``T``, 3x4, row-major."""

N_IDENTITY = 40
"""As 3DDFA_V2's 62 parameters have it (section 2.1 of the paper)."""
N_EXPRESSION = 10
"""Likewise."""
N_PARAMS = N_POSE + N_IDENTITY + N_EXPRESSION
"""62 in all."""

POSE = slice(0, N_POSE)
"""Where the pose stands among the 62."""
IDENTITY = slice(N_POSE, N_POSE + N_IDENTITY)
"""Where the identity stands."""
EXPRESSION = slice(N_POSE + N_IDENTITY, N_PARAMS)
"""Where the expression stands."""


class Params(NamedTuple):
    """The 62 parameters taken apart; every field keeps the leading axes of the input.

    Attributes:
        transform: ``(..., 3, 4)`` T, model metres to crop pixels.
        identity: ``(..., 40)`` coefficients in standard deviations.
        expression: ``(..., 10)`` coefficients in standard deviations.
    """

    transform: FloatArray
    identity: FloatArray
    expression: FloatArray


def split(params: FloatArray) -> Params:
    """Take ``(..., 62)`` parameters apart into T, identity and expression (views, no copy).

    Raises:
        ValueError: the last axis does not hold 62 numbers.
    """
    if params.shape[-1] != N_PARAMS:
        raise ValueError(f"expected {N_PARAMS} parameters on the last axis, got {params.shape}")
    transform = params[..., POSE].reshape(*params.shape[:-1], 3, 4)
    return Params(transform, params[..., IDENTITY], params[..., EXPRESSION])


def join(transform: FloatArray, identity: FloatArray, expression: FloatArray) -> FloatArray:
    """Put T ``(..., 3, 4)``, identity ``(..., 40)`` and expression ``(..., 10)`` in one vector.

    The inverse of :func:`split`: the result is ``(..., 62)`` float32.
    """
    pose = np.asarray(transform, np.float32).reshape(*transform.shape[:-2], N_POSE)
    return np.concatenate([pose, identity, expression], axis=-1).astype(np.float32)


class Pose(NamedTuple):
    """A transform T taken apart by :func:`decompose`, leading axes kept.

    Attributes:
        scale: ``(...,)`` f, crop pixels a metre.
        rotation: ``(..., 3, 3)`` proper rotation, model axes to crop axes.
        translation: ``(..., 3)`` where the model's origin lies, in crop pixels.
    """

    scale: FloatArray
    rotation: FloatArray
    translation: FloatArray


def decompose(transform: FloatArray) -> Pose:
    """Find the scaled rotation nearest to each regressed T ``(..., 3, 4)``.

    A network's T is never quite a scaled rotation; the nearest one in the least-squares sense is
    taken by singular value decomposition, with the determinant forced to +1.
    """
    linear = np.asarray(transform, np.float64)[..., :3]
    u, s, vt = np.linalg.svd(linear)
    sign = np.sign(np.linalg.det(u @ vt))
    s[..., 2] *= sign
    u[..., 2] *= sign[..., None]
    scale = s.mean(axis=-1)
    return Pose(
        scale.astype(np.float32),
        (u @ vt).astype(np.float32),
        np.ascontiguousarray(transform[..., 3], np.float32),
    )


def compose(pose: Pose) -> FloatArray:
    """Build T ``(..., 3, 4)`` from scale, rotation and translation: ``[f R | t]``."""
    linear = pose.scale[..., None, None] * pose.rotation
    return np.concatenate([linear, pose.translation[..., None]], axis=-1).astype(np.float32)
