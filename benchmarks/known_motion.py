# SPDX-License-Identifier: GPL-3.0-or-later
"""A clip whose true motion is known, and noise as the network makes it.

The truth is the solved motion of the test clip, made smooth and played forth and back, with blinks
and lip closures of known height put in. The noise is what the network says of the clip's own frames
when they are cropped a little differently, less its mean for that frame: drawn anew for every frame,
all channels of a frame together, so that their correlations stay.
"""

from dataclasses import dataclass

import numpy as np
from mien.cli.commands import demo_clip
from mien.core.capture.capture import Models, capture
from mien.core.capture.sources import open_source
from mien.core.model.arkit import ARKIT_BLENDSHAPES, N_BLENDSHAPES
from mien.core.model.crop import CropBox, ImageArray, cut
from mien.core.model.head import Head
from mien.core.model.params import CROP_SIZE, N_EXPRESSION, FloatArray, decompose, split
from mien.core.solve.motion import solve_take
from mien.core.solve.smooth import smooth
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

Array = NDArray[np.float64]

FPS = 30.0
"""Frames a second, as the demonstration's clip has."""
PASSES = 5
"""Times that the clip is gone through, forth and back in turn: long enough to be shaken often."""
JITTERS = 8
"""Crops of each frame: their spread is the noise that filters are tried on."""
SHIFT, SIZE = 0.02, 0.03
"""Spread of a jittered crop, as shares of its side: about what the tracker's own crops do."""
SMOOTHNESS = 0.35
"""Strength by which the captured motion is made smooth before it counts as true."""
OPEN_JAW = 0.35
"""Weight of the jaw between two closures, about that of speech."""
BLINK_SHAPES = {0.3: (0.08, 0.05, 0.14), 0.15: (0.05, 0.03, 0.07), 0.1: (0.035, 0.03, 0.035)}
"""By about how long they last: seconds in which an eye closes, is shut, and opens."""
PLOSIVE = (0.05, 0.04, 0.06)
"""Likewise of lips."""
SHAKE = (4.0, 1.2, np.radians(20.0))
"""The head is shaken every so many seconds, for so long, so far to each side, SHAKE_RATE times a second."""
SHAKE_RATE = 3.0
"""Times a second that the head is shaken: as fast as people do."""
SWAY = 0.25
"""While it is shaken the head moves aside by this much of a turn's angle, in heads (of about 0.2 m)."""

EXPRESSION = slice(0, N_EXPRESSION)
"""Columns of a state of the solve: the ten components,"""
WEIGHTS = slice(N_EXPRESSION, N_EXPRESSION + N_BLENDSHAPES)
"""the 52 weights,"""
TURN = slice(WEIGHTS.stop, WEIGHTS.stop + 3)
"""the turn,"""
SCALE = TURN.stop
"""the size,"""
PLACE = slice(SCALE + 1, SCALE + 3)
"""and the place."""
BLINKS = [WEIGHTS.start + ARKIT_BLENDSHAPES.index(f"eyeBlink{side}") for side in ("Left", "Right")]
JAW = WEIGHTS.start + ARKIT_BLENDSHAPES.index("jawOpen")


@dataclass(frozen=True)
class KnownMotion:
    """F frames as channels: expression, weights, rotation vector, log scale, place in the image.

    Attributes:
        times: ``(F,)`` seconds.
        truth: ``(F, 68)``.
        blinks: seconds at which eyes are shut, by about how long a blink lasts.
        plosives: seconds at which lips are shut.
        residuals: ``(frames, JITTERS, 68)`` of the network.
        identity, middle: of the head, and the rotation that the rotation vectors start from.
    """

    times: Array
    truth: Array
    blinks: dict[float, Array]
    plosives: Array
    residuals: Array
    identity: FloatArray
    middle: Rotation

    def noisy(self, seed: int) -> Array:
        """The truth as the network would have said it."""
        rng = np.random.default_rng(seed)
        frames, jitters, _ = self.residuals.shape
        count = len(self.times)
        return (
            self.truth + self.residuals[rng.integers(frames, size=count), rng.integers(jitters, size=count)]
        )  # fmt: skip

    def landmarks(self, channels: Array, head: Head) -> Array:
        """The 68 landmarks ``(F, 68, 2)`` in image pixels."""
        model = head.landmark_model()
        still = model.mean + np.tensordot(self.identity, model.identity, axes=1)
        shape = still + np.tensordot(channels[:, EXPRESSION], model.expression, axes=1)
        turn = (Rotation.from_rotvec(channels[:, TURN]) * self.middle).as_matrix()
        flat = (shape @ turn.transpose(0, 2, 1))[..., :2] * [1, -1]
        return np.exp(channels[:, SCALE])[:, None, None] * flat + channels[:, None, PLACE]


