# SPDX-License-Identifier: GPL-3.0-or-later
"""Generated clips whose every motion is known: a photo that training never saw turns, talks, blinks.

A clip is a second and a half before a camera that stands still. The head swings within one bin of
yaw, nods, leans and comes nearer; the face goes from one expression to the next and blinks.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from mien.core.model.crop import CropBox, ImageArray, crop_to_image
from mien.core.model.head import Head
from mien.core.model.params import FloatArray

from ..generator.anatomy import study
from ..generator.backgrounds import draw_background
from ..generator.portraits import lay_on_head
from ..generator.render import SIZE, draw_portrait
from ..generator.sampling import Angles, draw_expression, draw_gaze, draw_light, set_eye_look
from ..generator.scene import Framing, Recipe, place
from ..labels.store import LabelledPhoto
from .blendshapes import BLINKS
from .yaw import YAW_EDGES

FRAMES = 45
"""Of a clip: a second and a half, about one change of expression."""
RATE = 30.0
"""Frames a second: a metre for how fast things move."""
CAMERA = CropBox((SIZE - 1) / 2, (SIZE - 1) / 2, SIZE)
"""How the generator's canvas lies in the clip's picture."""
AWAY = (1.5, 1.9)
"""Side of the picture over that of the crop that the rule would take."""
SWING = {"pitch": 12.0, "roll": 8.0}
"""Degrees that a head swings to either side of its way (chosen by eye)."""

BLINK_SECONDS = 0.3
"""How long a blink lasts,"""
EXPRESSION_SECONDS = 0.5
"""and how long a face takes to another expression (chosen by eye)."""


@dataclass(frozen=True)
class MadeClip:
    """A clip of F frames of a head of V vertices.

    Attributes:
        name: whose photo it is made of, and which bin of yaw it is in.
        images: ``(F, SIZE, SIZE, 3)`` BGR.
        vertices: ``(F, V, 3)`` in pixels of the picture, y down.
        landmarks: ``(F, 68, 3)`` likewise.
        turns: ``(F, 3, 3)``.
        yaw: ``(F,)`` degrees, signed.
        blendshapes: ``(F, 52)``.
    """

    name: str
    images: ImageArray
    vertices: FloatArray
    landmarks: FloatArray
    turns: FloatArray
    yaw: FloatArray
    blendshapes: FloatArray


class ClipMaker:
    """Makes clips of photos; the same seed gives the same clips."""

    def __init__(
        self,
        head: Head,
        photos: list[LabelledPhoto],
        seed: int = 0,
        frames: int = FRAMES,
        resting: float = 0.0,
    ) -> None:
        """Prepare to make clips.

        Args:
            head: that the photos are labelled with.
            photos: to make clips of; all of them may serve as backgrounds.
            seed: of everything that is drawn.
            frames: of a clip.
            resting: chance that the face comes to rest where it would take its next expression.
        """
        self.head, self.photos = head, photos
        self.frames, self.resting = frames, resting
        self.anatomy = study(head)
        self.rng = np.random.default_rng(seed)

    def make(self, photo: LabelledPhoto, bin_of_yaw: int) -> MadeClip:
        """One clip whose yaw stays in a bin of :data:`YAW_EDGES`, to a side at random."""
        rng = self.rng
        portrait = lay_on_head(photo, self.anatomy)
        low, high = YAW_EDGES[bin_of_yaw], YAW_EDGES[bin_of_yaw + 1]
        side = rng.choice([-1, 1])
        yaw = side * ((low + high) / 2 + 0.5 * (high - low) * self._swing())
        pitch, roll = (SWING[name] * self._swing() for name in ("pitch", "roll"))
        away = rng.uniform(*AWAY) * (1 + 0.08 * self._swing())
        shift = np.stack([0.1 * self._swing(), 0.06 * self._swing()], axis=1)
        blendshapes = self._blendshapes()
        gaze = draw_gaze(rng)
        background = draw_background(rng, self.photos, SIZE)
        light, seed, camera = draw_light(rng), int(rng.integers(2**31)), _Camera(rng)
        images, placed = [], []
        for k in range(self.frames):
            recipe = Recipe(
                identity=portrait.identity,
                blendshapes=set_eye_look(blendshapes[k], *gaze),
                gaze=gaze,
                angles=Angles(float(yaw[k]), float(pitch[k]), float(roll[k])),
                framing=Framing(float(away[k]), shift[k].astype(np.float32)),
                light=light,
                seed=seed,
            )
            placed.append(place(self.anatomy, recipe))
            canvas = draw_portrait(
                self.anatomy, portrait, recipe, placed[-1], background, True, True
            )
            images.append(camera.take(canvas.picture))
            blendshapes[k] = recipe.blendshapes
        shapes = np.stack([p.shape for p in placed])
        linear = np.stack([p.transform[:, :3] for p in placed])
        shifts = np.stack([p.transform[None, :, 3] for p in placed])
        vertices, landmarks = (
            crop_to_image(points @ linear.transpose(0, 2, 1) + shifts, np.array(CAMERA, np.float32))
            for points in (shapes, self.head.take_landmarks(shapes))
        )
        return MadeClip(
            f"{photo.name} {low:.0f}", np.stack(images), vertices, landmarks.astype(np.float32),
            np.stack([p.turn for p in placed]), yaw.astype(np.float32), blendshapes,
        )  # fmt: skip

    def _swing(self) -> FloatArray:
        """A motion ``(F,)`` between -1 and 1 as of a person who moves: slow, with some quick."""
        rng = self.rng
        time = np.arange(self.frames) / RATE
        waves = [
            weight * np.sin(2 * np.pi * (rng.uniform(*speed) * time + rng.random()))
            for weight, speed in ((0.7, (0.2, 0.6)), (0.2, (0.8, 1.6)), (0.1, (1.6, 2.5)))
        ]
        return np.asarray(np.sum(waves, axis=0), np.float32)

    def _blendshapes(self) -> FloatArray:
        """Weights ``(F, 52)`` that go from one drawn expression to the next, with blinks over them."""
        rng = self.rng
        time = np.arange(self.frames) / RATE
        stops = int(np.ceil(time[-1] / EXPRESSION_SECONDS)) + 1
        goals = np.stack([draw_expression(rng) for _ in range(stops)])
        goals[:, BLINKS] = 0
        if self.resting:
            goals[rng.random(stops) < self.resting] = 0
        at = time / EXPRESSION_SECONDS
        step = at.astype(int)
        ease = (1 - np.cos(np.pi * (at - step))) / 2
        blendshapes = goals[step] + ease[:, None] * (
            goals[np.minimum(step + 1, stops - 1)] - goals[step]
        )
        for start in rng.uniform(0, time[-1], int(rng.integers(1, 3))):
            phase = (time - start) / BLINK_SECONDS
            closed = np.where((phase > 0) & (phase < 1), np.sin(np.pi * phase), 0)
            blendshapes[:, BLINKS] = np.maximum(
                blendshapes[:, BLINKS], np.minimum(1, 1.4 * closed)[:, None]
            )
        return blendshapes.astype(np.float32)


class _Camera:
    """The exposure, softness, noise and compression of one clip; the noise alone is new each time."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.gain = float(np.exp(rng.normal(0, 0.2)))
        self.softness = float(rng.uniform(0.3, 1.0))
        self.noise = float(rng.uniform(0, 6))
        self.quality = int(rng.integers(50, 95))

    def take(self, picture: FloatArray) -> ImageArray:
        picture = cv2.GaussianBlur(picture * self.gain, (0, 0), self.softness)
        picture += self.noise * self.rng.standard_normal(picture.shape, dtype=np.float32)
        out = np.clip(picture, 0, 255).astype(np.uint8)
        packed = cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, self.quality])[1]
        return cv2.imdecode(packed, cv2.IMREAD_COLOR).astype(np.uint8)
