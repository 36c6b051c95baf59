# SPDX-License-Identifier: GPL-3.0-or-later
"""How poses, expressions and lights are distributed in the training samples."""

from dataclasses import dataclass

import numpy as np
from mien.core.model.arkit import ARKIT_BLENDSHAPES, N_BLENDSHAPES
from mien.core.model.gaze import set_gaze
from numpy.typing import NDArray

from . import shares
from .acts import consistent, draw_act, load_acts

F = NDArray[np.float32]
Rng = np.random.Generator

INDEX = {name: i for i, name in enumerate(ARKIT_BLENDSHAPES)}
"""Where each of the 52 stands."""
PAIRS = [
    (INDEX[n], INDEX[n[: -len("Left")] + "Right"]) for n in ARKIT_BLENDSHAPES if n.endswith("Left")
    and not n.startswith(("eyeLook", "jaw")) and n not in ("mouthLeft",)
]  # fmt: skip
"""What both sides have and moves without the gaze or the jaw: places of left and right."""
# Blendshapes that are drawn in groups, as a talking or feeling face uses them.
MOUTHS = ("mouthFunnel", "mouthPucker", "mouthLeft", "mouthRight", "mouthRollLower", "mouthRollUpper",
          "mouthShrugLower", "mouthShrugUpper", "jawLeft", "jawRight", "jawForward", "cheekPuff")  # fmt: skip


EYES = np.array([name.startswith("eye") for name in ARKIT_BLENDSHAPES])
"""Which of the 52 are of lids and gaze."""


@dataclass
class Angles:
    """Yaw, pitch and roll in degrees (see :func:`training.head.portrait.rotation`)."""

    yaw: float
    pitch: float
    roll: float


def draw_angles(rng: Rng, pitch_limit: float = shares.PITCH_LIMIT) -> Angles:
    """A head's direction: all of the range is visited, the front most."""
    kind = rng.choice(3, p=shares.YAW_SHARES)
    if kind == 0:
        yaw = rng.normal(0, shares.FRONT_YAW)
    elif kind == 1:
        yaw = rng.uniform(-shares.ANY_YAW, shares.ANY_YAW)
    else:
        yaw = rng.uniform(shares.SIDE_YAW, shares.YAW_LIMIT) * rng.choice([-1, 1])
    far = shares.FAR_PITCH * pitch_limit / shares.PITCH_LIMIT
    pitch = (
        rng.uniform(-pitch_limit, pitch_limit)
        if rng.random() < far
        else rng.normal(0, shares.PITCH_SPREAD)
    )
    clip = np.clip
    return Angles(
        float(clip(yaw, -shares.YAW_LIMIT, shares.YAW_LIMIT)),
        float(clip(pitch, -pitch_limit, pitch_limit)),
        draw_roll(rng),
    )


def draw_roll(rng: Rng) -> float:
    """Degrees in the picture's plane: mostly upright, at times lying or upside down."""
    kind = rng.random()
    if kind < shares.ANY_ROLL:
        return float(rng.uniform(-180, 180))
    return float(
        rng.uniform(-shares.ROLL_LIMIT, shares.ROLL_LIMIT)
        if kind < shares.ANY_ROLL + shares.FAR_ROLL
        else rng.normal(0, shares.ROLL_SPREAD)
    )


