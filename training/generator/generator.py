# SPDX-License-Identifier: GPL-3.0-or-later
"""The sample source: batches of crops with their parameters, single or as short clips."""

from dataclasses import replace
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from mien.core.model.arkit import ARKIT_UNITS, N_UNITS
from mien.core.model.head import Head
from mien.core.model.params import CROP_SIZE, N_PARAMS, join
from numpy.typing import NDArray

from ..labels.expression_projection import Explainer
from ..labels.store import LabelledPhoto
from .accessories import hide_part
from .anatomy import study
from .backgrounds import draw_background
from .camera_degradation import photograph
from .negatives import draw_negative
from .portraits import Portrait, lay_on_head, mirrored
from .recrop import reframed
from .render import SIZE, draw_portrait, draw_synthetic, put_glasses
from .sample import Batch, Sample
from .sampling import draw_angles, draw_expression, draw_gaze, draw_light, gaze_units
from .scene import Recipe, draw_framing, next_frame, place
from .synthetic import draw_appearance
from .yaw_balance import by_calm, by_turn, turned

F = NDArray[np.float32]
Rng = np.random.Generator

# Shares of the kinds of sample among faces.
UNTOUCHED, PROFILED = 0.32, 0.50
NEGATIVES = 0.08
GLASSES, HIDDEN = 0.10, 0.22
CLIP_FRAMES = 8
IDENTITY_JITTER = 0.35
OWN_FACE = 0.35
"""How many of the re-posed portraits keep the face that they have."""
# On photos nothing is known of these units.
MOST_TURNED = 45.0
"""Degrees of yaw; beyond them the labelling tools no longer see what a face does."""
UNKNOWN_ON_PHOTOS = ("tongueOut", "cheekPuff", "jawForward")


class Generator:
    """Draws samples without end. The same seed gives the same samples."""

    def __init__(self, head: Head, photos: list[LabelledPhoto], seed: int) -> None:
        self.anatomy = study(head)
        self.head = head
        self.photos = photos
        self._chances = np.cumsum(by_turn(photos)) if photos else np.empty(0)
        self._calm_chances = np.cumsum(by_calm(photos)) if photos else np.empty(0)
        self._explainer = Explainer(head)
        self.rng = np.random.default_rng(seed)
        self._portrait = lru_cache(maxsize=None)(self._lay)
        self._photo_mask = np.array([n not in UNKNOWN_ON_PHOTOS for n in ARKIT_UNITS], np.float32)

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
                samples.append(self._negative())
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
        kind = self.rng.random()
        if self.photos and kind < UNTOUCHED:
            return self._untouched()
        return self._rendered(
            self._recipe(), portrait=bool(self.photos) and kind < UNTOUCHED + PROFILED
        )

    def clip(self, frames: int = CLIP_FRAMES) -> list[Sample]:
        """A short clip: the same head moving a little from frame to frame (section 2.4)."""
        recipe = self._recipe()
        goal = draw_expression(self.rng)
        portrait = bool(self.photos) and self.rng.random() < UNTOUCHED + PROFILED
        choice = int(self.rng.integers(2**31))
        out = []
        for k in range(frames):
            if k:
                recipe = next_frame(self.rng, recipe, goal, float(self.rng.uniform(0, 0.3)))
                recipe = replace(recipe, units=gaze_units(recipe.units, *recipe.gaze))
            out.append(self._rendered(recipe, portrait, np.random.default_rng(choice)))
        return out

    def _recipe(self) -> Recipe:
        rng = self.rng
        gaze = draw_gaze(rng)
        return Recipe(
            identity=rng.normal(0, 0.9, 40).astype(np.float32),
            units=gaze_units(draw_expression(rng), *gaze),
            gaze=gaze,
            angles=draw_angles(rng),
            framing=draw_framing(rng),
            light=draw_light(rng),
            seed=int(rng.integers(2**31)),
        )

    def _rendered(self, recipe: Recipe, portrait: bool, rng: Rng | None = None) -> Sample:
        """Draw a recipe; ``rng`` decides who is drawn and before what, the same within a clip."""
        rng = rng or np.random.default_rng(recipe.seed)
        background = draw_background(rng, self.photos, SIZE) if self.photos else np.full(
            (SIZE, SIZE, 3), rng.uniform(0, 255, 3), np.float32
        )  # fmt: skip
        if portrait:
            own_face = rng.random() < OWN_FACE
            index = (
                int(rng.integers(len(self.photos))) if own_face else _drawn(rng, self._calm_chances)
            )
            laid = self._portrait(index, bool(rng.random() < 0.5))[1]
            jitter = rng.normal(0, IDENTITY_JITTER, 40).astype(np.float32) * (rng.random() < 0.5)
            recipe = replace(recipe, identity=laid.identity + jitter)
            if own_face:
                recipe = replace(recipe, units=laid.units)
            placed = place(self.anatomy, recipe)
            canvas = draw_portrait(
                self.anatomy,
                laid,
                recipe,
                placed,
                background,
                bool(rng.random() < 0.6),
                not own_face,
            )
        else:
            look = draw_appearance(rng, self.anatomy)
            placed = place(self.anatomy, recipe)
            canvas = draw_synthetic(self.anatomy, look, recipe, placed, background)
        if rng.random() < GLASSES:
            put_glasses(rng, self.anatomy, canvas, placed)
        picture = canvas.crop()
        if rng.random() < HIDDEN:
            hide_part(
                rng, picture, cv2.resize(background, (CROP_SIZE, CROP_SIZE)).astype(np.float32)
            )
        mask = np.ones(N_UNITS, np.float32)
        return self._sample(picture, placed.transform, recipe.identity, recipe.units, mask)

    def _untouched(self) -> Sample:
        index = _drawn(self.rng, self._chances)
        photo = self._portrait(index, bool(self.rng.random() < 0.5))[0]
        picture, transform = reframed(self.rng, photo, self.anatomy)
        if self.rng.random() < HIDDEN / 2:
            hide_part(self.rng, picture, draw_background(self.rng, self.photos, CROP_SIZE))
        mask = self._photo_mask * (turned(photo) < MOST_TURNED)
        return self._sample(picture, transform, photo.identity, photo.units, mask)

    def _sample(
        self, picture: F, transform: NDArray[np.floating[Any]], identity: F, units: F, mask: F
    ) -> Sample:
        return Sample(
            crop=photograph(self.rng, picture),
            params=join(
                np.asarray(transform, np.float32), *self._explainer.coefficients(identity, units)
            ),
            units=units.astype(np.float32),
            units_mask=mask,
            face=1.0,
        )

    def _negative(self) -> Sample:
        zeros = np.zeros(N_UNITS, np.float32)
        picture = draw_negative(self.rng, self.anatomy, self.photos, self._recipe)
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
