# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import pytest
from mien.core.capture.sources.frames import Frame
from mien.core.model.head import Head
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