def draw_blendshapes(rng: Rng) -> F:
    """Weights ``(52,)`` of a face that talks, smiles, blinks, frowns or does nothing."""
    blendshapes = np.zeros(N_BLENDSHAPES, np.float32)
    if rng.random() < shares.JAW.share:
        blendshapes[INDEX["jawOpen"]] = shares.JAW_REACH * (
            shares.JAW.weight(rng)
            if rng.random() < 1 - shares.JAW_WIDE
            else rng.uniform(*shares.WIDE_JAW)
        )
    if rng.random() < shares.CLOSED_OVER_JAW:
        blendshapes[INDEX["mouthClose"]] = blendshapes[INDEX["jawOpen"]] * rng.uniform(
            *shares.CLOSED_BY
        )
    for _ in range(rng.poisson(shares.MOUTH.share)):
        blendshapes[INDEX[MOUTHS[rng.integers(len(MOUTHS))]]] = shares.MOUTH.weight(rng)
    for left, right in PAIRS:
        if rng.random() < shares.PAIR.share:
            weight = shares.PAIR.weight(rng)
            lean = (
                rng.normal(0, shares.LEAN)
                if rng.random() < shares.OFTEN_EVEN
                else rng.normal(0, shares.STRONG_LEAN)
            )
            blendshapes[left] = np.clip(weight * (1 + lean), 0, 1)
            blendshapes[right] = np.clip(weight * (1 - lean), 0, 1)
    if rng.random() < shares.SMILE.share:
        smile = shares.SMILE.weight(rng)
        for name in ("mouthSmileLeft", "mouthSmileRight"):
            blendshapes[INDEX[name]] = np.clip(smile * rng.normal(1, shares.SMILE_SIDES), 0, 1)
        for name in (
            "cheekSquintLeft",
            "cheekSquintRight",
            "mouthUpperUpLeft",
            "mouthUpperUpRight",
        ):
            blendshapes[INDEX[name]] = max(
                blendshapes[INDEX[name]], smile * rng.uniform(0, shares.SMILE_MORE)
            )
    blink = rng.random()
    if blink < shares.BLINK:  # both eyes, fully or on their way
        both = rng.uniform(*shares.SHUT) if rng.random() < shares.BLINK_SHUT else rng.uniform(0, 1)
        blendshapes[INDEX["eyeBlinkLeft"]] = np.clip(both + rng.normal(0, shares.BLINK_SIDES), 0, 1)
        blendshapes[INDEX["eyeBlinkRight"]] = np.clip(
            both + rng.normal(0, shares.BLINK_SIDES), 0, 1
        )
    elif blink < shares.BLINK + shares.WINK:
        blendshapes[INDEX[rng.choice(["eyeBlinkLeft", "eyeBlinkRight"])]] = rng.uniform(
            *shares.WINKED
        )
    for side in ("Left", "Right"):
        if blendshapes[INDEX[f"eyeBlink{side}"]] > shares.SEEN_SHUT:
            blendshapes[INDEX[f"eyeWide{side}"]] = 0
    if rng.random() < shares.BROW_UP.share:
        blendshapes[INDEX["browInnerUp"]] = shares.BROW_UP.weight(rng)
    blendshapes[INDEX["tongueOut"]] = (
        shares.TONGUE.weight(rng) if rng.random() < shares.TONGUE.share else 0
    )
    return blendshapes


def draw_expression(rng: Rng) -> F:
    """Weights ``(52,)`` of a face: at rest, in an act of its mouth, its brows or the whole of it, or any mixture.

    Mixtures alone teach a network little of what faces do on purpose, and nothing of rest: it then says a little of
    everything. Opposite weights never go together (:func:`.acts.consistent`).
    """
    acts, kind = load_acts(), rng.random()
    mixture = draw_blendshapes(rng)
    if kind < shares.MIXTURES:
        return consistent(mixture)
    blendshapes = np.where(EYES, mixture, 0).astype(np.float32)  # eyes blink in every mood
    if kind < shares.MIXTURES + shares.AT_REST:
        return consistent(blendshapes)
    if rng.random() < shares.WHOLE_FACES:
        blendshapes = np.maximum(blendshapes, draw_act(rng, acts.whole))
    else:
        doing = rng.choice(3, p=shares.PARTS)
        if doing != 1:
            blendshapes = np.maximum(blendshapes, draw_act(rng, acts.mouth))
            if rng.random() < shares.SECOND_ACT:
                blendshapes = np.maximum(
                    blendshapes, shares.SECOND_STRENGTH * draw_act(rng, acts.mouth)
                )
        if doing != 0:
            blendshapes = np.maximum(blendshapes, draw_act(rng, acts.brows))
    return consistent(blendshapes)


def draw_gaze(rng: Rng) -> tuple[float, float]:
    """Rotation of both eyes: to the subject's left and up, in radians."""
    if rng.random() < shares.AHEAD:
        return 0.0, 0.0
    sideways, up = (
        float(np.clip(rng.normal(0, spread), *limit))
        for spread, limit in zip(shares.GAZE_SPREAD, shares.GAZE_LIMIT, strict=True)
    )
    return sideways, up


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
    if rng.random() < shares.FRONT_LIGHT:
        aside = rng.normal(0, shares.FRONT_ASIDE)
        direction = np.array([aside, rng.normal(shares.FRONT_ABOVE, shares.FRONT_SPREAD), 1.0])
    else:
        direction = rng.normal(size=3) + shares.ELSEWHERE
    direction /= np.linalg.norm(direction)
    ambient = rng.beta(*shares.AROUND)
    lamp = rng.uniform(*shares.LAMP) * (shares.WHOLE_LIGHT - ambient)
    tints = 1 + rng.normal(0, shares.TINT, (2, 3))
    return Light(
        (ambient * tints[0]).astype(np.float32),
        (lamp * tints[1]).astype(np.float32),
        direction.astype(np.float32),
        float(rng.uniform(0, shares.SOFTEST)),
    )
