# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws heads: portraits in other poses, made-up people, painted ones, before what is behind them."""

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from mien.core.model.head import Head
from mien.core.model.params import CROP_SIZE, N_IDENTITY
from numpy.typing import NDArray

from ..labels.store import LabelledPhoto
from .accessories import hide_part
from .anatomy import study
from .backgrounds import draw_background
from .environments import HEADINGS, background_view
from .lighting import draw_surroundings
from .occluders import hide_mouth
from .people import PersonSampler
from .people_assets import PeopleAssets
from .people_renderer import PeopleRenderer
from .picture_edge import cut_by_edge
from .portraits import Portrait, lay_on_head, mirrored
from .render import SIZE, Canvas, draw_portrait, draw_synthetic, to_pixels
from .scene import Placed, Recipe, place
from .spectacles import put_spectacles
from .synthetic import draw_appearance
from .yaw_balance import by_calm

F = NDArray[np.float32]
Rng = np.random.Generator

GLASSES, HIDDEN = 0.11, 0.22
"""Shares of faces with spectacles, and of faces that something hides (chosen by eye)."""
MOUTH_HIDDEN = 0.4
"""Share of hidden faces whose mouth it is that something hides."""
CUT = 0.05
"""Share of faces that the picture's edge cuts."""
SOMEWHERE = 0.3
"""Share of heads before a place rather than before what other pictures give."""
PEOPLE_SIZE = 180
"""Side of the canvas on which made-up people are drawn."""
IDENTITY_JITTER = 0.35
"""Standard deviation by which re-posed portraits become other people's (chosen by eye)."""
OWN_FACE = 0.35
"""How many of the re-posed portraits keep the face that they have."""
JITTERED, RELIT, MIRRORED = 0.5, 0.6, 0.5
"""Shares of re-posed portraits that become other people's, and whose light is changed (chosen by eye), and of all
that are mirrored."""


class HeadDrawer:
    """Draws recipes as pictures.

    Args:
        head: that the labels are of.
        photos: portraits; without any all heads are made up.
        people: what made-up people are drawn with; without it they are painted heads.
    """

    def __init__(
        self, head: Head, photos: list[LabelledPhoto], people: PeopleAssets | None
    ) -> None:
        self.head, self.anatomy, self.photos = head, study(head), photos
        self._calm_chances = np.cumsum(by_calm(photos)) if photos else np.empty(0)
        self._laid = lru_cache(maxsize=None)(self._lay)
        self._people = (
            PeopleRenderer(PersonSampler(people, self.anatomy)) if people is not None else None
        )
        self._environments = people.environments if people is not None else []

    @property
    def has_people(self) -> bool:
        """Whether made-up people can be drawn."""
        return self._people is not None

    def portrait(self, rng: Rng, index: int) -> tuple[LabelledPhoto, Portrait]:
        """A photo, mirrored at times, and the portrait that it makes on its head."""
        return self._laid(index, bool(rng.random() < MIRRORED))

    def _lay(self, index: int, flipped: bool) -> tuple[LabelledPhoto, Portrait]:
        photo = self.photos[index]
        if flipped:
            photo = mirrored(photo, self.anatomy)
        return photo, lay_on_head(photo, self.anatomy)

    def render(self, recipe: Recipe, kind: str, rng: Rng) -> tuple[F, Recipe, Placed]:
        """The picture ``(120, 120, 3)`` of a recipe; the recipe as it was drawn, and where its head is.

        Args:
            recipe: the head's pose, face and light.
            kind: of the head: ``people``, ``profiled`` or ``painted``.
            rng: decides who is drawn and before what, the same within a clip.
        """
        glasses = bool(rng.random() < GLASSES)
        if kind == "people":
            recipe, placed, canvas = self.person(recipe, rng, glasses)
        elif kind == "profiled":
            recipe, placed, canvas = self._profiled(recipe, rng)
        else:
            look = draw_appearance(rng, self.anatomy)
            placed = place(self.anatomy, recipe)
            canvas = draw_synthetic(self.anatomy, look, recipe, placed, self.background(rng))
        if glasses and kind != "people":
            put_spectacles(rng, self.anatomy, canvas, placed)
        picture = canvas.crop()
        if rng.random() < HIDDEN:
            self.hide(rng, picture, placed)
        if rng.random() < CUT:
            cut_by_edge(rng, picture)
        return picture, recipe, placed

    def _profiled(self, recipe: Recipe, rng: Rng) -> tuple[Recipe, Placed, Canvas]:
        """A portrait in another pose and, mostly, with another face."""
        background = self.background(rng)
        own_face = bool(rng.random() < OWN_FACE)
        index = (
            int(rng.integers(len(self.photos))) if own_face else drawn_by(rng, self._calm_chances)
        )
        laid = self.portrait(rng, index)[1]
        jitter = rng.normal(0, IDENTITY_JITTER, N_IDENTITY).astype(np.float32) * (
            rng.random() < JITTERED
        )
        recipe = replace(recipe, identity=laid.identity + jitter)
        if own_face:
            recipe = replace(recipe, blendshapes=laid.blendshapes)
        placed = place(self.anatomy, recipe)
        relight = bool(rng.random() < RELIT)
        return recipe, placed, draw_portrait(
            self.anatomy, laid, recipe, placed, background, relight, not own_face
        )  # fmt: skip

    def person(self, recipe: Recipe, rng: Rng, glasses: bool) -> tuple[Recipe, Placed, Canvas]:
        """A made-up person where they stand."""
        assert self._people is not None
        sampler = self._people.sampler
        identity, age = sampler.identity(rng, recipe.identity)
        recipe = replace(recipe, identity=identity)
        person = sampler.draw(rng, age)
        placed = place(self.anatomy, recipe)
        around = draw_surroundings(rng, self._environments, recipe.light.direction)
        if around.environment is not None:
            background = background_view(rng, around.environment, around.heading, PEOPLE_SIZE)
        else:
            background = self.background(rng, PEOPLE_SIZE)
        worn = np.random.default_rng(recipe.seed)

        def wear(canvas: Canvas) -> None:
            put_spectacles(worn, self.anatomy, canvas, placed)

        canvas = self._people.draw(
            person, recipe, placed, around, background, wear if glasses else None
        )
        return recipe, placed, canvas

    def background(self, rng: Rng, size: int = SIZE) -> F:
        """What lies behind a head ``(size, size, 3)``: a place, other portraits, or a plain colour."""
        if self._environments and rng.random() < SOMEWHERE:
            environment = self._environments[int(rng.integers(len(self._environments)))]
            return background_view(rng, environment, int(rng.integers(HEADINGS)), size)
        if self.photos:
            return draw_background(rng, self.photos, size)
        return np.full((size, size, 3), rng.uniform(0, 255, 3), np.float32)

    def hide(self, rng: Rng, picture: F, placed: Placed) -> None:
        """Put something before the mouth, or anywhere."""
        if rng.random() < MOUTH_HIDDEN:
            marks = self.head.landmark_places.on(placed.shape).astype(np.float32)
            hide_mouth(rng, picture, to_pixels(marks, placed.transform, CROP_SIZE)[:, :2])
        else:
            hide_part(rng, picture, self.background(rng, CROP_SIZE))


def drawn_by(rng: Rng, chances: NDArray[np.floating[Any]]) -> int:
    """A place drawn by cumulative chances."""
    return int(np.searchsorted(chances[:-1], rng.random(), side="right"))
