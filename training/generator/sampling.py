# SPDX-License-Identifier: GPL-3.0-or-later
"""How poses, expressions and lights are distributed in the training samples."""

from dataclasses import dataclass

import numpy as np
from mien.core.model.arkit import ARKIT_BLENDSHAPES, N_BLENDSHAPES
from mien.core.model.gaze import set_gaze
from numpy.typing import NDArray

from .acts import consistent, draw_act, load_acts

F = NDArray[np.float32]
Rng = np.random.Generator

YAW_LIMIT, PITCH_LIMIT = 95.0, 45.0
FAR_PITCH, FAR_ROLL, ANY_ROLL = 0.15, 0.14, 0.07
"""Shares that look far up or down, tilt the head far, and lie or stand on it."""
# Face counts more than one way to be turned: near the front, somewhere, toward profile.
YAW_SHARES = (0.38, 0.32, 0.30)
INDEX = {name: i for i, name in enumerate(ARKIT_BLENDSHAPES)}
PAIRS = [
    (INDEX[n], INDEX[n[: -len("Left")] + "Right"]) for n in ARKIT_BLENDSHAPES if n.endswith("Left")
    and not n.startswith(("eyeLook", "jaw")) and n not in ("mouthLeft",)
]  # fmt: skip
# Blendshapes that are drawn in groups, as a talking or feeling face uses them.
MOUTHS = ("mouthFunnel", "mouthPucker", "mouthLeft", "mouthRight", "mouthRollLower", "mouthRollUpper",
          "mouthShrugLower", "mouthShrugUpper", "jawLeft", "jawRight", "jawForward", "cheekPuff")  # fmt: skip


EYES = np.array([name.startswith("eye") for name in ARKIT_BLENDSHAPES])
MIXTURES, AT_REST = 0.25, 0.15
"""Shares of faces that do any mixture of weights, and of faces at rest; the others act."""
WHOLE_FACES = 0.3
"""Of the acts; the others are of a mouth, of brows, or of both apart, in these shares:"""
PARTS = (0.5, 0.2, 0.3)
SECOND_ACT = 0.25
"""How often a mouth does two things, as it does in speech."""


@dataclass
class Angles:
    """Yaw, pitch and roll in degrees (see :func:`training.head.portrait.rotation`)."""

    yaw: float
    pitch: float
    roll: float


def draw_angles(rng: Rng, pitch_limit: float = PITCH_LIMIT) -> Angles:
    """A head's direction: all of the range is visited, the front most."""
    kind = rng.choice(3, p=YAW_SHARES)
    if kind == 0:
        yaw = rng.normal(0, 15)
    elif kind == 1:
        yaw = rng.uniform(-60, 60)
    else:
        yaw = rng.uniform(45, YAW_LIMIT) * rng.choice([-1, 1])
    far = FAR_PITCH * pitch_limit / PITCH_LIMIT
    pitch = rng.uniform(-pitch_limit, pitch_limit) if rng.random() < far else rng.normal(0, 14)
    clip = np.clip
    return Angles(
        float(clip(yaw, -YAW_LIMIT, YAW_LIMIT)),
        float(clip(pitch, -pitch_limit, pitch_limit)),
        draw_roll(rng),
    )


def draw_roll(rng: Rng) -> float:
    """Degrees in the picture's plane: mostly upright, at times lying or upside down."""
    kind = rng.random()
    if kind < ANY_ROLL:
        return float(rng.uniform(-180, 180))
    return float(rng.uniform(-50, 50) if kind < ANY_ROLL + FAR_ROLL else rng.normal(0, 12))


