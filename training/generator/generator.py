# SPDX-License-Identifier: GPL-3.0-or-later
"""The sample source: batches of crops with their parameters, single or as short clips."""

from dataclasses import replace
from functools import lru_cache
from typing import Any, TypedDict

import cv2
import numpy as np
from mien.core.arkit import ARKIT_UNITS, N_UNITS
from mien.core.crop import LANDMARK_MARGIN
from mien.core.head import Head
from mien.core.params import CROP_SIZE, N_PARAMS, join
from numpy.typing import NDArray

from ..labels.explain import Explainer
from ..labels.store import LabelledPhoto
from .accessories import hide_part
from .anatomy import study
from .backgrounds import draw_background
from .draw_random import Angles, draw_angles, draw_gaze, draw_light, draw_units, gaze_units
from .lens import photograph
from .portraits import Portrait, lay_on_head, mirrored
from .render import SIZE, draw_portrait, draw_synthetic, put_glasses
from .scene import Recipe, draw_framing, next_frame, place
from .synthetic import draw_appearance

F = NDArray[np.float32]
Rng = np.random.Generator

# Shares of the kinds of sample among faces.
UNTOUCHED, PROFILED = 0.32, 0.50
NEGATIVES = 0.08
GLASSES, HIDDEN = 0.10, 0.22
CLIP_FRAMES = 8
IDENTITY_JITTER = 0.35
# On photos nothing is known of these units.
UNKNOWN_ON_PHOTOS = ("tongueOut", "cheekPuff", "jawForward")


class Batch(TypedDict):
    """Samples as the trainer takes them; B samples.

    ``crop`` uint8 ``(B, 120, 120, 3)`` BGR; ``params`` ``(B, 62)``; ``units`` ``(B, 52)``;
    ``units_mask`` ``(B, 52)`` 1 where the weight is known; ``face`` ``(B,)`` 1 or 0; ``weight``
    ``(B,)``; ``clip`` ``(B,)`` number of the clip within the batch, -1 for single pictures.
    """

    crop: NDArray[np.uint8]
    params: F
    units: F
    units_mask: F
    face: F
    weight: F
    clip: NDArray[np.int64]


class Sample(TypedDict):
    """One row of a :class:`Batch`."""

    crop: NDArray[np.uint8]
    params: F
    units: F
    units_mask: F
    face: float


class Generator:
    """Draws samples without end. The same seed gives the same samples."""

    def __init__(self, head: Head, photos: list[LabelledPhoto], seed: int) -> None:
        self.anatomy = study(head)
        self.head = head
        self.photos = photos
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
        goal = draw_units(self.rng)
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
            units=gaze_units(draw_units(rng), *gaze),
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
            laid = self._portrait(int(rng.integers(len(self.photos))), bool(rng.random() < 0.5))[1]
            jitter = rng.normal(0, IDENTITY_JITTER, 40).astype(np.float32) * (rng.random() < 0.5)
            own_face = rng.random() < 0.35
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
        """A portrait as it is, turned in the plane and framed anew."""
        rng = self.rng
        index, flipped = int(rng.integers(len(self.photos))), bool(rng.random() < 0.5)
        photo = self._portrait(index, flipped)[0]
        roll = np.radians(rng.normal(0, 12) if rng.random() < 0.85 else rng.uniform(-50, 50))
        framing = draw_framing(rng)
        transform = photo.transform
        shape = self._landmarks(photo)
        cosine, sine = np.cos(roll), np.sin(roll)
        turn = np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])
        linear = turn @ transform[:, :3]
        points = shape @ linear.T
        low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
        side = float((high - low).max()) * LANDMARK_MARGIN * framing.size
        scale = CROP_SIZE / side
        shift = -scale * (low + high) / 2 - framing.shift * CROP_SIZE
        # Crop pixel c (centred, y up) shows photo point p (y up): c = s turn (p - t) + shift.
        forward = scale * turn[:2, :2]
        offset = shift - forward @ transform[:2, 3]
        flip = np.diag([1.0, -1.0])
        matrix = np.column_stack([flip @ forward @ flip, flip @ offset + (CROP_SIZE - 1) / 2])
        border = cv2.BORDER_REPLICATE if rng.random() < 0.5 else cv2.BORDER_CONSTANT
        flags = cv2.INTER_AREA if scale < 0.5 else cv2.INTER_LINEAR
        picture = cv2.warpAffine(
            photo.image, matrix, (CROP_SIZE, CROP_SIZE), flags=flags, borderMode=border
        ).astype(np.float32)
        if rng.random() < HIDDEN / 2:
            back = draw_background(rng, self.photos, CROP_SIZE)
            hide_part(rng, picture, back)
        placed = np.column_stack([scale * linear, [*shift, 0.0]])
        return self._sample(picture, placed, photo.identity, photo.units, self._photo_mask)

    def _landmarks(self, photo: LabelledPhoto) -> F:
        flat = self.head.vertices.ravel() + photo.identity @ self.anatomy.identity
        shape = (flat + photo.units @ self.anatomy.units).reshape(-1, 3)
        corners = shape[self.head.landmark_corners]
        return np.einsum("kc,kcx->kx", self.head.landmark_weights, corners).astype(np.float32)

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
        """A crop that no face fills: scenery, the back of a head, a face cut off or far too small."""
        rng = self.rng
        kind = rng.random()
        if kind < 0.4 or not self.photos:
            picture = draw_background(rng, self.photos, CROP_SIZE) if self.photos else np.full(
                (CROP_SIZE, CROP_SIZE, 3), rng.uniform(0, 255, 3), np.float32
            )  # fmt: skip
            if rng.random() < 0.5:
                hide_part(rng, picture, picture[::-1].copy())
        elif kind < 0.6:
            recipe = replace(
                self._recipe(),
                angles=Angles(
                    float(rng.uniform(130, 230)), float(rng.normal(0, 15)), float(rng.normal(0, 15))
                ),
            )
            background = draw_background(rng, self.photos, SIZE)
            look = draw_appearance(rng, self.anatomy)
            look.lift = look.lift + np.float32(0.01)
            picture = draw_synthetic(
                self.anatomy, look, recipe, place(self.anatomy, recipe), background
            ).crop()
        else:
            picture = self._misplaced()
        zeros = np.zeros(N_UNITS, np.float32)
        return Sample(
            crop=photograph(rng, picture),
            params=np.zeros(N_PARAMS, np.float32),
            units=zeros,
            units_mask=zeros,
            face=0.0,
        )

    def _misplaced(self) -> F:
        """A crop of a portrait that misses the face or holds little of it."""
        rng = self.rng
        photo = self.photos[int(rng.integers(len(self.photos)))]
        low, high = photo.points.min(axis=0), photo.points.max(axis=0)
        face = float((high - low).max())
        middle = (low + high) / 2
        if rng.random() < 0.5:  # beside the face
            size = face * rng.uniform(0.5, 1.6)
            angle = rng.uniform(0, 2 * np.pi)
            at = middle + (face * 0.55 + size * 0.5) * np.array([np.cos(angle), np.sin(angle)])
        else:  # only a part of it, much enlarged
            size = face * rng.uniform(0.15, 0.45)
            at = rng.uniform(low, high)
        scale = size / CROP_SIZE
        half = (CROP_SIZE - 1) / 2
        matrix = np.array([[scale, 0, at[0] - half * scale], [0, scale, at[1] - half * scale]])
        return cv2.warpAffine(
            photo.image, matrix, (CROP_SIZE, CROP_SIZE),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
        ).astype(np.float32)  # fmt: skip
