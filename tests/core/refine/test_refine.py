# SPDX-License-Identifier: GPL-3.0-or-later
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from mien.core.errors import TakeError
from mien.core.model.arkit import ARKIT_BLENDSHAPES, N_BLENDSHAPES
from mien.core.model.crop import FLIP
from mien.core.model.head import Head
from mien.core.model.params import FloatArray
from mien.core.refine.canonical import CELLS, SIDE, canonical_of
from mien.core.refine.flow import Flow
from mien.core.refine.refine import RefineProgress, refine, refine_take
from mien.core.solve.motion import solve_take
from mien.core.take.refinement import Refinement
from mien.core.take.take import ARRAYS
from mien.core.take.take_file import load_take, save_take

from .footage import SCALE, Drawn, drawn, with_hand

COUNT = 24
STEPS = COUNT + COUNT // 6 + COUNT
"""Every frame is read, every sixth one looked at, and then every one."""
MOVED = ("mouthSmileLeft", "browInnerUp", "jawLeft")
INDEX = [ARKIT_BLENDSHAPES.index(name) for name in MOVED]


def acted(count: int = COUNT) -> FloatArray:
    """A smile on one side, then brows, then the jaw aside; between them the face rests."""
    weights = np.zeros((count, N_BLENDSHAPES), np.float32)
    time = np.linspace(0, len(MOVED), count, endpoint=False)
    for k, unit in enumerate(INDEX):
        weights[:, unit] = 0.8 * np.clip(np.sin(np.pi * (time - k)), 0, 1) * ((time // 1) == k)
    return weights


@pytest.fixture(scope="module")
def made(head: Head) -> Drawn:
    return drawn(head, acted(), 12 * np.sin(np.linspace(0, 6, COUNT)))


@pytest.fixture(scope="module")
def refined(made: Drawn, head: Head) -> Refinement:
    return run(made, head)


def run(made: Drawn, head: Head) -> Refinement:
    refined = refine(made.take, made.frames, solve_take(made.take, head), head)
    assert refined is not None
    assert refined.fits(len(made.take))
    return refined


def test_the_pixels_say_what_the_network_did_not(made: Drawn, refined: Refinement) -> None:
    found = (refined.weights - refined.rest)[:, INDEX]
    truth = made.weights[:, INDEX]
    assert np.abs(found - truth).mean() < 0.55 * truth.mean()
    for k in range(len(MOVED)):
        assert np.corrcoef(found[:, k], truth[:, k])[0, 1] > 0.9
        assert found[:, k].max() > 0.3 * truth[:, k].max()
    still = np.delete(refined.weights - refined.rest, INDEX, axis=1)
    assert still.mean() < 0.02


def test_poses_are_held_where_they_were_right(made: Drawn, refined: Refinement, head: Head) -> None:
    motion = solve_take(made.take, head)
    turned = np.abs((refined.rotation * motion.rotation).sum(axis=1))
    assert np.degrees(2 * np.arccos(np.clip(turned, 0, 1))).max() < 1.5
    assert np.abs(refined.position - motion.position).max() < 2
    assert np.abs(refined.scale / motion.scale - 1).max() < 0.02


def test_eyes_and_what_no_picture_shows_stay_as_the_network_said(head: Head) -> None:
    made = drawn(head, acted(6), np.zeros(6))
    fixed = [i for i, n in enumerate(ARKIT_BLENDSHAPES) if n.startswith("eye") or n == "tongueOut"]
    made.take.blendshapes[:, fixed] = 0.3
    refined = run(made, head)
    assert np.allclose(refined.weights[:, fixed], 0.3)


def test_a_hidden_face_keeps_what_the_network_said(made: Drawn, head: Head) -> None:
    rows = [11, 12, 13]
    refined = run(with_hand(made, rows), head)
    assert refined.trust[rows].max() < 0.3
    assert np.delete(refined.trust, [9, 10, *rows, 14, 15]).min() > 0.7
    assert refined.weights[12].max() < 0.5


@pytest.mark.parametrize(("scale", "yaw"), [(0.4 * SCALE, 0.0), (SCALE, 65.0)])
def test_small_and_turned_away_faces_are_left_alone(head: Head, scale: float, yaw: float) -> None:
    made = drawn(head, acted(4), np.full(4, yaw), scale)
    made.take.boxes[:, 2] *= scale / SCALE
    made.take.params[:, :12] /= scale / SCALE
    assert refine(made.take, made.frames, solve_take(made.take, head), head) is None


def test_lost_frames_and_missing_pictures_are_no_obstacle(made: Drawn, head: Head) -> None:
    lost = replace(
        made.take, params=made.take.params.copy(), blendshapes=made.take.blendshapes.copy(),
        boxes=made.take.boxes.copy(),
    )  # fmt: skip
    lost.params[5], lost.blendshapes[5], lost.boxes[5] = np.nan, np.nan, np.nan
    refined = refine(lost, made.frames[:18], solve_take(lost, head), head)
    assert refined is not None
    assert refined.fits(len(lost))
    assert refined.trust[5] == 0
    assert (refined.trust[18:] == 0).all()
    assert refined.trust[:5].min() > 0.5


def test_progress_is_told_and_a_wish_to_stop_is_heard(made: Drawn, head: Head) -> None:
    told: list[RefineProgress] = []
    motion = solve_take(made.take, head)
    refine(made.take, made.frames, motion, head, told.append)
    assert [t.done for t in told] == list(range(1, STEPS + 1))
    assert {t.expected for t in told} == {STEPS}
    for wanted in (3, COUNT + 3):
        told.clear()
        stopped = refine(
            made.take, made.frames, motion, head, told.append, lambda w=wanted: len(told) >= w
        )
        assert stopped is None
        assert len(told) == wanted


def test_a_refined_take_is_stored_and_read_by_those_who_know_nothing_of_it(
    made: Drawn, refined: Refinement, tmp_path: Path
) -> None:
    path = tmp_path / "take.npz"
    save_take(replace(made.take, refined=refined), path)
    again = load_take(path).refined
    assert again is not None
    for name, value in refined.arrays().items():
        assert np.array_equal(again.arrays()[name], value)
    with np.load(path) as file:
        assert set(ARRAYS) < set(file.files)
        whole = {name: file[name] for name in file.files}
    for damage in ({"refined_weights": whole["refined_weights"] + 2}, {"refined_rest": None}):
        changed = {n: a for n, a in {**whole, **damage}.items() if a is not None}
        np.savez(path, **changed)
        with pytest.raises(TakeError, match="damaged"):
            load_take(path)
    save_take(made.take, path)
    assert load_take(path).refined is None


def test_a_refined_take_is_solved_as_the_pixels_say(made: Drawn, head: Head) -> None:
    made.take.blendshapes[:, ARKIT_BLENDSHAPES.index("eyeBlinkLeft")] = 0.2
    take = refine_take(made.take, made.frames, head)
    assert take.refined is not None
    before, after = solve_take(made.take, head), solve_take(take, head)
    assert np.array_equal(after.position, take.refined.position)
    beyond = (take.refined.weights - take.refined.rest)[:, INDEX]
    assert np.allclose(after.blendshapes[:, INDEX], beyond, atol=0.05)  # opposites are parted
    hidden = ARKIT_BLENDSHAPES.index("tongueOut")
    assert after.blendshapes[:, hidden].max() == before.blendshapes[:, hidden].max()
    risen = solve_take(take, head, (4 / 30, 4 / 30)).blendshapes[
        :, INDEX[0]
    ]  # at the height of the smile
    assert risen.max() < 0.1 < after.blendshapes[4, INDEX[0]]
    blinks = [ARKIT_BLENDSHAPES.index(f"eyeBlink{side}") for side in ("Left", "Right")]
    assert np.array_equal(after.blendshapes[:, blinks], before.blendshapes[:, blinks])
    meant = made.weights @ head.blendshapes_to_expression
    errors = [np.linalg.norm(m.expression - meant, axis=1).mean() for m in (before, after)]
    assert errors[1] < 0.75 * errors[0]


@pytest.mark.parametrize("pixels", [0.5, 1.5])
def test_flow_finds_the_whole_of_a_miss(head: Head, pixels: float) -> None:
    """Parts of a face move each its own way: the search alone finds six sevenths of that."""
    rng = np.random.default_rng(3)
    skin = cv2.GaussianBlur(rng.normal(size=(SIDE, SIDE)).astype(np.float32), (0, 0), 2)
    template = np.clip(128 + 42 * skin / skin.std(), 0, 255).astype(np.uint8)
    coarse = rng.normal(size=(5, 5, 2)).astype(np.float32)
    moved = pixels * cv2.resize(coarse, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    where = np.stack(np.indices((SIDE, SIDE), np.float32)[::-1], axis=-1)
    frame = cv2.remap(template, where - moved, None, cv2.INTER_LINEAR)
    canonical = canonical_of(head, head.vertices)
    misses = Flow(canonical, template).misses(frame, where, np.ones((SIDE, SIDE), np.float32))
    cells = cv2.resize(moved, (CELLS, CELLS), interpolation=cv2.INTER_AREA).reshape(-1, 2)
    truth = cells[canonical.cells] * FLIP[:2]
    assert 0.93 < (misses.away * truth).sum() / (truth * truth).sum() < 1.07
    assert np.corrcoef(misses.away.ravel(), truth.ravel())[0, 1] > 0.9
