# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is drawn: skin, age, brows, hair, beard, clothes and hats that go together loosely."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from mien.core.model.head import Head
from numpy.typing import NDArray

from .anatomy import Anatomy
from .people_assets import NOTHING, Part, PeopleAssets
from .shadow_kernels import cast, lit_by_lamp
from .synthetic import HAIRS, SKINS, soft_noise

F = NDArray[np.float32]
U8 = NDArray[np.uint8]
Rng = np.random.Generator

CHILD, OLD = 0.16, 0.2
"""Shares of children and of old people."""
LIGHTER = 1.35
"""Skins are drawn from light to dark by a uniform number to this power: the lighter half is in most
photos, and its share here is 0.6."""
GREYEST = 0.6
"""Linear brightness of white hair; brighter burns out in any light."""
# Styles of hair that leave the face free more often than those that hang over it.
STYLES = {"short01": 3.0, "short02": 3.0, "short03": 2.5, "short04": 3.0, "bob02": 1.2,
          "long01": 1.6, "ponytail01": 2.0, "braid01": 1.6, "afro01": 1.2}  # fmt: skip
FRIZZY = "afro01"
"""Worn by either sex, and mostly under dark skin."""
LONG = ("bob02", "long01", "ponytail01", "braid01")
"""Styles that mostly women wear."""
BALD, CAP, SCARF, HAT = 0.10, 0.07, 0.05, 0.05
"""Shares of people without hair, with a cap, a scarf and a hat (chosen by eye)."""
FACE_UV = (slice(0.42, 0.62), slice(0.77, 0.93))
"""Rows and columns of the skin's texture where the face is, as shares of its side."""
BROWN = "brownlight"
"""The iris of MakeHuman that is darkened to all shades of brown."""
IRIS_RADIUS = 0.115 / 0.58
"""Radius of the iris in the prepared textures of eyes, as a share of their side."""
RAYS = 96
"""Lamps by which it is told how open to light each vertex is (chosen by eye)."""


@dataclass
class Person:
    """How a made-up person looks.

    Attributes:
        skin: BGR texture; tint: ``(3,)`` linear factor on it; blotches: ``(V, 3)`` likewise.
        paint: ``(V,)`` share of the hair's colour painted on the skin.
        hair_colour: ``(3,)`` linear.
        hair, brow, lash, clothes, hat: parts or nothing.
        brow_colour, lash_colour: ``(3,)``; brow_thick: factor on alpha; brow_lift: metres upward.
        cover: ``(V,)`` where a cap or scarf lies over the skin, 0 to 1; lift: metres off it.
        cloth: ``(n, n, 3)`` texture of a cap or scarf; cloth_tint: ``(3,)`` of clothes.
        iris: texture; iris_angle: its radius seen from the eyeball's centre.
        gloss: of the skin.
        teeth: brightness.
    """

    skin: U8
    tint: F
    blotches: F
    paint: F
    hair_colour: F
    hair: Part | None
    brow: Part | None
    brow_colour: F
    brow_thick: float
    brow_lift: float
    lash: Part | None
    lash_colour: F
    clothes: Part | None
    cloth_tint: F
    hat: Part | None
    cover: F
    lift: float
    cloth: U8
    iris: U8
    iris_angle: float
    gloss: float
    teeth: float


