# SPDX-License-Identifier: GPL-3.0-or-later
"""Skin in motion, on footage whose skin is known in every frame."""

from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np
import pytest
from mien.core.capture.sources.frames import Frame
from mien.core.errors import SourceError
from mien.core.model.arkit import ARKIT_BLENDSHAPES, BLINKS, N_BLENDSHAPES
from mien.core.model.crop import ImageArray
from mien.core.model.head import Head
from mien.core.model.params import FloatArray
from mien.core.solve.motion import Motion, solve_take
from mien.core.texture.bake import bake_texture
from mien.core.texture.facial import Facial, facial_of, outside
from mien.core.texture.frame_skin import FrameSkin, sharpness
from mien.core.texture.sequence import REACH, texture_sequence
from mien.core.texture.texels import texels_of
from mien.core.texture.views import pose_head
from numpy.typing import NDArray

from ..refine.footage import Drawn, drawn, spotted

SIDE = 512
COUNT, FROWN = 24, range(10, 16)


def crease(head: Head) -> tuple[FloatArray, FloatArray]:
    """The skin with a dark line on the left cheek, and where that is ``(900, 900)``, first row at v = 0."""
    texels = texels_of(head, 900)
    places = texels.at(head.vertices)
    x, y = places[:, 0] - 0.035, places[:, 1] + 0.02
    on = (np.abs(x) < 0.0025) & (np.abs(y) < 0.02) & (places[:, 2] > 0)
    there = np.zeros((900, 900), np.float32)
    there[texels.rows[on], texels.columns[on]] = 1
    there = cv2.dilate(there[::-1].copy(), np.ones((3, 3), np.uint8)).astype(np.float32)
    return np.where(there > 0, 0.6 * spotted(), spotted()).astype(np.float32), there


@pytest.fixture(scope="module")
def marked(head: Head, facial: Facial) -> NDArray[np.bool_]:
    """Where the crease is on a texture, first row at v = 1."""
    there = cv2.resize(crease(head)[1][::-1], (SIDE, SIDE), interpolation=cv2.INTER_AREA) > 0.9
    free = facial.own > 0.9
    out = np.zeros((SIDE, SIDE), bool)
    out[facial.places.rows[free], facial.places.columns[free]] = True
    return there & out


@pytest.fixture(scope="module")
def made(head: Head) -> Drawn:
    """A head that hardly turns; some frames have a crease."""
    folded = crease(head)[0]
    skins = [folded if row in FROWN else spotted() for row in range(COUNT)]
    yaw = np.linspace(-4, 4, COUNT)
    return drawn(head, np.zeros((COUNT, N_BLENDSHAPES), np.float32), yaw, 1000.0, skins)


@pytest.fixture(scope="module")
def motion(made: Drawn) -> Motion:
    return solve_take(made.take)


@pytest.fixture(scope="module")
def still(made: Drawn, motion: Motion, head: Head) -> ImageArray:
    """Baked from frames without a crease."""
    smooth = [f for f in made.frames if f.number not in FROWN]
    picture = bake_texture(motion, made.take.frames, smooth, head, SIDE)
    assert picture is not None
    return picture


def painted(made: Drawn, motion: Motion, head: Head, still: ImageArray) -> list[ImageArray]:
    return list(texture_sequence(motion, made.take.frames, made.frames, head, still))


@pytest.fixture(scope="module")
def pictures(made: Drawn, motion: Motion, head: Head, still: ImageArray) -> list[ImageArray]:
    return painted(made, motion, head, still)


@pytest.fixture(scope="module")
def facial(head: Head) -> Facial:
    return facial_of(head, texels_of(head, SIDE))


def test_a_crease_comes_and_goes_as_the_footage_shows_it(
    pictures: list[ImageArray], still: ImageArray, marked: NDArray[np.bool_]
) -> None:
    assert len(pictures) == COUNT
    usual = still[marked].mean()
    level = np.array([picture[marked].mean() / usual for picture in pictures])
    print(level.round(2))
    assert level[12:14].max() < 0.75
    assert level[[*range(7), *range(20, COUNT)]].min() > 0.93


def test_all_but_the_face_stays_as_it_was(
    pictures: list[ImageArray], still: ImageArray, facial: Facial
) -> None:
    rest = np.ones((SIDE, SIDE), bool)
    rest[facial.pixels[0], facial.pixels[1]] = False
    assert rest.mean() > 0.5
    assert all(np.array_equal(picture[rest], still[rest]) for picture in pictures)


def test_the_rooms_light_does_not_flicker_on_it(
    made: Drawn, motion: Motion, head: Head, still: ImageArray, facial: Facial
) -> None:
    shades = [0.75 if row % 2 else 1.1 for row in range(COUNT)]
    lit = [
        f._replace(image=np.clip(f.image * s, 0, 255).astype(np.uint8))
        for f, s in zip(made.frames, shades, strict=True)
    ]
    at = facial.places.rows[facial.own > 0.9], facial.places.columns[facial.own > 0.9]
    levels = [p[at].mean() for p in texture_sequence(motion, made.take.frames, lit, head, still)]
    assert np.abs(np.diff(levels)).max() < 0.015 * still[at].mean()


def test_frames_without_a_face_show_the_still_texture(
    made: Drawn, motion: Motion, head: Head, still: ImageArray
) -> None:
    lost = replace(motion, confidence=np.zeros_like(motion.confidence))
    shown = list(texture_sequence(lost, made.take.frames, made.frames, head, still))
    assert len(shown) == COUNT
    assert all(np.array_equal(picture, still) for picture in shown)


