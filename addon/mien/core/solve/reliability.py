# SPDX-License-Identifier: GPL-3.0-or-later
"""How far the shipped regressor can be believed, as measured on clips whose motion is known."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from ..assets import reliability_path
from ..errors import ModelError
from ..model.arkit import ARKIT_BLENDSHAPES, N_BLENDSHAPES
from ..model.params import N_EXPRESSION, FloatArray
from ..reading import parse_json, read_bytes

N_FEATURES = 5
_MOST_BYTES = 100_000


@dataclass(frozen=True)
class Reliability:
    """Figures of ``models/regressor/reliability.json``.

    Attributes:
        blendshapes: ``(52,)`` correlation of each weight with the true one, 0 where it is not seen.
        turning: ``(5, 10)`` spread of the slopes with which an expression errs as the head turns,
            by the features of :func:`mien.core.solve.pose_leakage.pose_features`.
    """

    blendshapes: FloatArray
    turning: FloatArray


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
    except FileNotFoundError:
        raise ModelError(f"{path} does not exist; install Mien again.") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path} is damaged ({error}); install Mien again.") from error
    fits = blendshapes.shape == (N_BLENDSHAPES,) and turning.shape == (N_FEATURES, N_EXPRESSION)
    if (
        not fits
        or not (0 <= blendshapes.min() <= blendshapes.max() <= 1)
        or not (turning >= 0).all()
    ):
        raise ModelError(f"{path} is damaged: its numbers make no sense; install Mien again.")
    return Reliability(blendshapes, turning)
