# SPDX-License-Identifier: GPL-3.0-or-later
"""Labels of faces that both tools have seen: the tool's habit is measured, then the head laid on each."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from mien.core.model.head import Head
from mien.core.solve.side_leakage import level_sides, side_slopes
from numpy.typing import NDArray
from tqdm import tqdm

from .bias import measure_bias
from .fit import Fitter
from .split import is_held_out
from .store import LabelledPhoto, SeenFace


def label_all(
    faces: Sequence[SeenFace], head: Head
) -> tuple[list[LabelledPhoto], NDArray[np.float64]]:
    """Label every face.

    Returns:
        The labels, and the habit ``(468, 3)`` that was allowed for, measured on those that are not held out.
    """
    asked = [face for face in faces if not is_held_out(face.name)]
    bias = measure_bias(
        head, [face.steady for face in asked], np.array([face.witness for face in asked])
    )
    fitter = Fitter(head, bias)
    return level([label_face(face, fitter) for face in tqdm(faces, unit="fit")]), bias


def level(photos: Sequence[LabelledPhoto]) -> list[LabelledPhoto]:
    """The same labels less what a turned head lends to one side.

    The tools see more of the near side; over many people, whose faces do not lean on average, left minus right
    goes with the sine of the yaw all the same. The slope of every pair is taken off
    (:mod:`mien.core.solve.side_leakage`).
    """
    turns = np.stack([photo.turn for photo in photos]).astype(np.float64)
    weights = np.stack([photo.blendshapes for photo in photos]).astype(np.float32)
    levelled = level_sides(weights, turns, side_slopes(weights, turns))
    return [replace(photo, blendshapes=row) for photo, row in zip(photos, levelled, strict=True)]


def label_face(face: SeenFace, fitter: Fitter) -> LabelledPhoto:
    """Lay the head on a face."""
    fit = fitter.fit(face.steady, face.witness)
    return LabelledPhoto(
        face.name,
        face.image,
        fit.transform.astype(np.float32),
        fit.identity.astype(np.float32),
        fit.blendshapes.astype(np.float32),
        face.first.astype(np.float32),
        fit.residual,
    )
