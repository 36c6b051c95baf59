# SPDX-License-Identifier: GPL-3.0-or-later
"""The sample source: batches of crops with their parameters, single or as short clips."""

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from mien.core.model.arkit import ARKIT_BLENDSHAPES, N_BLENDSHAPES, UNSEEN
from mien.core.model.head import Head
from mien.core.model.params import CROP_SIZE, N_PARAMS, join
from numpy.typing import NDArray

from ..labels.expression_projection import ExpressionProjector
from ..labels.store import LabelledPhoto
from .accessories import hide_part
from .anatomy import study
from .backgrounds import draw_background
from .camera_degradation import photograph
from .environments import HEADINGS, background_view
from .lighting import draw_surroundings, half_dark
from .mix import draw_kind
from .negatives import draw_negative
from .neighbouring_frames import FRAMES
from .occluders import hide_mouth
from .people import PersonSampler
from .people_assets import PeopleAssets
from .people_renderer import PeopleRenderer
from .picture_edge import cut_by_edge
from .portraits import Portrait, lay_on_head, mirrored
from .recrop import reframed
from .render import SIZE, Canvas, draw_portrait, draw_synthetic, to_pixels
from .sample import Batch, Sample
from .sampling import draw_angles, draw_expression, draw_gaze, draw_light, set_eye_look
from .scene import Placed, Recipe, draw_framing, next_frame, place
from .shares import PEOPLE_PITCH
from .spectacles import put_spectacles
from .synthetic import draw_appearance
from .yaw_balance import by_calm, by_turn_and_calm, turned

F = NDArray[np.float32]
Rng = np.random.Generator

NEGATIVES = 0.08
"""Share of samples without a face."""
GLASSES, HIDDEN = 0.11, 0.22
"""Shares of faces with spectacles, and of faces that something hides (chosen by eye)."""
MOUTH_HIDDEN = 0.4
"""Share of hidden faces whose mouth it is that something hides."""
CUT = 0.05
"""Share of faces that the picture's edge cuts."""
SOMEWHERE = 0.3
"""Share of heads before a place rather than before what other pictures give."""
HALF_DARK = 0.08
"""Share of re-posed and painted heads that the lamp lights from one side only."""
PEOPLE_SIZE = 180
"""Side of the canvas on which made-up people are drawn."""
IDENTITY_JITTER = 0.35
"""Standard deviation by which half of the re-posed portraits become other people's (chosen by eye)."""
OWN_FACE = 0.35
"""How many of the re-posed portraits keep the face that they have."""
MOST_TURNED = 45.0
"""Degrees of yaw; beyond them the labelling tools no longer see what a face does."""


