# SPDX-License-Identifier: GPL-3.0-or-later
"""Adjusting captured motion without capturing again: smoothing, neutral face, gains, head on or off."""

from dataclasses import dataclass, field, replace

import numpy as np
from scipy.spatial.transform import Rotation

from ..model.gaze import eyes_of_units, units_of_eyes
from ..model.head import Head
from ..model.params import FloatArray
from ..model.regions import REGIONS, regional_parts, unit_regions
from ..model.rotation import to_quaternions, unroll
from ..take.take import Take
from .motion import Motion, motion_of
from .smooth import smooth


@dataclass(frozen=True)
class Adjustments:
    """What the animator may change about a take.

    Attributes:
        smoothing: 0 to 1, see :func:`mien.core.solve.smooth.smooth`.
        neutral: first and last time in seconds of the face at rest; None for the model's own.
        gains: of each region of :data:`mien.core.model.regions.REGIONS`, and of ``head``; 1 where absent.
        head_motion: whether the head turns and moves; otherwise it is held at its median.
    """

    smoothing: float = 0.3
    neutral: tuple[float, float] | None = None
    gains: dict[str, float] = field(default_factory=dict)
    head_motion: bool = True


def adjust(motion: Motion, head: Head, wanted: Adjustments) -> Motion:
    """The motion as the animator wants it; the one given is left as it is."""
    return _gained(_rested(_smoothed(motion, wanted.smoothing), wanted.neutral), head, wanted)


def clean_motion(take: Take, head: Head) -> Motion:
    """A take's motion as it is built unless an animator says otherwise: solved and smoothed.

    Raises:
        TakeError: the face was lost in every frame.
    """
    return adjust(motion_of(take, head), head, Adjustments())


def _smoothed(motion: Motion, strength: float) -> Motion:
    if strength <= 0:
        return motion

    def one(values: FloatArray) -> FloatArray:
        flat = values.reshape(len(values), -1)
        return smooth(motion.times, flat, motion.confidence, strength).reshape(values.shape)

    turns = one(motion.rotation)
    turns /= np.linalg.norm(turns, axis=1, keepdims=True)
    return replace(
        motion,
        expression=one(motion.expression),
        units=np.clip(one(motion.units), 0, 1),
        scale=one(motion.scale),
        position=one(motion.position),
        rotation=unroll(turns),
    )


def _rested(motion: Motion, span: tuple[float, float] | None) -> Motion:
    if span is None:
        return motion
    within = (motion.times >= span[0] - 1e-6) & (motion.times <= span[1] + 1e-6)
    if not within.any():
        within = np.abs(motion.times - span[0]) <= np.abs(motion.times - span[0]).min()
    rest = np.median(motion.expression[within], axis=0)
    units = np.median(motion.units[within], axis=0)
    # A weight that rests above nothing keeps its upper end: 1 stays 1.
    lifted = np.clip((motion.units - units) / np.maximum(1 - units, 1e-3), 0, 1)
    # A gaze is two opposite weights, of which only the difference counts.
    eyes = eyes_of_units(motion.units)
    ahead = eyes - np.median(eyes[within], axis=0)
    return replace(
        motion,
        expression=(motion.expression - rest).astype(np.float32),
        units=units_of_eyes(lifted.astype(np.float32), ahead),
    )


def _gained(motion: Motion, head: Head, wanted: Adjustments) -> Motion:
    expression, units = motion.expression, motion.units
    if any(wanted.gains.get(name, 1.0) != 1.0 for name in REGIONS):
        gains = np.array([wanted.gains.get(name, 1.0) for name in REGIONS], np.float32)
        operator = np.tensordot(gains, regional_parts(head), axes=1)
        expression = (expression @ operator.T).astype(np.float32)
        units = units.copy()
        for gain, index in zip(gains, unit_regions().values(), strict=True):
            units[:, index] = np.clip(units[:, index] * gain, 0, 1)
    amount = wanted.gains.get("head", 1.0) if wanted.head_motion else 0.0
    if amount == 1.0:
        return replace(motion, expression=expression, units=units)
    turns = Rotation.from_quat(motion.rotation[:, [1, 2, 3, 0]])
    middle = turns.mean()
    scaled = Rotation.from_rotvec(amount * (middle.inv() * turns).as_rotvec())
    rotation = unroll(to_quaternions((middle * scaled).as_matrix()))
    turned = replace(motion, expression=expression, units=units, rotation=rotation)
    if wanted.head_motion:
        return turned
    middle_place = np.median(motion.position, axis=0)[None]
    return replace(
        turned,
        scale=np.full_like(motion.scale, np.median(motion.scale)),
        position=np.repeat(middle_place, len(motion.times), axis=0),
    )
