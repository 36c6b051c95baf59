# SPDX-License-Identifier: GPL-3.0-or-later
from dataclasses import replace

import numpy as np
from mien.core.model.arkit import ARKIT_BLENDSHAPES, N_BLENDSHAPES
from mien.core.model.head import Head
from mien.core.model.params import decompose, split
from mien.core.modes import NeutralFace
from mien.core.solve.motion import solve_take
from mien.core.solve.pose_leakage import pose_features
from mien.core.solve.reliability import reliability
from mien.core.solve.side_leakage import SIDES, level_sides
from scipy.spatial.transform import Rotation

from ..conftest import made_take

LEFT, RIGHT = (ARKIT_BLENDSHAPES.index(f"mouthSmile{side}") for side in ("Left", "Right"))
PAIR = SIDES.index((LEFT, RIGHT))


def turned(*degrees: float) -> np.ndarray:
    return (
        Rotation.from_euler("y", np.reshape(degrees, (-1, 1)), degrees=True)
        .as_matrix()
        .reshape(-1, 3, 3)
    )


def test_a_level_smile_of_a_turned_head_is_levelled() -> None:
    slopes = np.zeros(len(SIDES), np.float32)
    slopes[PAIR] = 0.2
    said = np.zeros((3, N_BLENDSHAPES), np.float32)
    yaw = (-30.0, 0.0, 30.0)
    said[:, LEFT] = 0.5 + 0.2 * np.maximum(np.sin(np.radians(yaw)), 0)
    said[:, RIGHT] = 0.5 + 0.2 * np.maximum(-np.sin(np.radians(yaw)), 0)
    assert np.allclose(level_sides(said, turned(*yaw), slopes)[:, [LEFT, RIGHT]], 0.5, atol=1e-6)


def test_no_weight_is_raised_and_rest_stays_rest() -> None:
    rng = np.random.default_rng(0)
    said = rng.uniform(0, 1, (40, N_BLENDSHAPES)).astype(np.float32)
    said[:5] = 0
    slopes = rng.uniform(-0.5, 0.5, len(SIDES)).astype(np.float32)
    out = level_sides(said, turned(*rng.uniform(-80, 80, 40)), slopes)
    assert (out <= said).all()
    assert out.min() >= 0
    assert not out[:5].any()
    ahead = level_sides(said, turned(*np.zeros(40)), slopes)
    assert np.array_equal(ahead, said)


def test_the_solve_levels_what_the_network_says(head: Head) -> None:
    """A smile said evenly of a turned head is keyed unevenly, by the network's own slope."""
    slope = float(reliability().sides[PAIR])
    take = made_take(head)
    said = np.zeros_like(take.blendshapes)
    said[:, [LEFT, RIGHT]] = 0.6
    sine = np.sin(pose_features(decompose(split(take.params).transform).rotation)[:, 0])
    keyed = solve_take(replace(take, blendshapes=said), neutral=NeutralFace.OFF).blendshapes
    lean = keyed[:, LEFT] - keyed[:, RIGHT]
    assert np.abs(slope * sine).max() > 0.005
    assert np.corrcoef(lean, -slope * sine)[0, 1] > 0.9
