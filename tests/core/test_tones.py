# SPDX-License-Identifier: GPL-3.0-or-later
from dataclasses import replace

import cv2
import numpy as np
import pytest
from mien.core.capture.sources.frames import Frame
from mien.core.model.arkit import ARKIT_BLENDSHAPES, BLINKS
from mien.core.model.eyeballs import eye_centres, eyeballs
from mien.core.model.head import Head
from mien.core.model.rotation import to_matrices
from mien.core.solve.motion import Motion, solve_take
from mien.core.tones import ENOUGH, HAIR_RANGE, SKIN_RANGE, ToneSampler, tones_of

from ..conftest import made_take


@pytest.fixture
def motion(head: Head) -> Motion:
    return solve_take(made_take(head, 120, lost=(0, 1, 2)))


def footage(motion: Motion, skin: tuple[int, int, int], hair: tuple[int, int, int]) -> list[Frame]:
    """Frames whose upper part, from the forehead up, has the colour of hair; RGB."""
    frames = []
    for number, time in enumerate(motion.times):
        image = np.full((480, 640, 3), skin[::-1], np.uint8)
        image[: int(motion.position[number, 1] - 0.093 * motion.scale[number])] = hair[::-1]
        frames.append(Frame(number, float(time), image))
    return frames


def test_skin_and_hair_are_told_apart(head: Head, motion: Motion) -> None:
    tones = tones_of(footage(motion, (190, 140, 110), (70, 50, 35)), head, motion)
    assert np.allclose(tones["skin"], np.array([190, 140, 110]) / 255, atol=0.02)
    assert np.allclose(tones["hair"], np.array([70, 50, 35]) / 255, atol=0.06)


def test_dim_and_burnt_out_footage_says_no_more_than_people_can_be(
    head: Head, motion: Motion
) -> None:
    dark = tones_of(footage(motion, (30, 20, 15), (0, 0, 0)), head, motion)
    light = tones_of(footage(motion, (255, 230, 220), (255, 255, 255)), head, motion)
    assert max(dark["skin"]) == pytest.approx(SKIN_RANGE[0])
    assert max(light["skin"]) == pytest.approx(SKIN_RANGE[1])
    assert max(light["hair"]) == pytest.approx(HAIR_RANGE[1])


def with_irises(
    motion: Motion, head: Head, iris: tuple[int, int, int], scale: float
) -> list[Frame]:
    """Frames of a motion that is seen so large, with round eyes in a face of one colour; RGB."""
    frames = []
    for row, time in enumerate(motion.times):
        image = np.full((960, 1280, 3), (110, 140, 190), np.uint8)
        turn = to_matrices(motion.rotation[row : row + 1])[0]
        for ball, centre, rest in zip(
            eyeballs(head), eye_centres(head, motion.identity), head.eye_centres, strict=True
        ):
            radius = np.linalg.norm(head.vertices[ball] - rest, axis=1).mean()
            ahead = turn @ (centre + [0, 0, radius])
            x, y = (ahead[:2] * [1, -1] * scale + motion.position[row]).tolist()
            at = (round(x), round(y))
            cv2.circle(image, at, round(0.012 * scale), (235, 235, 235), -1)
            cv2.circle(image, at, round(0.006 * scale), iris[::-1], -1)
            cv2.circle(image, at, round(0.0022 * scale), (8, 8, 8), -1)
        frames.append(Frame(row, float(time), image))
    return frames


@pytest.mark.parametrize("iris", [(70, 100, 130), (95, 60, 35), (80, 95, 60)])
def test_irises_are_measured_where_they_are_large_enough(
    head: Head, motion: Motion, iris: tuple[int, int, int]
) -> None:
    awake = motion.blendshapes.copy()
    awake[:, BLINKS] = 0
    awake[:, [i for i, n in enumerate(ARKIT_BLENDSHAPES) if n.startswith("eyeLook")]] = 0
    ahead = np.tile(np.array([1, 0, 0, 0], np.float32), (len(motion.times), 1))
    for scale, seen in ((2400.0, True), (900.0, False)):
        large = replace(
            motion, blendshapes=awake, rotation=ahead,
            scale=np.full(len(motion.times), scale, np.float32),
            position=np.full((len(motion.times), 2), (640, 480), np.float32),
        )  # fmt: skip
        tones = tones_of(with_irises(large, head, iris, scale), head, large)
        assert ("iris" in tones) == seen
        if seen:
            assert np.allclose(tones["iris"], np.array(iris) / 255, atol=0.03)


def test_closed_eyes_say_nothing_of_irises(head: Head, motion: Motion) -> None:
    shut = motion.blendshapes.copy()
    shut[:, BLINKS] = 1
    asleep = replace(motion, blendshapes=shut, scale=np.full(len(motion.times), 2400, np.float32))
    assert "iris" not in tones_of(footage(motion, (190, 140, 110), (70, 50, 35)), head, asleep)


def test_black_and_white_footage_leaves_the_skins_own_colour(head: Head, motion: Motion) -> None:
    assert "skin" not in tones_of(footage(motion, (140, 140, 140), (30, 30, 30)), head, motion)


def test_few_frames_are_looked_at_and_none_without_a_face(head: Head, motion: Motion) -> None:
    sampler, looked = ToneSampler(head, motion), []
    for frame in footage(motion, (190, 140, 110), (70, 50, 35)):
        if sampler.enough:
            break
        if sampler.look(frame.time, frame.image):
            looked.append(frame.number)
    assert looked[0] == 3
    assert len(looked) <= ENOUGH
    assert min(np.diff(looked)) >= 7  # a quarter of a second
