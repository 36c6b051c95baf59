# SPDX-License-Identifier: GPL-3.0-or-later

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.head import Head
from mien.core.model.params import EXPRESSION
from mien.core.model.regions import REGIONS, regional_parts
from mien.core.model.rotation import to_matrices
from mien.core.performance.key_reduction import every_nth, simplify_keys
from mien.core.solve.adjust import Adjustments, adjust, clean_motion
from mien.core.solve.motion import Motion, solve_take
from mien.core.solve.smooth import smooth

from ..conftest import made_take


@pytest.fixture
def motion(head: Head) -> Motion:
    return solve_take(made_take(head, 90))


def uneven(count: int, seed: int) -> np.ndarray:
    return np.cumsum(np.random.default_rng(seed).uniform(0.01, 0.06, count))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 999), st.floats(0.05, 1), st.tuples(*[st.floats(-3, 3)] * 3))
def test_a_parabola_is_left_as_it_is(
    seed: int, strength: float, curve: tuple[float, float, float]
) -> None:
    times = uneven(60, seed)
    values = np.polyval(curve, times)[:, None].astype(np.float32)
    found = smooth(times, values, np.ones(60, np.float32), strength)
    assert np.abs(found - values)[5:-5].max() < 0.02 * (1 + np.ptp(values))


def test_noise_goes_and_a_blink_stays() -> None:
    times = np.arange(300) / 30
    blink = np.exp(-0.5 * ((times - 5) / 0.06) ** 2)
    noisy = blink + np.random.default_rng(0).normal(0, 0.05, 300)
    found = smooth(times, noisy[:, None].astype(np.float32), np.ones(300, np.float32), 0.4)[:, 0]
    rest = np.abs(times - 5) > 0.5
    assert found[rest].std() < 0.65 * noisy[rest].std()
    assert found.max() > 0.75
    assert abs(int(found.argmax()) - 150) <= 1  # no lag


def test_a_doubtful_frame_follows_its_neighbours() -> None:
    times, values = np.arange(60) / 30, np.zeros((60, 1), np.float32)
    sure = np.ones(60, np.float32)
    values[30], sure[30] = 10.0, 0.0
    assert abs(smooth(times, values, sure, 0.5)[30, 0]) < 0.2


def test_no_strength_changes_nothing(motion: Motion, head: Head) -> None:
    same = adjust(motion, head, Adjustments(smoothing=0))
    assert np.array_equal(same.expression, motion.expression)
    assert np.array_equal(same.rotation, motion.rotation)


def test_smoothed_rotations_are_rotations(motion: Motion, head: Head) -> None:
    turns = adjust(motion, head, Adjustments(smoothing=1)).rotation
    assert np.allclose(np.linalg.norm(turns, axis=1), 1, atol=1e-5)


def test_the_parts_of_the_face_add_up_to_the_whole(head: Head) -> None:
    assert np.allclose(regional_parts(head).sum(axis=0), np.eye(10), atol=1e-4)


def displacement(head: Head, expression: np.ndarray) -> np.ndarray:
    return np.tensordot(expression, head.expression, axes=1)


def test_opening_the_jaw_is_the_jaws_and_not_the_brows(head: Head) -> None:
    parts = dict(zip(REGIONS, regional_parts(head), strict=True))
    jaw = head.blendshapes_to_expression[ARKIT_BLENDSHAPES.index("jawOpen")]
    brow = head.blendshapes_to_expression[ARKIT_BLENDSHAPES.index("browInnerUp")]

    def share(region: str, of: np.ndarray) -> float:
        whole = np.linalg.norm(displacement(head, of))
        return float(np.linalg.norm(displacement(head, parts[region] @ of)) / whole)

    assert share("jaw", jaw) > 0.5
    assert share("brows", jaw) < 0.1
    assert share("brows", brow) > 0.5
    assert share("jaw", brow) < 0.15


def test_gains_scale_their_own_region(motion: Motion, head: Head) -> None:
    still = adjust(motion, head, Adjustments(0, gains={"eyes": 0.0}))
    blink = ARKIT_BLENDSHAPES.index("eyeBlinkLeft")
    jaw = ARKIT_BLENDSHAPES.index("jawOpen")
    assert still.blendshapes[:, blink].max() == 0
    assert np.array_equal(still.blendshapes[:, jaw], motion.blendshapes[:, jaw])
    none = adjust(motion, head, Adjustments(0, gains=dict.fromkeys(REGIONS, 0.0)))
    assert np.abs(none.expression).max() < 1e-3


def angles(motion: Motion) -> np.ndarray:
    from scipy.spatial.transform import Rotation

    return np.degrees(Rotation.from_matrix(to_matrices(motion.rotation)).as_rotvec())


