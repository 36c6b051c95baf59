# SPDX-License-Identifier: GPL-3.0-or-later
"""A lamp with its shadow map, and how made-up people are lit."""

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .environments import EVEN, HEADINGS, Environment, harmonics
from .sampling import Light
from .vertex_kernels import light_vertices, transform_points

F = NDArray[np.float32]
Rng = np.random.Generator

CELLS = 160
"""Of a shadow map, along each side."""
SPAN = 0.34
"""A shadow map covers so many metres around the head, cells of 2.1 mm."""
CLEARANCE = 0.003
"""Surfaces so near (metres) behind what the map shows are lit."""
STRONGEST, RIM = 2.2, 1.1
"""The lamp's greatest strength before the face and behind it, over light that shows colours as they are."""

# All below was chosen by eye.
BURNT, DIM, HALF_DARK = 0.06, 0.04, 0.12
"""Shares of faces in too much light, in too little, and lit from one side only."""
USUAL_LIGHT, BURNT_LIGHT, DIM_LIGHT = (-0.05, 0.3), (2.2, 5.0), (0.18, 0.4)
"""Light on the face over that which shows colours as they are: middle and spread of its logarithm; ranges."""
FRONT = np.array([[0.0, 0.15, 0.99], [0.5, 0.2, 0.84], [-0.5, 0.2, 0.84]], np.float32)
"""Normals of a face, camera axes, by which it is told: brow and both cheeks."""
LEAST_MET = 0.25
"""Light that a face is taken to meet at least, so that one in the shade is not brightened without end."""
LEFT_AROUND, LEFT_WRAP = 0.12, 0.3
"""What half darkness leaves of the light from everywhere, and of how far the lamp reaches around."""
IN_A_PLACE, EVENED = 0.7, 0.5
"""Shares of people who stand in a place, and of places whose light's colours are brought nearer to grey."""
PLAIN_ABOVE, PLAIN_BEFORE, PLAIN_ASIDE, PLAIN_TINT = (-0.3, 1.2), (0.2, 0.4), 0.4, 0.06
"""Of plain light, its harmonics from above, before and aside over the even one: range, middle and spread, spread;
and the spread of its colour."""
AROUND, DARK_AROUND = (1.6, 1.4), (0.02, 0.12)
"""Share of the light that comes from everywhere: a beta distribution, and the range in half darkness."""
LAMP, LAMP_TINT, WRAP = (0.8, 1.6), 0.08, (0.0, 0.35)
"""Strength of the lamp over the rest, spread of its colour, and how far its light reaches around."""


@dataclass
class Lamp:
    """A far lamp; all vertices in camera axes, metres.

    Attributes:
        toward: ``(3,)`` unit vector to the lamp.
        nearest: ``(n, n)`` shadow map.
    """

    toward: F
    nearest: F = field(default_factory=lambda: np.full((CELLS, CELLS), -1e9, np.float32))

    @cached_property
    def matrix(self) -> F:
        """``(3, 4)`` from camera axes to the shadow map: columns, rows, nearness to the lamp."""
        aside = np.array([0.0, 1.0, 0.0]) if abs(self.toward[1]) < 0.9 else np.array([1.0, 0, 0])
        x = np.cross(aside, self.toward)
        x /= np.linalg.norm(x)
        y = np.cross(self.toward, x)
        cell = SPAN / CELLS
        axes = np.stack([x / cell, y / cell, self.toward])
        return np.column_stack([axes, [CELLS / 2, CELLS / 2, 0]]).astype(np.float32)

    def places(self, vertices: F) -> F:
        """Vertices ``(n, 3)`` in the shadow map."""
        out = np.empty_like(vertices)
        transform_points(vertices, self.matrix, out)
        return out

    def receivers(self, vertices: F, normals: F, clearance: float = CLEARANCE) -> F:
        """Where surfaces look up whether they are lit: a little off themselves."""
        out = self.places(vertices + np.float32(clearance) * normals)
        out[:, 2] += np.float32(CLEARANCE)
        return out


@dataclass(frozen=True)
class Surroundings:
    """Light from everywhere and from a lamp.

    Attributes:
        around: ``(9, 3)`` coefficients of :func:`~training.generator.environments.harmonics`.
        lamp: ``(3,)`` its colour and strength.
        toward: ``(3,)`` unit vector to it, camera axes.
        wrap: how far its light reaches around the terminator.
        place, heading: where it is, or nothing.
    """

    around: F
    lamp: F
    toward: F
    wrap: float
    environment: Environment | None
    heading: int

    def on(self, normals: F) -> tuple[F, F]:
        """Light from around ``(n, 3)`` and cosine of the lamp's ``(n,)`` on surfaces."""
        ambient, direct = np.empty_like(normals), np.empty(len(normals), np.float32)
        light_vertices(normals, self.around, self.toward, self.wrap, ambient, direct)
        return ambient, direct


def half_dark(light: Light) -> Light:
    """The same lamp with next to no light from elsewhere."""
    return replace(
        light, ambient=light.ambient * np.float32(LEFT_AROUND), wrap=light.wrap * LEFT_WRAP
    )


def draw_surroundings(rng: Rng, environments: list[Environment], toward: F) -> Surroundings:
    """Light of a place or a plain one; at times half dark, dim or burnt out.

    Args:
        rng: draws it.
        environments: to choose from.
        toward: ``(3,)`` direction of the lamp, blendshape.
    """
    place = None
    if environments and rng.random() < IN_A_PLACE:
        place = environments[rng.integers(len(environments))]
    heading = int(rng.integers(HEADINGS))
    around = np.zeros((9, 3), np.float32)
    if place is not None:
        around = place.light[heading].copy()
        if rng.random() < EVENED:
            around += (around.mean(axis=1, keepdims=True) - around) * rng.uniform(0, 1)
    else:
        around[0] = 1 / EVEN
        around[1] = rng.uniform(*PLAIN_ABOVE)
        around[2] = rng.normal(*PLAIN_BEFORE)
        around[3] = rng.normal(0, PLAIN_ASIDE)
        around *= 1 + rng.normal(0, PLAIN_TINT, 3)
    share = rng.beta(*AROUND)
    if rng.random() < HALF_DARK:
        share = rng.uniform(*DARK_AROUND)
    lamp = (1 - share) * rng.uniform(*LAMP) * (1 + rng.normal(0, LAMP_TINT, 3))
    around = around * share
    facing = np.clip(FRONT @ toward, 0, None)
    met = np.maximum(harmonics(FRONT) @ around, 0).mean(axis=1) + facing * lamp.mean()
    wanted = float(np.exp(rng.normal(*USUAL_LIGHT)))
    kind = rng.random()
    if kind < BURNT:
        wanted = rng.uniform(*BURNT_LIGHT)
    elif kind < BURNT + DIM:
        wanted = rng.uniform(*DIM_LIGHT)
    gain = wanted / max(float(met.max() + met.mean()) / 2, LEAST_MET)
    lamp *= gain
    most = (STRONGEST if toward[2] > 0 else RIM) * max(1.0, wanted / 2)
    lamp *= min(1.0, most / float(lamp.max()))
    return Surroundings(
        (around * gain).astype(np.float32), lamp.astype(np.float32), toward,
        float(rng.uniform(*WRAP)) * float(toward[2] > 0), place, heading,
    )  # fmt: skip
