# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the eyes look: between the eight eyeLook weights and rotations of the eyeballs."""

import numpy as np

from .arkit import ARKIT_BLENDSHAPES, BLINKS
from .params import FloatArray

FULL_GAZE = float(np.radians(30.0))
"""How far an eye has turned when its eyeLook weight is 1, in radians."""
SHUT = 0.55
"""From this eyeBlink weight on nothing can be read off the eye."""
_SIDES = ("Left", "Right")
"""Ends of names, in the order of every pair of eyes."""
_OUT, _IN, _UP, _DOWN = (
    [ARKIT_BLENDSHAPES.index(f"eyeLook{way}{side}") for side in _SIDES]
    for way in ("Out", "In", "Up", "Down")
)
"""Where the weights of each direction stand among the 52, left and right eye."""
_OUTWARD: FloatArray = np.array([1, -1], np.float32)
"""Out is to the subject's left for the left eye, to his right for the right one."""


def gaze_from_blendshapes(blendshapes: FloatArray) -> FloatArray:
    """Rotations ``(F, 2, 2)`` of the left and the right eye that weights ``(F, 52)`` stand for.

    The last axis is yaw, positive to the subject's left, and pitch, positive up, in radians: an
    eye looks along ``(sin yaw cos pitch, sin pitch, cos yaw cos pitch)`` in model axes.
    """
    yaw = (blendshapes[:, _OUT] - blendshapes[:, _IN]) * _OUTWARD
    pitch = blendshapes[:, _UP] - blendshapes[:, _DOWN]
    return (FULL_GAZE * np.stack([yaw, pitch], axis=2)).astype(np.float32)


def set_gaze(blendshapes: FloatArray, eyes: FloatArray) -> FloatArray:
    """Weights ``(F, 52)`` with the eyeLook weights set from rotations ``(F, 2, 2)`` of the eyes."""
    out = blendshapes.copy()
    turned = eyes / FULL_GAZE
    outward, upward = turned[:, :, 0] * _OUTWARD, turned[:, :, 1]
    for index, weight in ((_OUT, outward), (_IN, -outward), (_UP, upward), (_DOWN, -upward)):
        out[:, index] = np.clip(weight, 0, 1)
    return out


def steady_gaze(blendshapes: FloatArray) -> FloatArray:
    """Rotations ``(F, 2, 2)`` of both eyes, carried over the frames in which nothing shows them.

    The eyes look the same way, so each counts by how open it is. While both are shut the gaze goes
    straight from where it was to where it is found again, and is held at the ends of a take.

    Args:
        blendshapes: ``(F, 52)`` weights in [0, 1].
    """
    each = gaze_from_blendshapes(blendshapes)
    open_ = np.clip(1 - blendshapes[:, BLINKS] / SHUT, 0, 1)
    weight = open_.sum(axis=1)
    seen = weight > 0
    if not seen.any():
        return np.zeros_like(each)
    both = (each * open_[:, :, None]).sum(axis=1)[seen] / weight[seen, None]
    rows, known = np.arange(len(blendshapes)), np.flatnonzero(seen)
    gaze = np.stack([np.interp(rows, known, column) for column in both.T], axis=1)
    return np.repeat(gaze[:, None], 2, axis=1).astype(np.float32)
