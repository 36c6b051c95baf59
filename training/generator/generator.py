# SPDX-License-Identifier: GPL-3.0-or-later
"""The sample source: batches of crops with their parameters, single or as short clips."""

from dataclasses import replace
from typing import Any

import numpy as np
from mien.core.model.arkit import ARKIT_BLENDSHAPES, N_BLENDSHAPES, UNSEEN
from mien.core.model.head import Head
from mien.core.model.params import CROP_SIZE, N_PARAMS, join
from numpy.typing import NDArray

from ..labels.expression_projection import ExpressionProjector
from ..labels.store import LabelledPhoto
from .accessories import hide_part
from .camera_degradation import photograph
from .heads import CUT, HeadDrawer, drawn_by
from .mix import draw_kind
from .negatives import draw_negative
from .neighbouring_frames import FRAMES
from .people_assets import PeopleAssets
from .picture_edge import cut_by_edge
from .recrop import reframed
from .sample import Batch, Sample
from .sampling import draw_expression, set_eye_look
from .scene import Recipe, draw_recipe, next_frame
from .yaw_balance import by_turn_and_calm, turned

F = NDArray[np.float32]
Rng = np.random.Generator

NEGATIVES = 0.08
"""Share of samples without a face."""
HIDDEN_PHOTOS = 0.11
"""Share of photos as they are before which something is put: half that of other faces, some are hidden already."""
MOST_OF_WAY = 0.3
"""Of the way to the goal of its expression that a clip goes from one frame to the next, at most (chosen by eye)."""
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
        self.photos = photos
        self.heads = HeadDrawer(head, photos, people)
        self._chances = np.cumsum(by_turn_and_calm(photos)) if photos else np.empty(0)
        self._explainer = ExpressionProjector(head)
        self.rng = np.random.default_rng(seed)
        self._photo_mask = np.array([n not in UNSEEN for n in ARKIT_BLENDSHAPES], np.float32)

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
        return self._rendered(draw_recipe(self.rng, kind), kind)

    def _kind(self, moving: bool = False) -> str:
        return draw_kind(self.rng, bool(self.photos), self.heads.has_people, moving)

    def clip(self, frames: int = FRAMES) -> list[Sample]:
        """A short clip: the same head moving a little from frame to frame (section 2.4)."""
        kind = self._kind(moving=True)
        recipe = draw_recipe(self.rng, kind)
        goal = draw_expression(self.rng)
        choice = int(self.rng.integers(2**31))
        out = []
        for k in range(frames):
            if k:
                recipe = next_frame(self.rng, recipe, goal, float(self.rng.uniform(0, MOST_OF_WAY)))
                recipe = replace(recipe, blendshapes=set_eye_look(recipe.blendshapes, *recipe.gaze))
            out.append(self._rendered(recipe, kind, np.random.default_rng(choice)))
        return out

    def _rendered(self, recipe: Recipe, kind: str, rng: Rng | None = None) -> Sample:
        """Draw a recipe; ``rng`` decides who is drawn and before what, the same within a clip."""
        rng = rng or np.random.default_rng(recipe.seed)
        picture, recipe, placed = self.heads.render(recipe, kind, rng)
        mask = np.ones(N_BLENDSHAPES, np.float32)
        return self._sample(picture, placed.transform, recipe.identity, recipe.blendshapes, mask)

    def _untouched(self) -> Sample:
        index = drawn_by(self.rng, self._chances)
        photo = self.heads.portrait(self.rng, index)[0]
        picture, transform, _ = reframed(self.rng, photo, self.heads.anatomy)
        if self.rng.random() < HIDDEN_PHOTOS:
            hide_part(self.rng, picture, self.heads.background(self.rng, CROP_SIZE))
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
            return self.heads.person(recipe, self.rng, False)[2].crop()

        picture = draw_negative(
            self.rng,
            self.heads.anatomy,
            self.photos,
            lambda: draw_recipe(self.rng),
            person if self.heads.has_people else None,
        )
        return Sample(
            crop=photograph(self.rng, picture),
            params=np.zeros(N_PARAMS, np.float32),
            units=zeros,
            units_mask=zeros,
            face=0.0,
        )