class Generator:
    """Draws samples without end. The same seed gives the same samples.

    Args:
        head: that the labels are of.
        photos: portraits; without any all heads are made up.
        seed: of the samples.
        people: what made-up people are drawn with; without it they are painted heads.
    """

    def __init__(
        self, head: Head, photos: list[LabelledPhoto], seed: int, people: PeopleAssets | None = None
    ) -> None:
        self.anatomy = study(head)
        self.head = head
        self.photos = photos
        self._chances = np.cumsum(by_turn_and_calm(photos)) if photos else np.empty(0)
        self._calm_chances = np.cumsum(by_calm(photos)) if photos else np.empty(0)
        self._explainer = ExpressionProjector(head)
        self.rng = np.random.default_rng(seed)
        self._portrait = lru_cache(maxsize=None)(self._lay)
        self._people = (
            PeopleRenderer(PersonSampler(people, self.anatomy)) if people is not None else None
        )
        self._environments = people.environments if people is not None else []
        self._photo_mask = np.array([n not in UNSEEN for n in ARKIT_BLENDSHAPES], np.float32)

    def _lay(self, index: int, flipped: bool) -> tuple[LabelledPhoto, Portrait]:
        photo = self.photos[index]
        if flipped:
            photo = mirrored(photo, self.anatomy)
        return photo, lay_on_head(photo, self.anatomy)

    def batch(self, count: int, clips: bool = False) -> Batch:
        """Draw ``count`` samples; with ``clips`` they come as short clips of 8 frames."""
        samples: list[Sample] = []
        numbers: list[int] = []
        clip = 0
        while len(samples) < count:
            if self.rng.random() < NEGATIVES:
                samples.append(self.negative())
                numbers.append(-1)
            elif clips:
                frames = self.clip()
                samples += frames
                numbers += [clip] * len(frames)
                clip += 1
            else:
                samples.append(self.single())
                numbers.append(-1)
        samples, numbers = samples[:count], numbers[:count]
        return Batch(
            crop=np.stack([s["crop"] for s in samples]),
            params=np.stack([s["params"] for s in samples]),
            units=np.stack([s["units"] for s in samples]),
            units_mask=np.stack([s["units_mask"] for s in samples]),
            face=np.array([s["face"] for s in samples], np.float32),
            weight=np.ones(count, np.float32),
            clip=np.array(numbers, np.int64),
        )

    def single(self) -> Sample:
        """One picture of a face."""
        kind = self._kind()
        if kind == "untouched":
            return self._untouched()
        return self._rendered(self._recipe(kind), kind)

    def _kind(self, moving: bool = False) -> str:
        return draw_kind(self.rng, bool(self.photos), self._people is not None, moving)

    def clip(self, frames: int = FRAMES) -> list[Sample]:
        """A short clip: the same head moving a little from frame to frame (section 2.4)."""
        kind = self._kind(moving=True)
        recipe = self._recipe(kind)
        goal = draw_expression(self.rng)
        choice = int(self.rng.integers(2**31))
        out = []
        for k in range(frames):
            if k:
                recipe = next_frame(self.rng, recipe, goal, float(self.rng.uniform(0, 0.3)))
                recipe = replace(recipe, blendshapes=set_eye_look(recipe.blendshapes, *recipe.gaze))
            out.append(self._rendered(recipe, kind, np.random.default_rng(choice)))
        return out

    def _recipe(self, kind: str = "painted") -> Recipe:
        rng = self.rng
        gaze = draw_gaze(rng)
        light = draw_light(rng)
        return Recipe(
            identity=rng.normal(0, 0.9, 40).astype(np.float32),
            blendshapes=set_eye_look(draw_expression(rng), *gaze),
            gaze=gaze,
            angles=draw_angles(rng, PEOPLE_PITCH) if kind == "people" else draw_angles(rng),
            framing=draw_framing(rng),
            light=half_dark(light) if rng.random() < HALF_DARK else light,
            seed=int(rng.integers(2**31)),
        )

    def _rendered(self, recipe: Recipe, kind: str, rng: Rng | None = None) -> Sample:
        """Draw a recipe; ``rng`` decides who is drawn and before what, the same within a clip."""
        rng = rng or np.random.default_rng(recipe.seed)
        glasses = bool(rng.random() < GLASSES)
        if kind == "people":
            recipe, placed, canvas = self._person(recipe, rng, glasses)
        elif kind == "profiled":
            recipe, placed, canvas = self._profiled(recipe, rng)
        else:
            look = draw_appearance(rng, self.anatomy)
            placed = place(self.anatomy, recipe)
            canvas = draw_synthetic(self.anatomy, look, recipe, placed, self._background(rng))
        if glasses and kind != "people":
            put_spectacles(rng, self.anatomy, canvas, placed)
        picture = canvas.crop()
        if rng.random() < HIDDEN:
            self._hide(rng, picture, placed)
        if rng.random() < CUT:
            cut_by_edge(rng, picture)
        mask = np.ones(N_BLENDSHAPES, np.float32)
        return self._sample(picture, placed.transform, recipe.identity, recipe.blendshapes, mask)

    def _profiled(self, recipe: Recipe, rng: Rng) -> tuple[Recipe, Placed, Canvas]:
        """A portrait in another pose and, mostly, with another face."""
        background = self._background(rng)
        own_face = bool(rng.random() < OWN_FACE)
        index = int(rng.integers(len(self.photos))) if own_face else _drawn(rng, self._calm_chances)
        laid = self._portrait(index, bool(rng.random() < 0.5))[1]
        jitter = rng.normal(0, IDENTITY_JITTER, 40).astype(np.float32) * (rng.random() < 0.5)
        recipe = replace(recipe, identity=laid.identity + jitter)
        if own_face:
            recipe = replace(recipe, blendshapes=laid.blendshapes)
        placed = place(self.anatomy, recipe)
        relight = bool(rng.random() < 0.6)
        return recipe, placed, draw_portrait(
            self.anatomy, laid, recipe, placed, background, relight, not own_face
        )  # fmt: skip

    def _person(self, recipe: Recipe, rng: Rng, glasses: bool) -> tuple[Recipe, Placed, Canvas]:
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
            background = self._background(rng, PEOPLE_SIZE)
        worn = np.random.default_rng(recipe.seed)

        def wear(canvas: Canvas) -> None:
            put_spectacles(worn, self.anatomy, canvas, placed)

        canvas = self._people.draw(
            person, recipe, placed, around, background, wear if glasses else None
        )
        return recipe, placed, canvas

    def _background(self, rng: Rng, size: int = SIZE) -> F:
        if self._environments and rng.random() < SOMEWHERE:
            environment = self._environments[int(rng.integers(len(self._environments)))]
            return background_view(rng, environment, int(rng.integers(HEADINGS)), size)
        if self.photos:
            return draw_background(rng, self.photos, size)
        return np.full((size, size, 3), rng.uniform(0, 255, 3), np.float32)

    def _hide(self, rng: Rng, picture: F, placed: Placed) -> None:
        """Something before the mouth, or anywhere."""
        if rng.random() < MOUTH_HIDDEN:
            head = self.head
            corners = placed.shape[head.landmark_corners]
            marks = np.einsum("kc,kcx->kx", head.landmark_weights, corners).astype(np.float32)
            hide_mouth(rng, picture, to_pixels(marks, placed.transform, CROP_SIZE)[:, :2])
        else:
            hide_part(rng, picture, self._background(rng, CROP_SIZE))

    def _untouched(self) -> Sample:
        index = _drawn(self.rng, self._chances)
        photo = self._portrait(index, bool(self.rng.random() < 0.5))[0]
        picture, transform = reframed(self.rng, photo, self.anatomy)
        if self.rng.random() < HIDDEN / 2:
            hide_part(self.rng, picture, self._background(self.rng, CROP_SIZE))
        if self.rng.random() < CUT:
            cut_by_edge(self.rng, picture)
        mask = self._photo_mask * (turned(photo) < MOST_TURNED)
        return self._sample(picture, transform, photo.identity, photo.blendshapes, mask)

    def _sample(
        self, picture: F, transform: NDArray[np.floating[Any]], identity: F, blendshapes: F, mask: F
    ) -> Sample:
        return Sample(
            crop=photograph(self.rng, picture),
            params=join(
                np.asarray(transform, np.float32),
                *self._explainer.coefficients(identity, blendshapes),
            ),
            units=blendshapes.astype(np.float32),
            units_mask=mask,
            face=1.0,
        )

    def negative(self) -> Sample:
        """One picture that no face fills."""
        zeros = np.zeros(N_BLENDSHAPES, np.float32)

        def person(recipe: Recipe) -> F:
            return self._person(recipe, self.rng, False)[2].crop()

        picture = draw_negative(
            self.rng, self.anatomy, self.photos, self._recipe, person if self._people else None
        )
        return Sample(
            crop=photograph(self.rng, picture),
            params=np.zeros(N_PARAMS, np.float32),
            units=zeros,
            units_mask=zeros,
            face=0.0,
        )


def _drawn(rng: Rng, chances: NDArray[np.floating[Any]]) -> int:
    """A place drawn by cumulative chances."""
    return int(np.searchsorted(chances[:-1], rng.random(), side="right"))