def draw_blendshapes(rng: Rng) -> F:
    """Weights ``(52,)`` of a face that talks, smiles, blinks, frowns or does nothing."""
    blendshapes = np.zeros(N_BLENDSHAPES, np.float32)
    if rng.random() < 0.55:  # the jaw, small openings most
        blendshapes[INDEX["jawOpen"]] = (
            rng.beta(0.8, 2.0) if rng.random() < 0.8 else rng.uniform(0.5, 1)
        )
    if rng.random() < 0.12:
        blendshapes[INDEX["mouthClose"]] = blendshapes[INDEX["jawOpen"]] * rng.uniform(0.2, 1)
    for _ in range(rng.poisson(1.0)):
        blendshapes[INDEX[MOUTHS[rng.integers(len(MOUTHS))]]] = rng.beta(1, 1.5)
    for left, right in PAIRS:
        if rng.random() < 0.16:
            weight = rng.beta(1, 1.3)
            lean = rng.normal(0, 0.15) if rng.random() < 0.8 else rng.normal(0, 0.7)
            blendshapes[left] = np.clip(weight * (1 + lean), 0, 1)
            blendshapes[right] = np.clip(weight * (1 - lean), 0, 1)
    if rng.random() < 0.35:  # a smile moves several at once
        smile = rng.beta(1.3, 1.3)
        for name in ("mouthSmileLeft", "mouthSmileRight"):
            blendshapes[INDEX[name]] = np.clip(smile * rng.normal(1, 0.1), 0, 1)
        for name in (
            "cheekSquintLeft",
            "cheekSquintRight",
            "mouthUpperUpLeft",
            "mouthUpperUpRight",
        ):
            blendshapes[INDEX[name]] = max(blendshapes[INDEX[name]], smile * rng.uniform(0, 0.7))
    blink = rng.random()
    if blink < 0.22:  # both eyes, fully or on their way
        both = rng.uniform(0.7, 1) if rng.random() < 0.6 else rng.uniform(0, 1)
        blendshapes[INDEX["eyeBlinkLeft"]] = np.clip(both + rng.normal(0, 0.03), 0, 1)
        blendshapes[INDEX["eyeBlinkRight"]] = np.clip(both + rng.normal(0, 0.03), 0, 1)
    elif blink < 0.28:
        blendshapes[INDEX[rng.choice(["eyeBlinkLeft", "eyeBlinkRight"])]] = rng.uniform(0.3, 1)
    for side in ("Left", "Right"):
        if blendshapes[INDEX[f"eyeBlink{side}"]] > 0.3:
            blendshapes[INDEX[f"eyeWide{side}"]] = 0
    if rng.random() < 0.3:
        blendshapes[INDEX["browInnerUp"]] = rng.beta(1, 1.3)
    blendshapes[INDEX["tongueOut"]] = rng.beta(2, 1) if rng.random() < 0.01 else 0
    return blendshapes


def draw_expression(rng: Rng) -> F:
    """Weights ``(52,)`` of a face: at rest, in an act of its mouth, its brows or the whole of it, or any mixture.

    Mixtures alone teach a network little of what faces do on purpose, and nothing of rest: it then says a little of
    everything. Opposite weights never go together (:func:`.acts.consistent`).
    """
    acts, kind = load_acts(), rng.random()
    mixture = draw_blendshapes(rng)
    if kind < MIXTURES:
        return consistent(mixture)
    blendshapes = np.where(EYES, mixture, 0).astype(np.float32)  # eyes blink in every mood
    if kind < MIXTURES + AT_REST:
        return consistent(blendshapes)
    if rng.random() < WHOLE_FACES:
        blendshapes = np.maximum(blendshapes, draw_act(rng, acts.whole))
    else:
        doing = rng.choice(3, p=PARTS)
        if doing != 1:
            blendshapes = np.maximum(blendshapes, draw_act(rng, acts.mouth))
            if rng.random() < SECOND_ACT:
                blendshapes = np.maximum(blendshapes, 0.6 * draw_act(rng, acts.mouth))
        if doing != 0:
            blendshapes = np.maximum(blendshapes, draw_act(rng, acts.brows))
    return consistent(blendshapes)


def draw_gaze(rng: Rng) -> tuple[float, float]:
    """Rotation of both eyes: to the subject's left and up, in radians."""
    if rng.random() < 0.45:
        return 0.0, 0.0
    return float(np.clip(rng.normal(0, 0.26), -0.55, 0.55)), float(
        np.clip(rng.normal(0, 0.18), -0.45, 0.4)
    )


def set_eye_look(blendshapes: F, to_left: float, up: float) -> F:
    """The same weights ``(52,)`` with the eight eyeLook blendshapes set from a gaze in radians."""
    return set_gaze(blendshapes[None], np.full((1, 2, 2), [to_left, up], np.float32))[0]


@dataclass
class Light:
    """A sky and a lamp.

    Attributes:
        ambient: ``(3,)`` light from everywhere.
        lamp: ``(3,)`` strength of the lamp.
        direction: ``(3,)`` unit vector toward the lamp, in camera axes.
        wrap: how far the lamp's light reaches around the terminator, 0 hard to 1 soft.
    """

    ambient: F
    lamp: F
    direction: F
    wrap: float

    def on(self, normals: F) -> F:
        """Factor ``(V, 3)`` on the colour of surfaces with these normals ``(V, 3)``."""
        cosine = (normals @ self.direction + self.wrap) / (1 + self.wrap)
        return (self.ambient + np.clip(cosine, 0, None)[:, None] * self.lamp).astype(np.float32)


def draw_light(rng: Rng) -> Light:
    """Soft light from the front most, and side light, top light and near darkness."""
    if rng.random() < 0.45:
        direction = np.array([rng.normal(0, 0.5), rng.normal(0.4, 0.4), 1.0])
    else:
        direction = rng.normal(size=3) + [0, 0.3, 0.3]
    direction /= np.linalg.norm(direction)
    ambient = rng.beta(2, 2)
    lamp = rng.uniform(0.4, 1.3) * (1.15 - ambient)
    tints = 1 + rng.normal(0, 0.06, (2, 3))
    return Light(
        (ambient * tints[0]).astype(np.float32),
        (lamp * tints[1]).astype(np.float32),
        direction.astype(np.float32),
        float(rng.uniform(0, 0.6)),
    )