class PersonSampler:
    """Draws people out of the assets."""

    def __init__(self, assets: PeopleAssets, anatomy: Anatomy) -> None:
        self.assets, self.anatomy = assets, anatomy
        self._tones = {name: _tone(skin) for name, skin in assets.skins.items()}

    @cached_property
    def openness(self) -> F:
        """How much of the surroundings each vertex of the mean head sees, 0 to 1."""
        return _openness(self.anatomy.head, self.anatomy.triangles)

    @cached_property
    def scarf(self) -> F:
        """Where a scarf around the head lies: all but the face, 0 to 1 ``(V,)``."""
        head = self.anatomy.head
        marks = np.einsum("kc,kcx->kx", head.landmark_weights, head.vertices[head.landmark_corners])
        x, y, z = head.vertices.T
        low, high = marks[8, 1] - 0.004, marks[19, 1] + 0.035
        middle, half = (low + high) / 2, (high - low) / 2
        oval = np.sqrt((x / 0.068) ** 2 + ((y - middle) / half) ** 2)
        out = np.clip((oval - 0.95) / 0.12, 0, 1)
        out[z < 0.01] = 1
        out[self.anatomy.inside | self.anatomy.eyes] = 0
        return out.astype(np.float32)

    def identity(self, rng: Rng, identity: F) -> tuple[F, str]:
        """The identity made younger or older, and ``child``, ``young``, ``middleage`` or ``old``."""
        kind = rng.random()
        if kind < CHILD:
            return (0.7 * identity + rng.uniform(0.5, 1.0) * self.assets.child), "child"
        if kind < CHILD + OLD:
            return (identity + rng.uniform(0.4, 1.0) * self.assets.old), "old"
        return identity, "young" if kind < 0.7 else "middleage"

    def draw(self, rng: Rng, age: str) -> Person:
        """Draw how somebody of that age looks."""
        anatomy, assets = self.anatomy, self.assets
        n = len(anatomy.mirror)
        place = rng.uniform() ** LIGHTER * (len(SKINS) - 1.01)
        step = int(place)
        tone = (SKINS[step] + (place - step) * (SKINS[step + 1] - SKINS[step])) / 255
        name = self._skin(rng, age, dark=step >= 3)
        female = "female" in name or (age == "child" and rng.random() < 0.5)
        own = self._tones[name]
        tint = np.clip((tone**2 / own) ** rng.uniform(0.4, 1.0), 0.25, 2.5)
        tint *= 1 + rng.normal(0, 0.04, 3)
        blotches = 1 + 0.05 * soft_noise(rng, anatomy, 20)[:, None] * np.ones(3, np.float32)
        blotches[:, 2] += 0.04 * soft_noise(rng, anatomy, 8)
        if female and age != "child" and rng.random() < 0.4:  # lipstick
            blotches[anatomy.lips] *= rng.uniform(0.3, 0.9, 3) * [0.8, 0.7, 1.2]
        grey = age == "old" or (age == "middleage" and rng.random() < 0.2)
        shade = HAIRS[
            rng.integers(5, 7) if grey and rng.random() < 0.8 else rng.integers(len(HAIRS))
        ]
        if step >= 4 and rng.random() < 0.8 and not grey:
            shade = HAIRS[rng.integers(0, 3)]
        hair = np.minimum(((shade * rng.uniform(0.6, 1.25)) / 255) ** 2, GREYEST)
        paint = np.zeros(n, np.float32)
        if not female and age != "child" and rng.random() < 0.45:
            patches = np.clip(0.75 + 0.4 * soft_noise(rng, anatomy, 6), 0, 1)
            paint = anatomy.beard * rng.uniform(0.15, 1.0) * patches
            if rng.random() < 0.25:  # a moustache, or a chin's beard only
                marks = anatomy.head.vertices[anatomy.lips, 1]
                above = anatomy.head.vertices[:, 1] > marks.mean()
                paint = paint * (above if rng.random() < 0.5 else ~above)
        style, cover, hat, part = rng.random(), np.zeros(n, np.float32), None, None
        if style < CAP:
            cover = np.clip(anatomy.crown * 2, 0, 1)
        elif style < CAP + SCARF:
            cover = self.scarf
        elif style < CAP + SCARF + HAT and assets.hats:
            hat = assets.hats[rng.integers(len(assets.hats))]
            paint = np.maximum(paint, anatomy.crown * rng.uniform(0, 1))
        elif rng.random() < (0.02 if female else BALD):
            paint = np.maximum(paint, anatomy.crown * rng.choice([0, rng.uniform(0, 0.8)]))
        else:
            part = self._hair(rng, female, dark=step >= 4)
            paint = np.maximum(paint, np.clip(anatomy.crown * 2 - 0.3, 0, 1))
        brow = assets.brows[rng.integers(len(assets.brows))]
        lash = assets.lashes[rng.integers(len(assets.lashes))]
        return Person(
            assets.skins[name], tint.astype(np.float32), blotches.astype(np.float32),
            paint.astype(np.float32), hair.astype(np.float32), part,
            brow if rng.random() < 0.96 else None,
            np.minimum(hair * rng.uniform(0.3, 1.0), 0.25).astype(np.float32),
            float(rng.uniform(0.6, 2.2)),
            float(rng.normal(0.0009, 0.0008)),
            lash if rng.random() < (0.95 if female else 0.7) else None,
            np.full(3, rng.uniform(0.002, 0.03), np.float32),
            assets.clothes[rng.integers(len(assets.clothes))] if rng.random() < 0.93 else None,
            rng.uniform(0.2, 1.5, 3).astype(np.float32), hat, cover.astype(np.float32),
            float(rng.uniform(0.003, 0.014)), _cloth(rng), self._iris(rng, step),
            float(rng.uniform(0.37, 0.46)), float(abs(rng.normal(0, 0.12))),
            float(rng.uniform(0.55, 1.15)),
        )  # fmt: skip

    def _skin(self, rng: Rng, age: str, dark: bool) -> str:
        wanted = "dark" if dark else "light"
        years = "young" if age == "child" else age
        names = [n for n in self._tones if wanted in n]
        near = [n for n in names if n.startswith(years)]
        return str(rng.choice(near or names))

    def _iris(self, rng: Rng, step: int) -> U8:
        brown = rng.random() < (0.93 if step >= 3 else 0.45)
        found = self.assets.irises
        if not brown:
            return found[str(rng.choice(sorted(found)))]
        return darkened(found[BROWN], float(rng.uniform(0.12, 1.0)))

    def _hair(self, rng: Rng, female: bool, dark: bool) -> Part:
        names = [n for n in self.assets.hair if n in STYLES]
        suits = [dark if n == FRIZZY else (n in LONG) == female for n in names]
        chance = np.array([STYLES[n] for n in names]) * np.where(suits, 3.0, 0.35)
        return self.assets.hair[str(rng.choice(names, p=chance / chance.sum()))]


