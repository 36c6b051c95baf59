# SPDX-License-Identifier: GPL-3.0-or-later
"""What the weights of a label mean: rest, no opposites, the witness where it sees, the tool's habit taken off."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.core.model.arkit import ARKIT_BLENDSHAPES, N_BLENDSHAPES
from mien.core.model.head import Head
from scipy.optimize import lsq_linear

from training.head.unit_sizes import TABLE, read_sizes, resized
from training.labels.bias import measure_bias
from training.labels.box_newton import minimise
from training.labels.evidence import read_evidence
from training.labels.fit import Fitter
from training.labels.mediapipe_tool import Found
from training.labels.opposites import OPPOSITES
from training.labels.witness import Witness

from .test_labels import looked_at

SHARED = Path(__file__).parents[3] / "shared"
TASK = SHARED / "labelling" / "face_landmarker.task"


def index(name: str) -> int:
    return ARKIT_BLENDSHAPES.index(name)


def weights(**named: float) -> np.ndarray:
    out = np.zeros(N_BLENDSHAPES)
    for name, weight in named.items():
        out[index(name)] = weight
    return out


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 30))
def test_the_bounded_minimum_is_the_one_that_scipy_finds(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(n + 5, n))
    hessian, right = a.T @ a + 0.1 * np.eye(n), rng.normal(size=n) * 3
    low, high = np.full(n, -0.5), rng.uniform(0, 1, n)
    found = minimise(hessian, right, low, high, np.zeros(n))
    factor = np.linalg.cholesky(hessian)
    wanted = lsq_linear(factor.T, np.linalg.solve(factor, right), (low, high), method="bvls").x
    assert np.allclose(found, wanted, atol=1e-4)


def test_a_face_at_rest_rests_whoever_it_is(head: Head) -> None:
    rng, fitter = np.random.default_rng(1), Fitter(head)
    moving = [k for k, name in enumerate(ARKIT_BLENDSHAPES) if not name.startswith("eye")]
    counts = []
    for _ in range(6):
        found = looked_at(head, rng.normal(0, 1.2, 40), np.zeros(N_BLENDSHAPES), 0.0)
        fit = fitter.fit(found, np.zeros(N_BLENDSHAPES))
        counts.append((fit.blendshapes[moving] > 0.1).sum())
    assert max(counts) <= 1


def test_one_sided_smiles_stay_one_sided(head: Head) -> None:
    rng = np.random.default_rng(4)
    truth = weights(mouthSmileLeft=0.9)
    found = looked_at(head, rng.normal(0, 0.8, 40), truth, 5.0)
    fit = Fitter(head).fit(found, weights(mouthSmileLeft=0.6, mouthSmileRight=0.3))
    assert fit.blendshapes[index("mouthSmileLeft")] > 0.55
    assert fit.blendshapes[index("mouthSmileRight")] < 0.25


def test_opposites_exclude_each_other(head: Head) -> None:
    rng = np.random.default_rng(7)
    fitter = Fitter(head)
    for seed in range(4):
        truth = np.random.default_rng(seed).uniform(0, 0.6, N_BLENDSHAPES)
        fit = fitter.fit(looked_at(head, rng.normal(0, 0.8, 40), truth, 0.0), truth)
        for a, b in OPPOSITES:
            assert min(fit.blendshapes[a], fit.blendshapes[b]) <= 0.01


def test_the_witness_tells_apart_what_points_cannot(head: Head) -> None:
    """A drawn mouth that rises at the corners: with the witness's word for a smile it is one."""
    found = looked_at(head, np.zeros(40), weights(mouthSmileLeft=0.7, mouthSmileRight=0.7), 0.0)
    told = Fitter(head).fit(found, weights(mouthSmileLeft=0.7, mouthSmileRight=0.7)).blendshapes
    untold = Fitter(head).fit(found, np.zeros(N_BLENDSHAPES)).blendshapes
    assert told[index("mouthSmileLeft")] > untold[index("mouthSmileLeft")]
    assert abs(told[index("mouthSmileLeft")] - 0.7) < 0.15


def test_the_habit_of_the_tool_is_found_and_given_to_the_points(head: Head) -> None:
    rng = np.random.default_rng(3)
    lower = np.zeros((468, 3))
    mouth = np.abs(head.mediapipe_model().mean - head.landmark_model().mean[57]).max(axis=1) < 0.01
    lower[mouth, 1] = -0.002
    seen = []
    for _ in range(12):
        found = looked_at(head, rng.normal(0, 0.8, 40), np.zeros(N_BLENDSHAPES), 0.0)
        moved = found.points + 900.0 * lower.astype(np.float32) * [1, -1, 1]
        seen.append(replace(found, points=moved.astype(np.float32)))
    habit = measure_bias(head, seen, np.zeros((len(seen), N_BLENDSHAPES)))
    assert habit[mouth, 1].mean() < -0.0012
    assert np.abs(habit[~mouth]).mean() < 0.0003
    jaw = index("jawOpen")
    rest = np.zeros(N_BLENDSHAPES)
    with_habit = Fitter(head, habit).fit(seen[0], rest).blendshapes
    without = Fitter(head).fit(seen[0], rest).blendshapes
    assert with_habit[jaw] <= without[jaw]
    assert with_habit.sum() < without.sum()


