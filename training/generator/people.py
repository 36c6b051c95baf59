# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is drawn: skin, age, brows, hair, beard, clothes and hats that go together loosely."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from . import person_shares as shares
from .anatomy import Anatomy
from .people_assets import Part, PeopleAssets
from .people_surfaces import openness, under_scarf
from .people_textures import darkened, draw_cloth, tone_of
from .synthetic import HAIRS, LAST_SKIN, soft_noise, tone_between

F = NDArray[np.float32]
U8 = NDArray[np.uint8]
Rng = np.random.Generator


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
        self._tones = {name: tone_of(skin) for name, skin in assets.skins.items()}

    @cached_property
    def openness(self) -> F:
        """How much of the surroundings each vertex of the mean head sees, 0 to 1."""
        return openness(self.anatomy)

    @cached_property
    def scarf(self) -> F:
        """Where a scarf around the head lies, 0 to 1 ``(V,)``."""
        return under_scarf(self.anatomy)

    def identity(self, rng: Rng, identity: F) -> tuple[F, str]:
        """The identity made younger or older, and ``child``, ``young``, ``middleage`` or ``old``."""
        kind = rng.random()
        if kind < shares.CHILD:
            childish = rng.uniform(*shares.CHILDISH)
            return (shares.CHILDS_OWN * identity + childish * self.assets.child), "child"
        if kind < shares.CHILD + shares.OLD:
            return (identity + rng.uniform(*shares.AGED) * self.assets.old), "old"
        return identity, "young" if kind < shares.YOUNG else "middleage"

    def draw(self, rng: Rng, age: str) -> Person:
        """Draw how somebody of that age looks."""
        anatomy, assets = self.anatomy, self.assets
        n = len(anatomy.mirror)
        step, tone = tone_between(rng.uniform() ** shares.LIGHTER * LAST_SKIN)
        tone = tone / 255
        name = self._skin(rng, age, dark=step >= shares.DARK_SKIN)
        female = "female" in name or (age == "child" and rng.random() < 0.5)
        own = self._tones[name]
        tint = np.clip((tone**2 / own) ** rng.uniform(*shares.TOWARD_TONE), *shares.TINT_LIMITS)
        tint *= 1 + rng.normal(0, shares.TINT_SPREAD, 3)
        uneven = soft_noise(rng, anatomy, shares.BLOTCH_RINGS)[:, None]
        blotches = 1 + shares.BLOTCH * uneven * np.ones(3, np.float32)
        blotches[:, 2] += shares.REDNESS * soft_noise(rng, anatomy, shares.REDNESS_RINGS)
        if female and age != "child" and rng.random() < shares.LIPSTICK:
            red = np.array(shares.LIPSTICK_RED)
            blotches[anatomy.lips] *= rng.uniform(*shares.LIPSTICK_TINT, 3) * red
        grey = age == "old" or (age == "middleage" and rng.random() < shares.GREY_EARLY)
        greyed = grey and rng.random() < shares.GREYED
        shade = HAIRS[rng.integers(*shares.GREYS) if greyed else rng.integers(len(HAIRS))]
        if step >= shares.DARK_HAIR and rng.random() < shares.DARK_WITH_DARK and not grey:
            shade = HAIRS[rng.integers(*shares.DARKS)]
        hair = np.minimum(((shade * rng.uniform(*shares.HAIR_LIGHT)) / 255) ** 2, shares.GREYEST)
        paint = np.zeros(n, np.float32)
        if not female and age != "child" and rng.random() < shares.BEARD:
            paint = self._beard(rng)
        style, cover, hat, part = rng.random(), np.zeros(n, np.float32), None, None
        if style < shares.CAP:
            cover = np.clip(anatomy.crown * shares.CAP_REACH, 0, 1)
        elif style < shares.CAP + shares.SCARF:
            cover = self.scarf
        elif style < shares.CAP + shares.SCARF + shares.HAT and assets.hats:
            hat = assets.hats[rng.integers(len(assets.hats))]
            paint = np.maximum(paint, anatomy.crown * rng.uniform(0, 1))
        elif rng.random() < (shares.BALD_WOMEN if female else shares.BALD):
            stubble = rng.choice([0, rng.uniform(0, shares.STUBBLE)])
            paint = np.maximum(paint, anatomy.crown * stubble)
        else:
            part = self._hair(rng, female, dark=step >= shares.DARK_HAIR)
            scalp = anatomy.crown * shares.HAIRLINE - shares.BELOW_HAIRLINE
            paint = np.maximum(paint, np.clip(scalp, 0, 1))
        brow = assets.brows[rng.integers(len(assets.brows))]
        lash = assets.lashes[rng.integers(len(assets.lashes))]
        return Person(
            assets.skins[name], tint.astype(np.float32), blotches.astype(np.float32),
            paint.astype(np.float32), hair.astype(np.float32), part,
            brow if rng.random() < shares.BROWED else None,
            np.minimum(hair * rng.uniform(*shares.BROW_DARK), shares.BROW_LIGHTEST).astype(np.float32),
            float(rng.uniform(*shares.BROW_THICK)),
            float(rng.normal(shares.BROW_LIFT, shares.BROW_LIFT_SPREAD)),
            lash if rng.random() < (shares.LASHED_WOMEN if female else shares.LASHED_MEN) else None,
            np.full(3, rng.uniform(*shares.LASH_LIGHT), np.float32),
            assets.clothes[rng.integers(len(assets.clothes))] if rng.random() < shares.CLOTHED else None,
            rng.uniform(*shares.CLOTH_TINT, 3).astype(np.float32), hat, cover.astype(np.float32),
            float(rng.uniform(*shares.CLOTH_LIFT)), draw_cloth(rng), self._iris(rng, step),
            float(rng.uniform(*shares.IRIS_ANGLE)), float(abs(rng.normal(0, shares.GLOSS))),
            float(rng.uniform(*shares.TEETH)),
        )  # fmt: skip

    def _beard(self, rng: Rng) -> F:
        """Share of the hair's colour on the skin ``(V,)``; above or below the lips only at times."""
        noise = soft_noise(rng, self.anatomy, shares.PATCH_RINGS)
        patches = np.clip(shares.PATCH_MIDDLE + shares.PATCH_SPREAD * noise, 0, 1)
        paint = self.anatomy.beard * rng.uniform(*shares.BEARD_THICK) * patches
        if rng.random() < shares.PART_BEARD:
            height = self.anatomy.head.vertices[:, 1]
            above = height > height[self.anatomy.lips].mean()
            paint = paint * (above if rng.random() < shares.MOUSTACHE else ~above)
        return np.asarray(paint)

    def _skin(self, rng: Rng, age: str, dark: bool) -> str:
        wanted = "dark" if dark else "light"
        years = "young" if age == "child" else age
        names = [n for n in self._tones if wanted in n]
        near = [n for n in names if n.startswith(years)]
        return str(rng.choice(near or names))

    def _iris(self, rng: Rng, step: int) -> U8:
        dark = step >= shares.DARK_SKIN
        brown = rng.random() < (shares.BROWN_WITH_DARK if dark else shares.BROWN_WITH_LIGHT)
        found = self.assets.irises
        if not brown:
            return found[str(rng.choice(sorted(found)))]
        return darkened(found[shares.BROWN], float(rng.uniform(*shares.BROWN_LIGHT)))

    def _hair(self, rng: Rng, female: bool, dark: bool) -> Part:
        names = [n for n in self.assets.hair if n in shares.STYLES]
        suits = [dark if n == shares.FRIZZY else (n in shares.LONG) == female for n in names]
        factor = np.where(suits, shares.SUITS, shares.SUITS_NOT)
        chance = np.array([shares.STYLES[n] for n in names]) * factor
        return self.assets.hair[str(rng.choice(names, p=chance / chance.sum()))]
