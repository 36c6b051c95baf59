# SPDX-License-Identifier: GPL-3.0-or-later
"""Adjusting captured motion without capturing again: smoothing, gains, head on or off."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.spatial.transform import Rotation

from ..errors import MienError
from ..model.head import Head
from ..model.regions import REGIONS, blendshape_regions, regional_parts
from ..model.rotation import to_quaternions, unroll
from ..modes import NeutralFace
from ..take.take import Take
from .lips import seal_lips
from .motion import Motion, solve_take
from .neutral import Neutral
from .smooth import smooth_face, smooth_pose

UNIT_NOISE, EXPRESSION_NOISE = 0.005, 0.01
"""No weight and no component is steadier than this from frame to frame."""
HEAD_UNIT = 0.1
"""A head that moves aside by so many metres moves as much as one that turns by a radian."""
GAINS = (*REGIONS, "head")
"""What has a gain: the regions of the face, and the head's motion."""
MOST_GAIN = 4.0
"""More makes a mask of any face (chosen by eye)."""


@dataclass(frozen=True)
class Adjustments:
    """What the animator may change about a take.

    Attributes:
        smoothing: 0 to 1, see :func:`mien.core.solve.smooth.smooth`.
        gains: of each region of :data:`mien.core.model.regions.REGIONS`, and of ``head``; 1 where absent.
        head_motion: whether the head turns and moves; otherwise it is held at its median.

    Raises:
        MienError: one of them is out of its range, or there is no such region.
    """

    smoothing: float = 0.3
    gains: dict[str, float] = field(default_factory=dict)
    head_motion: bool = True

    def __post_init__(self) -> None:
        """Check them: they come from scripts, command lines and jobs files."""
        if not 0 <= self.smoothing <= 1:
            raise MienError(f"A smoothing of {self.smoothing:g} makes no sense; give 0 to 1.")
        for name, gain in self.gains.items():
            if name not in GAINS:
                raise MienError(f"{name!r} has no gain; give one of {', '.join(GAINS)}.")
            if not 0 <= gain <= MOST_GAIN:
                raise MienError(
                    f"A gain of {gain:g} for {name} makes no sense; give 0 to {MOST_GAIN:g}."
                )


USUAL = Adjustments()
"""What is solved where nothing is asked for."""


def parse_gains(texts: Iterable[str]) -> dict[str, float]:
    """Gains from texts such as ``brows=1.5``.

    Raises:
        MienError: one of them is none.
    """
    gains = {}
    for text in texts:
        name, _, number = text.partition("=")
        try:
            gains[name.strip()] = float(number)
        except ValueError:
            raise MienError(
                f"The gain {text!r} makes no sense; give a part and a factor, such as brows=1.5."
            ) from None
    return gains


def adjust(motion: Motion, head: Head, wanted: Adjustments) -> Motion:
    """The motion as the animator wants it; the one given is left as it is."""
    return _gained(_smoothed(motion, head, wanted.smoothing), head, wanted)


def clean_motion(
    take: Take, head: Head, wanted: Adjustments = USUAL, neutral: Neutral = NeutralFace.AUTO
) -> Motion:
    """A take's motion as it is built: solved, with the face at rest where it rests, and adjusted.

    Args:
        take, head: as captured.
        wanted: what the animator changes; the usual smoothing by default.
        neutral: where the face is at rest; found by itself by default.

    Raises:
        TakeError: the face was lost in every frame.
    """
    return adjust(solve_take(take, head, neutral), head, wanted)


def _smoothed(motion: Motion, head: Head, strength: float) -> Motion:
    if strength <= 0:
        return motion

    times, sure = motion.times, motion.confidence
    pose = np.column_stack([motion.rotation, np.log(motion.scale), motion.position])
    across = HEAD_UNIT * motion.scale
    unit = np.column_stack([np.full((len(times), 4), 0.5), np.ones(len(times)), across, across])
    pose = smooth_pose(times, pose.astype(np.float32), sure, strength, unit)
    turns = pose[:, :4] / np.linalg.norm(pose[:, :4], axis=1, keepdims=True)
    blendshapes = smooth_face(times, motion.blendshapes, sure, strength, UNIT_NOISE)
    return replace(
        motion,
        expression=smooth_face(times, motion.expression, sure, strength, EXPRESSION_NOISE),
        blendshapes=seal_lips(np.clip(blendshapes, 0, 1), motion.lips_closed, head),
        scale=np.exp(pose[:, 4]),
        position=pose[:, 5:],
        rotation=unroll(turns),
    )


def _gained(motion: Motion, head: Head, wanted: Adjustments) -> Motion:
    expression, blendshapes = motion.expression, motion.blendshapes
    if any(wanted.gains.get(name, 1.0) != 1.0 for name in REGIONS):
        gains = np.array([wanted.gains.get(name, 1.0) for name in REGIONS], np.float32)
        operator = np.tensordot(gains, regional_parts(head), axes=1)
        expression = (expression @ operator.T).astype(np.float32)
        blendshapes = blendshapes.copy()
        for gain, index in zip(gains, blendshape_regions().values(), strict=True):
            blendshapes[:, index] = np.clip(blendshapes[:, index] * gain, 0, 1)
    amount = wanted.gains.get("head", 1.0) if wanted.head_motion else 0.0
    if amount == 1.0:
        return replace(motion, expression=expression, blendshapes=blendshapes)
    turns = Rotation.from_quat(motion.rotation[:, [1, 2, 3, 0]])
    middle = turns.mean()
    scaled = Rotation.from_rotvec(amount * (middle.inv() * turns).as_rotvec())
    rotation = unroll(to_quaternions((middle * scaled).as_matrix()))
    turned = replace(motion, expression=expression, blendshapes=blendshapes, rotation=rotation)
    if wanted.head_motion:
        return turned
    middle_place = np.median(motion.position, axis=0)[None]
    return replace(
        turned,
        scale=np.full_like(motion.scale, np.median(motion.scale)),
        position=np.repeat(middle_place, len(motion.times), axis=0),
    )
