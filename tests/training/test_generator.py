# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import pytest
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.head import Head
from mien.core.model.params import decompose, split

from training.generator.acts import draw_act, load_acts
from training.generator.generator import Generator
from training.generator.neighbouring_frames import FRAMES
from training.generator.sampling import (
    draw_angles,
    draw_blendshapes,
    draw_expression,
    set_eye_look,
)
from training.labels.expression_projection import ExpressionProjector
from training.labels.opposites import OPPOSITES
from training.labels.store import LabelledPhoto


@pytest.fixture(scope="module")
def batch(head: Head, photos: list[LabelledPhoto]) -> dict[str, np.ndarray]:
    return dict(Generator(head, photos, 5).batch(160))  # type: ignore[arg-type]


def test_shapes_and_ranges(batch: dict[str, np.ndarray]) -> None:
    assert batch["crop"].shape == (160, 120, 120, 3)
    assert batch["crop"].dtype == np.uint8
    assert batch["params"].shape == (160, 62)
    assert np.isfinite(batch["params"]).all()
    assert batch["units"].min() >= 0
    assert batch["units"].max() <= 1
    assert 0.8 < batch["face"].mean() < 1


def test_landmarks_lie_inside_the_crop(batch: dict[str, np.ndarray], head: Head) -> None:
    faces = batch["params"][batch["face"] > 0]
    marks = head.landmark_model().project(*split(faces))[..., :2]
    assert (np.abs(marks) < 60).mean() > 0.95
    sizes = np.ptp(marks, axis=1).max(axis=1)
    assert 65 < np.median(sizes) < 95  # the crop's side over the root of two is 85


def test_heads_turn_both_ways_and_far(batch: dict[str, np.ndarray]) -> None:
    faces = batch["params"][batch["face"] > 0]
    yaw = np.degrees(np.arcsin(decompose(split(faces).transform).rotation[:, 0, 2]))
    assert yaw.min() < -40
    assert yaw.max() > 40
    assert abs(np.median(yaw)) < 15


def test_the_same_seed_gives_the_same_samples(head: Head, photos: list[LabelledPhoto]) -> None:
    one, two = (Generator(head, photos, 7).batch(12) for _ in range(2))
    assert all(np.array_equal(one[k], two[k]) for k in one)  # type: ignore[literal-required]


def test_a_clip_moves_in_small_steps(head: Head, photos: list[LabelledPhoto]) -> None:
    frames = Generator(head, photos, 11).clip()
    assert len(frames) == FRAMES
    params = np.stack([f["params"] for f in frames])
    one = (
        params[:, 12:52]
        - ExpressionProjector(head).coefficients(
            np.zeros(40), np.stack([f["units"] for f in frames])
        )[0]
    )
    assert np.ptp(one, axis=0).max() < 1e-5  # one identity, but for what helps the expression
    marks = head.landmark_model().project(*split(params))[..., :2]
    steps = np.linalg.norm(np.diff(marks, axis=0), axis=2).mean(axis=1)
    assert steps.max() < 12
    assert steps.min() > 0


def test_synthetic_heads_need_no_photos(head: Head) -> None:
    batch = Generator(head, [], 2).batch(12)
    assert batch["crop"].std() > 10


def test_gaze_goes_to_the_right_units() -> None:
    left = set_eye_look(np.zeros(52, np.float32), 0.3, 0.0)
    names = {n for n, v in zip(ARKIT_BLENDSHAPES, left, strict=True) if v > 0.05}
    assert names == {"eyeLookOutLeft", "eyeLookInRight"}


def test_random_faces_and_turns_are_in_range() -> None:
    rng = np.random.default_rng(0)
    blendshapes = np.stack([draw_blendshapes(rng) for _ in range(200)])
    assert blendshapes.min() >= 0
    assert blendshapes.max() <= 1
    blink = ARKIT_BLENDSHAPES.index("eyeBlinkLeft")
    assert (blendshapes[:, blink] > 0.8).any()
    assert (blendshapes[:, blink] < 0.05).any()
    yaws = np.array([draw_angles(rng).yaw for _ in range(500)])
    assert np.abs(yaws).max() > 70
    assert np.mean(np.abs(yaws) < 30) > 0.3


def test_faces_rest_act_and_do_no_opposites() -> None:
    rng = np.random.default_rng(5)
    blendshapes = np.stack([draw_expression(rng) for _ in range(3000)])
    assert blendshapes.min() >= 0
    assert blendshapes.max() <= 1
    moving = [k for k, name in enumerate(ARKIT_BLENDSHAPES) if not name.startswith("eye")]
    assert 0.1 < (blendshapes[:, moving].max(axis=1) == 0).mean() < 0.25
    for a, b in OPPOSITES:
        assert np.minimum(blendshapes[:, a], blendshapes[:, b]).max() == 0
    for name in ("mouthFunnel", "mouthPucker", "mouthFrownLeft", "browInnerUp", "browDownRight"):
        assert (blendshapes[:, ARKIT_BLENDSHAPES.index(name)] > 0.4).mean() > 0.025
    left, right = (
        blendshapes[:, ARKIT_BLENDSHAPES.index(f"mouthSmile{side}")] for side in ("Left", "Right")
    )
    assert (np.abs(left - right) > 0.3).mean() > 0.02
    close, jaw = (
        blendshapes[:, ARKIT_BLENDSHAPES.index(name)] for name in ("mouthClose", "jawOpen")
    )
    assert (close <= jaw).all()


def test_an_act_is_done_on_both_sides_or_on_one() -> None:
    rng, acts = np.random.default_rng(2), load_acts()
    smile = acts.mouth[:1]
    drawn = np.stack([draw_act(rng, smile) for _ in range(400)])
    left, right = (
        drawn[:, ARKIT_BLENDSHAPES.index(f"mouthSmile{side}")] for side in ("Left", "Right")
    )
    alone = (np.minimum(left, right) == 0).mean()
    assert 0.12 < alone < 0.28
    assert np.corrcoef(left[right > 0], right[right > 0])[0, 1] > 0.5
