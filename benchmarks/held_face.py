# SPDX-License-Identifier: GPL-3.0-or-later
"""Clips of a face that is held while its head turns: photos laid on the head, drawn from all sides."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from mien.core.capture.capture import Models
from mien.core.model.head import Head
from mien.core.model.params import FloatArray

from training.generator.anatomy import study
from training.generator.backgrounds import draw_background
from training.generator.portraits import lay_on_head
from training.generator.render import SIZE, draw_portrait
from training.generator.sampling import Angles, draw_light
from training.generator.scene import Framing, Recipe, place
from training.labels.split import split_photos
from training.labels.store import LabelledPhoto, load_labels

FRAMES = 60
RATE = 15.0
"""Frames of a clip and a second: four seconds in which the head visits every pose."""
YAW, PITCH, ROLL = 45.0, 20.0, 5.0
"""How far the head turns to either side, degrees; 3 nods to 2 turns visit every pose."""
SHIFT, SIZE_SPREAD = 0.01, 0.02
"""Spread of the crops around the right one, as a tracker's are."""
NOISE = 3.0
"""Levels by which pixels differ from frame to frame, as a camera's do."""


class HeldFace(NamedTuple):
    """What the network said of a clip of F frames of one held face.

    Attributes:
        times: ``(F,)`` seconds.
        params: ``(F, 62)``; units: ``(F, 52)``; confidence: ``(F,)``.
    """

    times: FloatArray
    params: FloatArray
    blendshapes: FloatArray
    confidence: FloatArray


def unseen_photos(head: Head, labels: Path, part: int) -> list[LabelledPhoto]:
    """One half, 0 or 1, of the photos that training never sees."""
    return split_photos(load_labels(labels, head))[1][part::2]


def held_faces(models: Models, photos: list[LabelledPhoto], seed: int = 0) -> Iterator[HeldFace]:
    """Regress a clip of each photo."""
    anatomy = study(models.head)
    rng = np.random.default_rng(seed)
    phase = np.linspace(0, 2 * np.pi, FRAMES, endpoint=False)
    for photo in photos:
        portrait = lay_on_head(photo, anatomy)
        background, light = draw_background(rng, photos, SIZE), draw_light(rng)
        seed = int(rng.integers(2**31))
        crops = []
        for angle in phase:
            recipe = Recipe(
                identity=portrait.identity,
                blendshapes=photo.blendshapes,
                gaze=(0.0, 0.0),
                angles=Angles(
                    YAW * float(np.sin(2 * angle)),
                    PITCH * float(np.sin(3 * angle + 0.5)),
                    ROLL * float(np.sin(angle)),
                ),
                framing=Framing(
                    float(np.exp(rng.normal(0, SIZE_SPREAD))),
                    rng.normal(0, SHIFT, 2).astype(np.float32),
                ),
                light=light,
                seed=seed,
            )
            placed = place(anatomy, recipe)
            drawn = draw_portrait(anatomy, portrait, recipe, placed, background, True, False).crop()
            drawn = drawn + NOISE * rng.standard_normal(drawn.shape, dtype=np.float32)
            crops.append(np.clip(drawn, 0, 255).astype(np.uint8))
        said = models.regressor.run(np.stack(crops))
        yield HeldFace(np.arange(FRAMES) / RATE, said.params, said.blendshapes, said.confidence)
