# SPDX-License-Identifier: GPL-3.0-or-later
"""Heads cut out, ready to be put into scenes: photos re-posed, heads made from nothing, backs of heads."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from mien.core.model.crop import box_around_landmarks, crop_to_image
from mien.core.model.head import Head
from numpy.typing import NDArray

from ..generator.anatomy import study
from ..generator.portraits import lay_on_head
from ..generator.render import SIZE, draw_portrait, draw_synthetic
from ..generator.sampling import (
    Angles,
    draw_angles,
    draw_blendshapes,
    draw_gaze,
    draw_light,
    set_eye_look,
)
from ..generator.scene import Framing, Recipe, place
from ..generator.spectacles import put_spectacles
from ..generator.synthetic import draw_appearance
from ..labels.store import LabelledPhoto

SIDE = 160
"""Cut-outs are kept at this size."""
AWAY = (1.6, 2.0)
"""Side of a cut-out over that of its face's crop."""
MADE_UP, TURNED_AWAY = 0.25, 0.08
"""Shares of heads made from nothing, and of backs of heads, which are no faces."""
GLASSES = 0.15
"""Share of frontal cut-outs that get spectacles, chosen by eye."""
EMPTY = -1e4
"""Colour of pixels on which nothing was drawn."""
WHOLE = np.array([(SIZE - 1) / 2, (SIZE - 1) / 2, SIZE], np.float32)
"""The crop that is all of the canvas: middle and side."""


@dataclass(frozen=True)
class Cutout:
    """A picture with transparency.

    Attributes:
        picture: ``(h, w, 4)`` BGR with how opaque each pixel is, all 0 to 255.
        points: ``(68, 2)`` in its pixels; none where it is no face.
    """

    picture: NDArray[np.uint8]
    points: NDArray[np.float32] | None


class Cutter:
    """Draws cut-outs without end."""

    def __init__(self, head: Head, photos: list[LabelledPhoto], seed: int) -> None:
        self.head, self.photos = head, photos
        self.anatomy = study(head)
        self.rng = np.random.default_rng(seed)

    def rendered(self) -> Cutout:
        """A head under a new pose, face and light."""
        rng = self.rng
        gaze = draw_gaze(rng)
        recipe = Recipe(
            identity=rng.normal(0, 0.9, 40).astype(np.float32),
            blendshapes=set_eye_look(draw_blendshapes(rng), *gaze),
            gaze=gaze,
            angles=draw_angles(rng),
            framing=Framing(float(rng.uniform(*AWAY)), np.zeros(2, np.float32)),
            light=draw_light(rng),
            seed=int(rng.integers(2**31)),
        )
        kind = rng.random()
        away = kind < TURNED_AWAY
        if away:
            back = Angles(
                float(rng.uniform(130, 230)), float(rng.normal(0, 15)), float(rng.normal(0, 15))
            )
            recipe = replace(recipe, angles=back)
        empty = np.full((SIZE, SIZE, 3), EMPTY, np.float32)
        if kind < TURNED_AWAY + MADE_UP:
            look = draw_appearance(rng, self.anatomy)
            placed = place(self.anatomy, recipe)
            canvas = draw_synthetic(self.anatomy, look, recipe, placed, empty)
        else:
            portrait = lay_on_head(self.photos[int(rng.integers(len(self.photos)))], self.anatomy)
            recipe = replace(recipe, identity=portrait.identity)
            placed = place(self.anatomy, recipe)
            relight = bool(rng.random() < 0.6)
            canvas = draw_portrait(
                self.anatomy, portrait, recipe, placed, empty, relight, new_eyes=True
            )
        opaque = (canvas.picture[..., :1] > EMPTY / 2).astype(np.float32)
        if rng.random() < GLASSES and not away:
            put_spectacles(rng, self.anatomy, canvas, placed)
        points = (
            self.head.take_landmarks(placed.shape) @ placed.transform[:, :3].T
            + placed.transform[:, 3]
        )
        points = crop_to_image(points.astype(np.float32), WHOLE)[:, :2]
        colour = np.clip(canvas.picture, 0, 255) * opaque
        layers = cv2.resize(
            np.dstack([colour, 255 * opaque]), (SIDE, SIDE), interpolation=cv2.INTER_AREA
        )
        # Colours were averaged with nothing around them; they are brought back to full strength.
        layers[..., :3] *= 255 / np.maximum(layers[..., 3:], 1)
        scale = SIDE / SIZE
        moved = (points + 0.5) * scale - 0.5
        picture = np.clip(layers, 0, 255).astype(np.uint8)
        return Cutout(picture, None if away else moved.astype(np.float32))

    def photo(self) -> Cutout:
        """A photo as it is, whole or shaped like a head, with a hard or a soft edge."""
        rng = self.rng
        photo = self.photos[int(rng.integers(len(self.photos)))]
        image = photo.image
        height, width = image.shape[:2]
        points = photo.landmarks(self.head)
        box = box_around_landmarks(points)
        mask = np.full((height, width), 255, np.uint8)
        if rng.random() < 0.6:
            mask[:] = 0
            middle = (box.x, box.y - 0.08 * box.size)
            axes = (box.size * rng.uniform(0.85, 1.3), box.size * rng.uniform(1.0, 1.5))
            cv2.ellipse(mask, (middle, axes, 0.0), 255, -1, cv2.LINE_AA)
            if rng.random() < 0.7:  # shoulders
                cv2.ellipse(
                    mask, ((box.x, box.y + 1.2 * box.size), (box.size * 2.2, box.size * 1.6), 0.0),
                    255, -1, cv2.LINE_AA,
                )  # fmt: skip
        else:
            mask[0], mask[-1], mask[:, 0], mask[:, -1] = 0, 0, 0, 0
        if rng.random() < 0.6:
            mask = cv2.GaussianBlur(mask, (0, 0), rng.uniform(1, 8)).astype(np.uint8)
        if rng.random() < 0.5:
            image, mask = image[:, ::-1], mask[:, ::-1]
            points = points * [-1, 1] + [width - 1, 0]
        return Cutout(np.dstack([image, mask]).astype(np.uint8), points.astype(np.float32))
