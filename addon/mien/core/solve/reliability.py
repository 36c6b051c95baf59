# SPDX-License-Identifier: GPL-3.0-or-later
"""How far the shipped regressor can be believed, as measured on clips whose motion is known."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from ..assets import reliability_path
from ..errors import ModelError
from ..model.arkit import ARKIT_BLENDSHAPES, N_BLENDSHAPES
from ..model.params import N_EXPRESSION, N_IDENTITY, FloatArray
from ..reading import parse_json, read_bytes

N_FEATURES = 5
"""Of :func:`mien.core.solve.pose_leakage.pose_features`."""
N_PAIRS = sum(n.endswith("Left") and not n.startswith("eyeLook") for n in ARKIT_BLENDSHAPES)
"""Weights that each side of the face has, but for the gaze."""
_MOST_BYTES = 100_000
"""The shipped figures have 25 kB; what is four times that is something else."""
_MOST_LEAK = 100.0
"""Standard deviations of identity."""


@dataclass(frozen=True)
class Reliability:
    """Figures of ``models/regressor/reliability.json``.

    Attributes:
        blendshapes: ``(52,)`` correlation of each weight with the true one, 0 where it is not seen.
        turning: ``(5, 10)`` spread of the slopes with which an expression errs as the head turns,
            by the features of :func:`mien.core.solve.pose_leakage.pose_features`.
        identity: ``(52, 40)`` how much of each trait of identity goes with each weight on one face.
        sides: ``(P,)`` slopes of left minus right over the sine of the yaw, for each of the pairs of
            :data:`mien.core.solve.side_leakage.SIDES`.
    """

    blendshapes: FloatArray
    turning: FloatArray
    identity: FloatArray
    sides: FloatArray


@lru_cache(maxsize=1)
def reliability() -> Reliability:
    """The figures of the shipped regressor, loaded once."""
    return load_reliability(reliability_path())


def load_reliability(path: Path) -> Reliability:
    """Read the figures, checking them.

    Raises:
        ModelError: the file is missing, damaged, or not one of reliability.
    """
    try:
        stored = parse_json(read_bytes(path, _MOST_BYTES))
        blendshapes = np.array([stored["units"][name] for name in ARKIT_BLENDSHAPES], np.float32)
        turning = np.array(stored["turning"], np.float32)
        identity = np.array([stored["identity"][name] for name in ARKIT_BLENDSHAPES], np.float32)
        sides = np.array(list(stored["sides"].values()), np.float32)
    except FileNotFoundError:
        raise ModelError(f"{path} does not exist; install Mien again.") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{path} is damaged ({error}); install Mien again.") from error
    shapes = (blendshapes.shape, turning.shape, identity.shape, sides.shape)
    fits = shapes == (
        (N_BLENDSHAPES,), (N_FEATURES, N_EXPRESSION), (N_BLENDSHAPES, N_IDENTITY), (N_PAIRS,)
    )  # fmt: skip
    sane = (
        (turning >= 0).all()
        and (np.abs(identity) < _MOST_LEAK).all()
        and (np.abs(sides) <= 1).all()
    )
    if not fits or not sane or not (0 <= blendshapes.min() <= blendshapes.max() <= 1):
        raise ModelError(f"{path} is damaged: its numbers make no sense; install Mien again.")
    return Reliability(blendshapes, turning, identity, sides)
