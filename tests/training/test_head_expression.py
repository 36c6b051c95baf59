# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import pytest

pytest.importorskip("torch")

from training.head.expression import build_expression, expression_blendshapes, likeliest


def test_motion_that_the_coefficients_tell_is_found_exactly() -> None:
    rng = np.random.default_rng(0)
    truth, from_blendshapes = rng.normal(size=(10, 7, 3)), rng.normal(size=(30, 10))
    spread = rng.normal(size=(30, 30))
    found = likeliest(np.tensordot(from_blendshapes, truth, 1), from_blendshapes, spread @ spread.T)
    assert np.allclose(found, truth, atol=1e-8)


def test_no_other_components_guess_random_mixtures_better() -> None:
    rng = np.random.default_rng(1)
    blendshapes, from_blendshapes = rng.normal(size=(30, 7, 3)), rng.normal(size=(30, 10))
    weights = rng.normal(size=(4000, 30)) * rng.uniform(0.2, 2, 30)
    best = likeliest(blendshapes, from_blendshapes, weights.T @ weights / len(weights))

    def error(components: np.ndarray) -> float:
        made = np.tensordot(weights @ from_blendshapes, components, 1)
        return float(((np.tensordot(weights, blendshapes, 1) - made) ** 2).sum())

    for _ in range(20):
        assert error(best) <= error(best + rng.normal(0, 0.05, best.shape))


def test_a_basis_of_ten_keeps_ten_independent_motions() -> None:
    rng = np.random.default_rng(2)
    blendshapes = 1e-9 * rng.normal(size=(52, 60, 3))
    chosen = expression_blendshapes()
    blendshapes[chosen[:10]] = rng.normal(size=(10, 60, 3))
    even = np.full(60, 1 / 60)
    basis = build_expression(blendshapes, even, np.zeros(60), rng)
    assert (basis.kept[chosen[:10]] > 0.9).all()
    assert basis.components.shape == (10, 60, 3)
    made = np.tensordot(basis.from_blendshapes[chosen[0]], basis.components, 1)
    assert np.linalg.norm(made - blendshapes[chosen[0]]) < 0.45 * np.linalg.norm(
        blendshapes[chosen[0]]
    )
