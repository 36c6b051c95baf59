# SPDX-License-Identifier: GPL-3.0-or-later
"""How many faces of scenes a finder finds, and how often it finds one where there is none."""

from collections.abc import Sequence

import numpy as np
from mien.core.capture.finder import FaceFinder
from mien.core.model.crop import CropBox

from .scenes import Scene

NEAR = 0.25
"""Furthest that the middle of a hit may be from that of the true crop, in true crops."""
ALIKE = 1.6
"""Largest ratio of the two sizes."""


def hits(finder: FaceFinder, scenes: Sequence[Scene]) -> dict[str, float]:
    """``found``: share of the faces that were found; ``false``: wrong answers in a scene, on average."""
    found, faces, false = 0, 0, 0
    for scene in scenes:
        answers = [face.box for face in finder.find(scene.image)]
        met = [any(is_hit(answer, box) for answer in answers) for box in scene.boxes]
        found, faces = found + sum(met), faces + len(met)
        false += sum(not any(is_hit(answer, box) for box in scene.boxes) for answer in answers)
    return {"found": round(found / max(1, faces), 4), "false": round(false / len(scenes), 4)}


def is_hit(answer: CropBox, true: CropBox) -> bool:
    """Whether the regressor would see the face in this crop."""
    away = np.hypot(answer.x - true.x, answer.y - true.y)
    ratio = answer.size / true.size
    return bool(away < NEAR * true.size and 1 / ALIKE < ratio < ALIKE)
