# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.core.model.arkit import ARKIT_BLENDSHAPES, N_BLENDSHAPES, UNSEEN
from mien.core.solve.arkit_fit import AXES, BEND, RIVALS, exclusive, fit_blendshapes, shrunk
from scipy.optimize import minimize_scalar

NO_REST = np.zeros(N_BLENDSHAPES, np.float32)


def index(name: str) -> int:
    return ARKIT_BLENDSHAPES.index(name)


def one(**weights: float) -> np.ndarray:
    out = np.zeros((1, N_BLENDSHAPES), np.float32)
    for name, value in weights.items():
        out[0, index(name)] = value
    return out


@settings(max_examples=40, deadline=None)
@given(st.floats(0, 1), st.floats(0, BEND * 0.99))
def test_shrinking_finds_the_minimum(said: float, threshold: float) -> None:
    def cost(w: float) -> float:
        return (w - said) ** 2 / 2 + threshold * BEND * np.log1p(w / BEND)

    best = minimize_scalar(cost, bounds=(0, 1), method="bounded", options={"xatol": 1e-6}).x
    found = float(shrunk(np.array([[said]]), np.array([threshold]))[0, 0])
    assert cost(found) <= cost(float(best)) + 1e-6


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 9999), st.floats(0, 3))
def test_weights_lie_between_nothing_and_all(seed: int, size: float) -> None:
    said = np.random.default_rng(seed).normal(0, size, (4, N_BLENDSHAPES)).astype(np.float32)
    found = fit_blendshapes(said, NO_REST)
    assert 0 <= found.min() <= found.max() <= 1


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 9999))
def test_opposites_are_never_together(seed: int) -> None:
    said = np.random.default_rng(seed).uniform(0, 1, (20, N_BLENDSHAPES)).astype(np.float32)
    found = fit_blendshapes(said, NO_REST)
    for pair in (*AXES, *RIVALS):
        assert found[:, [index(name) for name in pair]].min(axis=1).max() == 0
    for side in ("Left", "Right"):
        assert (found[:, index("browInnerUp")] * found[:, index(f"browDown{side}")]).max() == 0


def test_a_clear_weight_stays_and_a_doubtful_one_goes() -> None:
    found = fit_blendshapes(one(jawOpen=0.9, mouthLeft=0.02, mouthSmileLeft=0.6), NO_REST)[0]
    assert found[index("jawOpen")] == pytest.approx(0.9, abs=0.02)
    assert found[index("mouthSmileLeft")] == pytest.approx(0.6, abs=0.04)
    assert found[index("mouthLeft")] == 0


def test_what_rests_is_nothing_and_left_is_free_of_right() -> None:
    rest = one(browInnerUp=0.4, mouthStretchLeft=0.15)[0]
    said = one(browInnerUp=0.41, mouthStretchLeft=0.16, mouthSmileLeft=0.7, mouthSmileRight=0.1)
    found = fit_blendshapes(said, rest)[0]
    assert found[index("browInnerUp")] == found[index("mouthStretchLeft")] == 0
    assert found[index("mouthSmileLeft")] > 5 * found[index("mouthSmileRight")]


def test_exclusion_is_continuous() -> None:
    said = np.repeat(one(mouthSmileLeft=0.3), 201, axis=0).astype(np.float64)
    said[:, index("mouthFrownLeft")] = np.linspace(0, 1, 201)
    assert np.abs(np.diff(exclusive(said), axis=0)).max() < 0.02


def test_lids_and_gaze_are_not_shrunk() -> None:
    found = fit_blendshapes(one(eyeBlinkLeft=0.07, eyeLookUpLeft=0.05), NO_REST)[0]
    assert found[index("eyeBlinkLeft")] == pytest.approx(0.07)
    assert found[index("eyeLookUpLeft")] == pytest.approx(0.05)


def test_what_cannot_be_seen_stays_at_nothing() -> None:
    found = fit_blendshapes(np.full((1, N_BLENDSHAPES), 0.9, np.float32), NO_REST)[0]
    assert found[[index(name) for name in UNSEEN]].max() == 0
