# SPDX-License-Identifier: GPL-3.0-or-later
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from mien.core.errors import SourceError, TakeError
from mien.core.model.arkit import N_BLENDSHAPES
from mien.core.model.crop import ImageArray
from mien.core.model.head import Head
from mien.core.solve.motion import solve_take
from mien.core.take.take_file import load_take, save_take
from mien.core.texture.bake import bake_texture, texture_take
from mien.core.texture.packed import pack, tones_of, unpack
from mien.core.texture.plausible import crown_of, face_of, hair_among
from mien.core.texture.texels import texels_of

from ..refine.footage import Drawn, drawn, spotted

SIDE = 256
YAW = np.linspace(-35, 35, 8)


@pytest.fixture(scope="module")
def made(head: Head) -> Drawn:
    return drawn(head, np.zeros((len(YAW), N_BLENDSHAPES), np.float32), YAW)


@pytest.fixture(scope="module")
def baked(made: Drawn, head: Head) -> ImageArray:
    picture = bake_texture(solve_take(made.take), made.take.frames, made.frames, head, SIDE)
    assert picture is not None
    return picture


def on_skin(head: Head, values: np.ndarray) -> np.ndarray:
    return texels_of(head, SIDE).at(values[:, None])[:, 0]


def test_the_face_has_the_skin_that_was_filmed(baked: ImageArray, head: Head) -> None:
    truth = cv2.resize(spotted()[::-1], (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    texels = texels_of(head, SIDE)
    face = on_skin(head, face_of(head)) > 0.9
    at = (texels.rows[face], texels.columns[face])
    fine = [p - cv2.GaussianBlur(p, (0, 0), 8) for p in (baked[..., 1].astype(np.float32), truth)]
    assert np.corrcoef(fine[0][at], fine[1][at])[0, 1] > 0.7


def test_what_nobody_saw_is_filled_and_the_wall_is_not_taken(baked: ImageArray, head: Head) -> None:
    texels = texels_of(head, SIDE)
    levels = baked[texels.rows, texels.columns].mean(axis=1)
    face = levels[on_skin(head, face_of(head)) > 0.9]
    back = levels[on_skin(head, (head.vertices[:, 2] < -0.03).astype(np.float32)) > 0.9]
    assert back.size > 100
    assert abs(np.median(back) - np.median(face)) < 20
    assert levels.min() > 40  # behind the head it is 30


def test_side_light_is_evened_out(made: Drawn, head: Head) -> None:
    shade = np.linspace(0.5, 1.2, made.frames[0].image.shape[1])[:, None]
    lit = [f._replace(image=np.clip(f.image * shade, 0, 255).astype(np.uint8)) for f in made.frames]
    straight = [f for f in lit if abs(YAW[f.number]) < 16]
    picture = bake_texture(solve_take(made.take), made.take.frames, straight, head, SIDE)
    assert picture is not None
    texels = texels_of(head, SIDE)
    x = texels.at(head.vertices)[:, 0]
    face = on_skin(head, face_of(head)) > 0.9
    level = picture[texels.rows, texels.columns].mean(axis=1)
    left, right = (level[face & (s * x > 0.02)].mean() for s in (1, -1))
    assert 0.87 < left / right < 1.15


def test_a_texture_is_kept_in_the_take(made: Drawn, head: Head, tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    save_take(texture_take(made.take, made.frames, head), path)
    texture = load_take(path).texture
    assert texture is not None
    picture = unpack(texture)
    assert picture.shape == (1024, 1024, 3)
    tones = tones_of(picture, head)
    assert set(tones) == {"skin", "hair"}
    assert all(0.2 < value < 0.9 for tone in tones.values() for value in tone)
    save_take(replace(made.take, texture=texture.astype(np.float32)), path)
    with pytest.raises(TakeError, match="damaged"):
        load_take(path)


def test_what_is_no_texture_is_refused() -> None:
    square = pack(np.zeros((16, 16, 3), np.uint8))
    assert unpack(square).shape == (16, 16, 3)
    for bad in (square[:100], square[2:], pack(np.zeros((16, 8, 3), np.uint8)), square[:0]):
        with pytest.raises(TakeError, match="texture"):
            unpack(bad)


def test_changed_footage_is_an_error(made: Drawn, head: Head) -> None:
    with pytest.raises(SourceError, match="changed"):
        bake_texture(solve_take(made.take), made.take.frames, [], head, SIDE)


def test_hair_grows_above_the_face(head: Head) -> None:
    crown, face = crown_of(head), face_of(head)
    highest = head.vertices[:, 1].argmax()
    assert crown[highest] == 1
    nose = head.landmark_corners[30]
    assert face[nose].min() == 1
    assert crown[nose].max() == 0


def test_hair_is_what_is_dark_on_the_crown() -> None:
    skin = np.array([100.0, 120, 180], np.float32)
    fringe = np.array([[50, 50, 60], [60, 60, 70], [70, 70, 80], [110, 125, 185]], np.float32)
    assert np.allclose(hair_among(fringe, skin), [55, 55, 65])
    assert np.array_equal(hair_among(np.tile(skin, (4, 1)), skin), skin)
    assert np.array_equal(hair_among(fringe[:0], skin), skin)