def over_openings(frame: Frame, motion: Motion, head: Head) -> Frame:
    """A frame whose eyes and mouth are so much larger than the head's that a pixel or two of them lie on its lids
    and lips: bright blue."""
    posed = pose_head(motion, frame.number, head)
    outer = np.repeat(outside(head), 2)
    inside = (posed.triangle >= 0) & ~outer[posed.triangle]
    wide = cv2.dilate(inside.astype(np.uint8), np.ones((3, 3), np.uint8))  # 0.7 mm to every side
    rows, columns = np.nonzero(wide)
    flat = np.column_stack([columns, rows]).astype(np.float64)
    known = np.column_stack([posed.flat[:, :2], np.ones(len(posed.flat))])
    to_image = np.linalg.lstsq(known, posed.spots, rcond=None)[0]
    spots = np.rint(np.column_stack([flat, np.ones(len(flat))]) @ to_image).astype(int)
    image = frame.image.copy()
    for x, y in spots:
        image[y : y + 2, x : x + 2] = (255, 60, 30)
    return frame._replace(image=image)


def test_eyes_and_teeth_are_not_painted_onto_lids_and_lips(head: Head, facial: Facial) -> None:
    weights = np.zeros((COUNT, N_BLENDSHAPES), np.float32)
    weights[:, ARKIT_BLENDSHAPES.index("jawOpen")] = 0.5
    open_mouth = drawn(head, weights, np.zeros(COUNT), 1000.0)
    motion = replace(
        solve_take(open_mouth.take), blendshapes=weights, identity=np.zeros(40, np.float32)
    )
    still = bake_texture(motion, open_mouth.take.frames, open_mouth.frames, head, SIDE)
    assert still is not None
    blue = [over_openings(f, motion, head) for f in open_mouth.frames]
    assert np.abs(blue[0].image.astype(int) - open_mouth.frames[0].image).max() > 150
    one, other = (
        next(iter(texture_sequence(motion, open_mouth.take.frames, frames, head, still)))
        for frames in (open_mouth.frames, blue)
    )
    at = facial.places.rows, facial.places.columns
    bluer = other[at].astype(int) - one[at]
    assert np.percentile(bluer[:, 0] - bluer[:, 2], 99.9) < 12


def test_a_shut_lid_is_the_actors_own(motion: Motion, head: Head, facial: Facial) -> None:
    blinks = np.eye(N_BLENDSHAPES, dtype=np.float32)[BLINKS]
    shut_left = replace(motion, blendshapes=np.repeat(blinks[:1], COUNT, axis=0))
    lids = (facial.lids > 0.9) & (facial.own == 0)[:, None]
    open_eyes = facial.free(pose_head(motion, 0, head), 1000.0, np.zeros(2, np.float32))
    left_shut = facial.free(pose_head(shut_left, 0, head), 1000.0, np.array([1, 0], np.float32))
    assert lids.sum(axis=0).min() > 20
    assert open_eyes[lids.any(axis=1)].max() == 0
    assert (left_shut[lids[:, 0]] > 0.9).mean() > 0.5
    assert left_shut[lids[:, 1]].max() == 0


def test_a_smeared_or_small_face_counts_less(motion: Motion) -> None:
    assert sharpness(motion).min() == 1
    moved = motion.position.copy()
    moved[:, 0] += 25.0 * np.arange(COUNT)  # 0.75 m a second
    assert sharpness(replace(motion, position=moved)).max() == 0
    assert sharpness(replace(motion, scale=motion.scale * 0.3)).max() == 0


def test_cloth_before_the_face_is_not_skin(
    made: Drawn, motion: Motion, head: Head, still: ImageArray, facial: Facial
) -> None:
    image = made.frames[3].image.copy()
    image[60:130, 70:130] = (200, 60, 40)
    skin = FrameSkin(motion, head, facial, still)
    bare, hidden = (skin.look(picture, 3) for picture in (made.frames[3].image, image))
    assert bare is not None
    assert hidden is not None
    spots = facial.places.at(pose_head(motion, 3, head).spots)
    covered = (np.abs(spots - [100, 95]) < [22, 27]).all(axis=1) & (bare.weights > 0.8)
    assert covered.sum() > 500
    assert np.median(hidden.weights[covered]) < 0.1


def test_no_more_than_a_window_of_frames_is_read_ahead(
    made: Drawn, motion: Motion, head: Head, still: ImageArray
) -> None:
    read = []

    def footage() -> Iterator[Frame]:
        for frame in made.frames:
            read.append(frame.number)
            yield frame

    for row, _ in enumerate(texture_sequence(motion, made.take.frames, footage(), head, still)):
        assert max(read) <= row + REACH


def test_it_can_be_stopped(made: Drawn, motion: Motion, head: Head, still: ImageArray) -> None:
    asked = iter([False, False, True])
    shown = texture_sequence(
        motion, made.take.frames, made.frames, head, still, lambda: next(asked)
    )
    assert len(list(shown)) == 2


def test_other_footage_is_an_error(
    made: Drawn, motion: Motion, head: Head, still: ImageArray
) -> None:
    with pytest.raises(SourceError, match="changed"):
        list(texture_sequence(motion, made.take.frames, [], head, still))


def test_frames_that_the_footage_lacks_are_filled_by_their_neighbours(
    made: Drawn, motion: Motion, head: Head, still: ImageArray, marked: NDArray[np.bool_]
) -> None:
    some = [f for f in made.frames if f.number != 12]
    shown = list(texture_sequence(motion, made.take.frames, some, head, still))
    assert len(shown) == COUNT
    assert shown[12][marked].mean() < 0.9 * still[marked].mean()
