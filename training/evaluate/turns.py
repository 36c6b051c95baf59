# SPDX-License-Identifier: GPL-3.0-or-later
"""How far apart rotations of heads are, and how AFLW2000-3D writes them down.

``Pose_Para`` of that set begins with pitch, yaw and roll in radians. The head is rotated by
``R = Rx(pitch) Ry(yaw) Rz(roll)``, each factor being the transpose of the usual right-handed
rotation, in axes like those of our crop space: x to the picture's right, y up, z toward the viewer.
A positive pitch therefore lifts the face, a positive yaw turns it to the picture's left, and a
positive roll tilts the crown to the picture's right.

Both heads face the viewer where R is the identity, but they need not agree on what level is: a
constant turn between the two is a matter of definition and not an error of the network.
"""

import numpy as np
from mien.core.model.params import FloatArray
from numpy.typing import ArrayLike
from scipy.spatial.transform import Rotation


def from_pose_para(angles: ArrayLike) -> FloatArray:
    """Pitch, yaw, roll ``(..., 3)`` in radians, as ``Pose_Para`` has them, to ``(..., 3, 3)``."""
    flat = -np.asarray(angles, float).reshape(-1, 3)
    turns = Rotation.from_euler("XYZ", flat).as_matrix()
    return turns.reshape(*np.shape(angles)[:-1], 3, 3).astype(np.float32)


def to_pose_para(turns: FloatArray) -> FloatArray:
    """The reverse; yaw comes out between -90 and 90 degrees."""
    flat = -Rotation.from_matrix(turns.reshape(-1, 3, 3)).as_euler("XYZ")
    return flat.reshape(*turns.shape[:-2], 3).astype(np.float32)


def between(one: FloatArray, other: FloatArray) -> FloatArray:
    """The angle ``(n,)`` in degrees of the turn from each of ``(n, 3, 3)`` to the other."""
    turn = Rotation.from_matrix(one).inv() * Rotation.from_matrix(other)
    return np.degrees(turn.magnitude()).astype(np.float32)


def constant_turn(one: FloatArray, other: FloatArray) -> FloatArray:
    """The C ``(3, 3)`` for which ``one @ C`` comes nearest to the other, both ``(n, 3, 3)``."""
    turn = Rotation.from_matrix(one).inv() * Rotation.from_matrix(other)
    return turn.mean().as_matrix().astype(np.float32)
