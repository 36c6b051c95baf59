# SPDX-License-Identifier: GPL-3.0-or-later
"""One sample as a recipe: who, how turned, with what face, under what light, framed how."""

from dataclasses import dataclass, field, replace

import numpy as np
from mien.core.model.crop import LANDMARK_MARGIN
from mien.core.model.params import CROP_SIZE, N_IDENTITY
from numpy.typing import NDArray

from ..head.portrait import rotation
from .anatomy import Anatomy
from .lighting import half_dark
from .neighbouring_frames import ROLL_STEP, SCALE_STEP, SHIFT_STEP, TURN_STEP
from .sampling import (
    Angles,
    Light,
    draw_angles,
    draw_expression,
    draw_gaze,
    draw_light,
    set_eye_look,
)
from .shares import PEOPLE_PITCH, YAW_LIMIT

F = NDArray[np.float32]
Rng = np.random.Generator


TRACKED = 0.8
"""Share of crops as a tracker frames them. The scale that is said of a face spreads with that of its frames, and a
finder's rough frames are only ever the first of a take."""
TRACKED_SIZE, TRACKED_SHIFT = 0.05, 0.025
"""Spreads of a tracked crop's size (logarithm) and place (shares of its side);"""
FOUND_LARGER, FOUND_SIZE, FOUND_SHIFT = 0.02, 0.13, 0.06
"""the same of a finder's crops, which are a little larger by the median (all chosen by eye)."""
SIZES = (0.7, 1.5)
"""Limits of a crop's side over that of the rule: beyond them a face is not read."""
IDENTITY_SPREAD = 0.9
"""Standard deviation of the traits of made-up heads: few are as odd as the prior allows (chosen by eye)."""
HALF_DARK = 0.08
"""Share of re-posed and painted heads that the lamp lights from one side only."""


@dataclass(frozen=True)
class Framing:
    """How far a crop misses the rule, as trackers and finders do.

    Attributes:
        size: side of the crop over that of the rule.
        shift: ``(2,)`` offset of the crop's centre as a share of its side.
    """

    size: float
    shift: F


def draw_framing(rng: Rng) -> Framing:
    """Mostly as a tracker frames a face, sometimes as roughly as a finder does."""
    if rng.random() < TRACKED:
        size, spread = np.exp(rng.normal(0, TRACKED_SIZE)), TRACKED_SHIFT
    else:
        size, spread = np.exp(rng.normal(FOUND_LARGER, FOUND_SIZE)), FOUND_SHIFT
    return Framing(float(np.clip(size, *SIZES)), rng.normal(0, spread, 2).astype(np.float32))


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a picture of a head but for its lens.

    Attributes:
        identity: ``(40,)``; units: ``(52,)`` with gaze in them; gaze: to the left and up, radians.
        angles: of the head.
        framing: of the crop.
        light: on the head.
        seed: of the random details that stay the same within a clip.
    """

    identity: F
    blendshapes: F
    gaze: tuple[float, float]
    angles: Angles
    framing: Framing
    light: Light
    seed: int
    extra: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Placed:
    """A head in its crop.

    Attributes:
        shape: ``(V, 3)`` model space.
        transform: ``(3, 4)`` T to crop space.
        turn: ``(3, 3)`` its rotation.
    """

    shape: F
    transform: F
    turn: F


def place(anatomy: Anatomy, recipe: Recipe) -> Placed:
    """Shape the head and choose T so that the crop frames its landmarks as the recipe says."""
    head = anatomy.head
    flat = head.vertices.ravel() + recipe.identity @ anatomy.identity
    active = np.flatnonzero(recipe.blendshapes)
    if len(active):
        flat = flat + recipe.blendshapes[active] @ anatomy.blendshapes[active]
    shape = flat.reshape(-1, 3)
    angles = recipe.angles
    turn = rotation(*(np.radians(a) for a in (angles.yaw, angles.pitch, angles.roll))).astype(
        np.float32
    )
    landmarks = head.take_landmarks(shape) @ turn.T
    low, high = landmarks[:, :2].min(axis=0), landmarks[:, :2].max(axis=0)
    side = float((high - low).max()) * LANDMARK_MARGIN * recipe.framing.size
    scale = CROP_SIZE / side
    shift = -scale * (low + high) / 2 - recipe.framing.shift * CROP_SIZE
    transform = np.column_stack([scale * turn, [*shift, 0.0]]).astype(np.float32)
    return Placed(shape.astype(np.float32), transform, turn)


CENTRED = 0.8
"""What is left of a crop's shift from frame to frame: a tracker frames the face anew (chosen by eye)."""


def draw_recipe(rng: Rng, kind: str = "painted") -> Recipe:
    """A head's pose, face, gaze and light.

    Args:
        rng: of all that is drawn.
        kind: of the head; made-up people look further up and down.
    """
    gaze = draw_gaze(rng)
    light = draw_light(rng)
    return Recipe(
        identity=rng.normal(0, IDENTITY_SPREAD, N_IDENTITY).astype(np.float32),
        blendshapes=set_eye_look(draw_expression(rng), *gaze),
        gaze=gaze,
        angles=draw_angles(rng, PEOPLE_PITCH) if kind == "people" else draw_angles(rng),
        framing=draw_framing(rng),
        light=half_dark(light) if rng.random() < HALF_DARK else light,
        seed=int(rng.integers(2**31)),
    )


def next_frame(rng: Rng, recipe: Recipe, blendshapes_goal: F, share: float) -> Recipe:
    """The recipe of the following frame: a small motion in and out of the plane.

    Args:
        rng: draws the step within the paper's ranges.
        recipe: the present frame.
        blendshapes_goal: ``(52,)`` the face that the clip moves toward.
        share: how much of the way to it is gone in this step.
    """
    angles, framing = recipe.angles, recipe.framing
    step = rng.uniform(-TURN_STEP, TURN_STEP, 2)
    return replace(
        recipe,
        angles=Angles(
            float(np.clip(angles.yaw + step[0], -YAW_LIMIT, YAW_LIMIT)),
            float(np.clip(angles.pitch + step[1], -PEOPLE_PITCH, PEOPLE_PITCH)),
            angles.roll + float(rng.uniform(-ROLL_STEP, ROLL_STEP)),
        ),
        framing=Framing(
            float(np.clip(framing.size * rng.uniform(1 - SCALE_STEP, 1 + SCALE_STEP), *SIZES)),
            (framing.shift + rng.uniform(-SHIFT_STEP, SHIFT_STEP, 2) / CROP_SIZE).astype(np.float32)
            * np.float32(CENTRED),
        ),
        blendshapes=(recipe.blendshapes + share * (blendshapes_goal - recipe.blendshapes)).astype(
            np.float32
        ),
    )
