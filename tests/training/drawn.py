# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of our own head whose points, pose and surface are known: public sets are made of them."""

import numpy as np
from mien.core.model.crop import crop_to_image
from mien.core.model.head import Head
from mien.core.model.params import join

from training.generator.anatomy import study
from training.generator.render import SIZE, draw_synthetic
from training.generator.sampling import Angles, Light
from training.generator.scene import Framing, Recipe, place
from training.generator.synthetic import draw_appearance

YAWS = (-80.0, -50.0, -20.0, 0.0, 25.0, 45.0, 75.0)
LIGHT = Light(
    np.full(3, 0.5, np.float32), np.full(3, 0.5, np.float32),
    np.array([0.0, 0.3, 0.95], np.float32), 0.4,
)  # fmt: skip
WHOLE = np.array([(SIZE - 1) / 2, (SIZE - 1) / 2, SIZE], np.float32)


class Drawn:
    """One head: its picture, its 68 points in pixels counted from 0, its rotation."""

    def __init__(self, head: Head, yaw: float, seed: int) -> None:
        anatomy, rng = study(head), np.random.default_rng(seed)
        recipe = Recipe(
            rng.normal(0, 0.5, 40).astype(np.float32), np.zeros(52, np.float32), (0.0, 0.0),
            Angles(yaw, 10.0, -8.0), Framing(1.6, np.zeros(2, np.float32)), LIGHT, seed,
        )  # fmt: skip
        placed = place(anatomy, recipe)
        look = draw_appearance(rng, anatomy)
        grey = np.full((SIZE, SIZE, 3), 90, np.float32)
        canvas = draw_synthetic(anatomy, look, recipe, placed, grey)
        self.image = np.clip(canvas.picture, 0, 255).astype(np.uint8)
        shape = head.take_landmarks(placed.shape)
        crop = shape @ placed.transform[:, :3].T + placed.transform[:, 3]
        self.points = crop_to_image(crop.astype(np.float32), WHOLE)
        self.turn = placed.turn
        surface = placed.shape @ placed.transform[:, :3].T + placed.transform[:, 3]
        self.surface = crop_to_image(surface.astype(np.float32), WHOLE)
        self.params = join(placed.transform, recipe.identity, np.zeros(10, np.float32))