def darkened(eye: U8, factor: float) -> U8:
    """The eye with a darker iris."""
    side = len(eye)
    at = (np.arange(side) + 0.5) / side - 0.5
    away = np.hypot(at[:, None], at)
    share = np.clip((away / IRIS_RADIUS - 0.95) * 10, 0, 1)[..., None]
    return (eye * (factor + (1 - factor) * share)).astype(np.uint8)


def _tone(skin: U8) -> F:
    side = len(skin)
    rows, columns = (slice(int(s.start * side), int(s.stop * side)) for s in FACE_UV)
    part = skin[rows, columns].reshape(-1, 3).astype(np.float32) / 255
    return np.asarray((part**2).mean(axis=0), np.float32)


def _cloth(rng: Rng) -> U8:
    """Plain, striped or checked, ``(96, 96, 3)``."""
    side = 96
    base = rng.uniform(5, 240, 3)
    out = np.tile(base, (side, side, 1))
    kind = rng.random()
    if kind < 0.5:
        period = int(rng.integers(3, 14))
        stripes = (np.arange(side) // period) % 2 == 0
        other = rng.uniform(5, 240, 3)
        if kind < 0.3:
            out[stripes] = other
        if kind > 0.2:
            out[:, stripes] = (out[:, stripes] + other) / 2
    out *= 1 + rng.normal(0, 0.08, (side, side, 1))
    return np.clip(out, 0, 255).astype(np.uint8)


def _openness(head: Head, triangles: NDArray[np.int32]) -> F:
    """Ambient occlusion by the shadow maps of many lamps."""
    from .kernels import vertex_normals
    from .lighting import Lamp

    rng = np.random.default_rng(0)
    vertices = head.vertices
    normals = vertex_normals(vertices, triangles)
    seen, total = np.zeros(len(vertices)), np.zeros(len(vertices))
    for _ in range(RAYS):
        toward = rng.normal(size=3)
        lamp = Lamp((toward / np.linalg.norm(toward)).astype(np.float32))
        at = lamp.places(vertices)
        cast(at, triangles, np.zeros((len(triangles), 3, 2), np.float32), NOTHING, lamp.nearest,
             False)  # fmt: skip
        facing = np.clip(normals @ lamp.toward, 0, None)
        seen += facing * lit_by_lamp(lamp.nearest, lamp.receivers(vertices, normals))
        total += facing
    return np.clip(seen / (total + 1e-6), 0, 1).astype(np.float32)