def test_nobody_at_rest_no_habit(head: Head) -> None:
    found: list[Found] = [looked_at(head, np.zeros(40), np.zeros(N_BLENDSHAPES), 0.0)]
    assert not measure_bias(head, found, np.ones((1, N_BLENDSHAPES))).any()


def test_every_fitted_weight_has_its_evidence(head: Head) -> None:
    evidence = read_evidence(np.ones(N_BLENDSHAPES)).of(Fitter(head).fitted)
    assert (evidence.sparsity > 0).all()
    assert (evidence.sigma > 0).all()


def test_units_are_resized_and_the_components_stay(head: Head) -> None:
    sizes = read_sizes(TABLE)
    again = resized(head, sizes)
    assert np.array_equal(again.expression, head.expression)
    jaw, smile, dimple = index("jawOpen"), index("mouthSmileLeft"), index("mouthDimpleLeft")
    alone = [(jaw, sizes[jaw, jaw]), (dimple, sizes[dimple, dimple])]
    for arrays in ("blendshapes", "blendshapes_to_expression"):
        before, after = getattr(head, arrays), getattr(again, arrays)
        for unit, size in alone:
            assert np.allclose(after[unit], before[unit] * size)
        mixed = before[smile] * sizes[smile, smile] + before[dimple] * sizes[smile, dimple]
        assert np.allclose(after[smile], mixed, atol=1e-7)
    assert sizes[smile, dimple] > 0
    assert sizes[smile, index("mouthDimpleRight")] == 0


def test_a_smile_widens_and_lifts_the_mouth(head: Head) -> None:
    """As far as an artist's does (ICT-FaceKit's: 12.6 and 9.4 mm), between corners 48 and 54."""
    smiling = head.blendshapes[[index("mouthSmileLeft"), index("mouthSmileRight")]].sum(axis=0)
    corners = head.landmark_corners[[48, 54]]
    moved = np.einsum("kc,kcx->kx", head.landmark_weights[[48, 54]], 1000 * smiling[corners])
    assert moved[1, 0] - moved[0, 0] == pytest.approx(12.5, abs=1)
    assert moved[:, 1] == pytest.approx(8.5, abs=1)


def test_raised_brows_are_an_arch(head: Head) -> None:
    """Along its lower edge, from within to without, a brow rises as evenly as an artist's (ICT-FaceKit's: 6.8,
    10.8, 10.7 and 9.9 mm), and the two do not draw together."""
    raised = head.blendshapes[[index("browInnerUp"), index("browOuterUpLeft")]].sum(axis=0)
    along = 1000 * head.mediapipe_places.on(raised)[[285, 295, 282, 283]]
    assert along[:, 1].min() > 0.6 * along[:, 1].max()
    assert along[0, 0] > 0
    inner = 1000 * head.mediapipe_places.on(head.blendshapes[index("browInnerUp")])
    assert inner[285, 0] > 0
    assert inner[55, 0] < 0


@pytest.mark.parametrize("row", ["mouthGrin,1.0,,", "jawOpen,0,,", "mouthSmile,1,mouthGrin,.5"])
def test_a_wrong_row_of_sizes_is_refused(tmp_path: Path, row: str) -> None:
    (tmp_path / "sizes.csv").write_text(f"name,size,with,share\n{row}\n")
    with pytest.raises(
        ValueError, match="|".join(n for n in row.split(",") if n.startswith(("jaw", "mouthG")))
    ):
        read_sizes(tmp_path / "sizes.csv")


@pytest.mark.skipif(not TASK.exists(), reason=f"MediaPipe's landmarker is not at {TASK}")
def test_the_witness_sees_a_smile_and_its_mirror_image() -> None:
    photo = SHARED / "photos" / "congress" / "A000022.jpg"
    image = cv2.imread(str(photo)).astype(np.uint8)
    witness = Witness(TASK)
    scores = witness.scores(image)
    mirrored = witness.scores(np.ascontiguousarray(image[:, ::-1]))
    assert scores is not None
    assert mirrored is not None
    left, right = index("mouthSmileLeft"), index("mouthSmileRight")
    assert abs(scores[left] - mirrored[right]) < 0.1
    assert witness.scores(np.zeros((120, 120, 3), np.uint8)) is None