def known_motion(models: Models) -> KnownMotion:
    """Make the clip; some seconds of work."""
    images = [frame.image for frame in open_source(demo_clip())]
    take = capture(open_source(demo_clip()), models)
    motion = solve_take(take, models.head)
    turns = Rotation.from_quat(motion.rotation[:, [1, 2, 3, 0]])
    middle = turns.mean()
    once = np.column_stack(
        [
            motion.expression, motion.blendshapes, (turns * middle.inv()).as_rotvec(),
            np.log(motion.scale), motion.position,
        ]
    )  # fmt: skip
    captured = np.concatenate([once[:: 1 - 2 * (k % 2)] for k in range(PASSES)])
    times = np.arange(len(captured)) / FPS
    sure = np.ones(len(times), np.float32)
    truth = smooth(times, captured.astype(np.float32), sure, SMOOTHNESS).astype(np.float64)
    every = np.arange(1.1, times[-1] - 1, 0.85)
    blinks = {length: every[k :: len(BLINK_SHAPES)] for k, length in enumerate(BLINK_SHAPES)}
    plosives = np.arange(0.7, times[-1] - 1, 0.9)
    weights = np.zeros((len(times), N_BLENDSHAPES), np.float32)
    shut = _pulses(times, plosives, PLOSIVE)
    closed = [_pulses(times, at, BLINK_SHAPES[length]) for length, at in blinks.items()]
    weights[:, np.array(BLINKS) - WEIGHTS.start] = np.max(closed, axis=0)[:, None]
    weights[:, JAW - WEIGHTS.start] = OPEN_JAW * (1 - shut)
    truth[:, EXPRESSION] += weights @ models.head.blendshapes_to_expression
    truth[:, [*BLINKS, JAW]] = weights[:, np.array([*BLINKS, JAW]) - WEIGHTS.start]
    shaken = _shaken(times)
    truth[:, TURN.start + 1] += shaken
    truth[:, PLACE.start] += SWAY * shaken * 0.2 * np.exp(truth[:, SCALE])
    residuals = np.stack(
        [_residuals(image, box, models, k) for k, (image, box) in enumerate(zip(images, take.boxes, strict=True))]
    )  # fmt: skip
    return KnownMotion(times, truth, blinks, plosives, residuals, motion.identity, middle)


def _shaken(times: Array) -> Array:
    """A turn about the vertical ``(F,)``, radians: still, with a shake of the head now and then."""
    period, length, angle = SHAKE
    phase = times % period
    window = np.where(phase < length, np.sin(np.pi * phase / length) ** 2, 0)
    return np.asarray(angle * window * np.sin(2 * np.pi * SHAKE_RATE * phase))


def _pulses(times: Array, centres: Array, lengths: tuple[float, float, float]) -> Array:
    """A curve ``(F,)`` that rises from 0 to 1 and falls again around every centre."""
    rise, stay, fall = lengths
    out = np.zeros(len(times))
    for centre in centres:
        knots = centre + np.array([-stay / 2 - rise, -stay / 2, stay / 2, stay / 2 + fall])
        out = np.maximum(out, np.interp(times, knots, [0, 1, 1, 0], left=0, right=0))
    return out


def _residuals(image: ImageArray, box: FloatArray, models: Models, seed: int) -> Array:
    """What the network says of one frame in several crops, less the mean: ``(JITTERS, 68)``."""
    rng = np.random.default_rng(seed)
    size = box[2] * np.exp(rng.normal(0, SIZE, JITTERS))
    centres = box[:2] + rng.normal(0, SHIFT, (JITTERS, 2)) * box[2]
    boxes = [CropBox(x, y, s) for (x, y), s in zip(centres, size, strict=True)]
    said = models.regressor.run(np.stack([cut(image, b) for b in boxes]))
    transform, _, expression = split(said.params)
    pose = decompose(transform)
    zoom = size / CROP_SIZE
    turns = Rotation.from_matrix(pose.rotation)
    values = np.column_stack(
        [
            expression, said.blendshapes, (turns * turns.mean().inv()).as_rotvec(),
            np.log(pose.scale * zoom),
            centres + zoom[:, None] * pose.translation[:, :2] * [1, -1],
        ]
    )  # fmt: skip
    return (values - values.mean(axis=0)) * np.sqrt(JITTERS / (JITTERS - 1))