def test_the_head_may_be_held_or_turned_less(motion: Motion, head: Head) -> None:
    held = adjust(motion, head, Adjustments(0, head_motion=False))
    assert np.ptp(angles(held), axis=0).max() < 0.1
    assert np.ptp(held.scale) == 0
    assert np.ptp(held.position, axis=0).max() == 0
    half = adjust(motion, head, Adjustments(0, gains={"head": 0.5}))
    assert np.allclose(np.ptp(angles(half)[:, 1]), np.ptp(angles(motion)[:, 1]) / 2, rtol=0.1)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 200), st.integers(0, 999), st.floats(0, 2))
def test_lines_between_needed_keys_miss_by_no_more_than_allowed(
    count: int, seed: int, tolerance: float
) -> None:
    times = uneven(count, seed)
    values = np.random.default_rng(seed).normal(size=count).cumsum().astype(np.float32)
    keep = simplify_keys(times, values, tolerance)
    assert keep[0]
    assert keep[-1]
    line = np.interp(times, times[keep], values[keep])
    assert np.abs(line - values).max() <= tolerance + 1e-5


def test_a_straight_line_needs_two_keys() -> None:
    times = np.arange(100.0)
    assert simplify_keys(times, (times * 0.5).astype(np.float32), 1e-3).sum() == 2


@given(st.integers(1, 100), st.integers(1, 20))
def test_every_nth_has_both_ends(count: int, step: int) -> None:
    keep = every_nth(count, step)
    assert keep[0]
    assert keep[-1]
    assert keep.sum() <= count // step + 2


def test_a_clean_motion_jitters_less_and_lies_where_the_take_was(head: Head) -> None:
    take = made_take(head, 60)
    rng = np.random.default_rng(0)
    take.params[:, EXPRESSION] = rng.normal(0, 0.1, (60, 10))
    solved, clean = solve_take(take, head), clean_motion(take, head)
    assert np.diff(clean.expression, axis=0).std() < 0.7 * np.diff(solved.expression, axis=0).std()
    assert np.abs(clean.position - solved.position).max() < 5
    assert np.array_equal(clean.identity, solved.identity)


def test_quick_blinks_come_through_the_usual_smoothing(motion: Motion, head: Head) -> None:
    rng = np.random.default_rng(0)
    blendshapes = rng.normal(0.05, 0.01, motion.blendshapes.shape).astype(np.float32)
    peaks = np.array([20, 45, 70])
    for name in ("eyeBlinkLeft", "eyeBlinkRight"):
        blendshapes[peaks, ARKIT_BLENDSHAPES.index(name)] = 1
        blendshapes[peaks + 1, ARKIT_BLENDSHAPES.index(name)] = 0.5
    blendshapes = np.clip(blendshapes, 0, 1)
    found = adjust(replace(motion, blendshapes=blendshapes), head, Adjustments(0.3)).blendshapes
    blink, jaw = ARKIT_BLENDSHAPES.index("eyeBlinkLeft"), ARKIT_BLENDSHAPES.index("noseSneerLeft")
    assert found[peaks, blink].min() > 0.95
    assert found[:, jaw].std() < 0.8 * blendshapes[:, jaw].std()


def test_a_head_that_is_shaken_stays_where_it_was(motion: Motion, head: Head) -> None:
    time = np.arange(90) / 30
    calm = time < 1
    angle = np.where(calm, 0, np.radians(25) * np.sin(2 * np.pi * 3 * time))
    angle = angle + np.random.default_rng(0).normal(0, np.radians(0.3), 90)
    turns = np.column_stack([np.cos(angle / 2), 0 * angle, np.sin(angle / 2), 0 * angle])
    shaken = replace(motion, times=time, rotation=turns.astype(np.float32))
    found = 2 * np.arcsin(adjust(shaken, head, Adjustments(0.3)).rotation[:, 2])
    truth = np.where(calm, 0, np.radians(25) * np.sin(2 * np.pi * 3 * time))
    off, raw = np.abs(found - truth), np.abs(angle - truth)
    assert off[35:].mean() <= 1.05 * raw[35:].mean()
    assert off[:26].mean() < 0.9 * raw[:26].mean()


def test_a_doubtful_frame_does_not_come_through_however_far_it_is(
    motion: Motion, head: Head
) -> None:
    sure, blendshapes = motion.confidence.copy(), np.zeros_like(motion.blendshapes)
    blendshapes[40, 1], sure[:] = 1, 1
    sure[40] = 0
    found = adjust(
        replace(motion, blendshapes=blendshapes, confidence=sure), head, Adjustments(0.5)
    ).blendshapes
    assert found[40, 1] < 0.2
