# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import pytest
from mien.core.errors import MienError
from mien.core.model.arkit import ARKIT_BLENDSHAPES, N_BLENDSHAPES
from mien.core.model.gaze import gaze_from_blendshapes
from mien.core.model.head import Head
from mien.core.model.params import EXPRESSION, N_POSE
from mien.core.solve.motion import solve_take
from mien.core.solve.neutral import (
    LEAST_SECONDS,
    MOST_REST,
    find_rest,
    gaze_ahead,
    parse_neutral,
)
from mien.core.take.take import Take

from ..conftest import made_take

SMILE, JAW, BROW, BLINK, STRETCH = (
    ARKIT_BLENDSHAPES.index(n)
    for n in ("mouthSmileLeft", "jawOpen", "browInnerUp", "eyeBlinkLeft", "mouthStretchRight")
)
FACE = [i for i, n in enumerate(ARKIT_BLENDSHAPES) if not n.startswith("eye")]


def acted(frames: int = 120) -> np.ndarray:
    """Weights that rest at .1, brows at .25, with speech and a smile in the second half."""
    blendshapes = np.full((frames, N_BLENDSHAPES), 0.1, np.float32)
    blendshapes[:, BROW] = 0.25
    late = np.arange(frames) >= frames // 2
    blendshapes[late, SMILE] = 0.8
    blendshapes[late, JAW] = 0.3 + 0.3 * np.sin(np.arange(frames)[late])
    return blendshapes


def rest_of(blendshapes: np.ndarray, **other: object) -> np.ndarray:
    count = len(blendshapes)
    return find_rest(
        blendshapes, np.arange(count) / 30, np.ones(count, np.float32), **other
    ).blendshapes  # type: ignore[arg-type]


def test_rest_is_what_the_face_is_like_when_it_does_nothing() -> None:
    rest = rest_of(acted())
    assert np.allclose(rest[FACE], np.where(np.isin(FACE, [BROW]), 0.25, 0.1), atol=1e-6)
    assert rest[BLINK] == pytest.approx(0.1)  # lids rest where they are open


def test_a_face_that_never_rests_finds_the_least_of_each_weight() -> None:
    time = np.arange(300) / 30
    blendshapes = np.full((300, N_BLENDSHAPES), 0.05, np.float32)
    blendshapes[:, JAW] = 0.15 + 0.4 * np.abs(np.sin(2 * time))
    blendshapes[:, SMILE] = 0.12 + 0.5 * np.abs(np.cos(3 * time))
    rest = rest_of(blendshapes)
    assert rest[SMILE] == pytest.approx(MOST_REST["mouthSmile"])
    assert 0.15 <= rest[JAW] <= MOST_REST[""] + 1e-6


def test_a_smile_that_lasts_is_no_rest() -> None:
    blendshapes = acted()
    blendshapes[:, SMILE] = 0.8
    blendshapes[:, BROW] = 0.9
    rest = rest_of(blendshapes)
    assert rest[SMILE] <= MOST_REST["mouthSmile"] + 1e-6
    assert rest[BROW] <= MOST_REST["brow"] + 1e-6


def test_short_takes_and_doubtful_frames_say_nothing_about_rest() -> None:
    assert rest_of(acted(int(LEAST_SECONDS * 30) - 2)).max() == 0
    blendshapes, sure = acted(), np.ones(120, np.float32)
    blendshapes[:20], sure[:20] = 0, 0.3  # a hand, in which the least happens
    found = find_rest(blendshapes, np.arange(120) / 30, sure)
    assert found.blendshapes[STRETCH] == pytest.approx(0.1)
    assert not found.frames[:20].any()


def test_a_range_rests_whatever_it_holds() -> None:
    blendshapes = acted()
    rest = rest_of(blendshapes, neutral=(3.0, 3.5))
    assert rest[SMILE] == pytest.approx(0.8)
    assert rest_of(blendshapes, neutral="off").max() == 0
    between = rest_of(blendshapes, neutral=(2.51, 2.51))
    assert between == pytest.approx(
        np.where(np.char.startswith(ARKIT_BLENDSHAPES, "eyeLook"), 0, blendshapes[75])
    )


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("auto", "auto"),
        ("off", "off"),
        ("2.5", (2.5, 2.5)),
        ("4-2.5", (2.5, 4)),
        ("0-.5", (0, 0.5)),
    ],
)
def test_words_for_it(text: str, meant: object) -> None:
    assert parse_neutral(text) == meant


@pytest.mark.parametrize("text", ["", "-1", "1-", "a", "nan", "1-2-3", "1e3"])
def test_words_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(MienError, match="auto, off, a second"):
        parse_neutral(text)


def resting_take(head: Head, smile: float = 0.0) -> Take:
    """A take of someone whose brows the network says to be raised, and who smiles in its second half."""
    take = made_take(head, 120)
    take.params[:, :N_POSE] = take.params[
        0, :N_POSE
    ]  # what turning lends to a face is not its rest
    blendshapes = np.zeros((120, N_BLENDSHAPES), np.float32)
    blendshapes[:, BROW] = 0.25
    blendshapes[60:, SMILE] = 0.8
    blendshapes[:60, SMILE] = smile
    take.blendshapes[:] = blendshapes
    take.params[:, EXPRESSION] = blendshapes @ head.blendshapes_to_expression
    return take


def test_a_solved_take_rests_with_both_sets_of_keys(head: Head) -> None:
    motion = solve_take(resting_take(head))
    assert motion.blendshapes[:60, FACE].max() < 0.02
    assert np.abs(motion.expression[:60]).max() < 0.15
    assert motion.blendshapes[70, SMILE] > 0.75
    smile = 0.8 * head.blendshapes_to_expression[SMILE]
    assert np.abs(motion.expression[70] - smile).max() < 0.3 * np.abs(smile).max()
    off = solve_take(resting_take(head), neutral="off")
    assert off.blendshapes[:, BROW].min() > 0.2


def test_a_smile_all_the_take_is_kept_in_both(head: Head) -> None:
    motion = solve_take(resting_take(head, 0.8))
    assert motion.blendshapes[:, SMILE].min() > 0.65
    assert (
        np.abs(motion.expression).max() > 0.5 * np.abs(head.blendshapes_to_expression[SMILE]).max()
    )


def test_a_chosen_frame_becomes_rest(head: Head) -> None:
    at = float(resting_take(head).times[80])
    motion = solve_take(resting_take(head), neutral=(at, at))
    assert np.abs(motion.expression[80]).max() < 1e-5
    assert motion.blendshapes[80].max() < 1e-5


def test_at_a_chosen_rest_the_eyes_look_ahead() -> None:
    blendshapes = np.zeros((90, N_BLENDSHAPES), np.float32)
    out, inward = (
        ARKIT_BLENDSHAPES.index("eyeLookOutLeft"),
        ARKIT_BLENDSHAPES.index("eyeLookInLeft"),
    )
    blendshapes[:45, inward], blendshapes[45:, out] = 0.2, 0.3
    ahead = gaze_ahead(blendshapes, np.arange(90) < 45)
    assert np.abs(gaze_from_blendshapes(ahead[:45])).max() < 1e-6
    assert np.allclose(ahead[45:, out], 0.5, atol=1e-6)
