# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from mien.core.model.crop import CropBox, box_around_landmarks, crop_to_image, cut, image_to_crop
from mien.core.model.params import CROP_SIZE

boxes = st.builds(CropBox, st.floats(-500, 4000), st.floats(-500, 4000), st.floats(13, 3000))


@given(boxes, st.integers(0, 2**32 - 1))
def test_image_to_crop_undoes_crop_to_image(box: CropBox, seed: int) -> None:
    points = np.random.default_rng(seed).uniform(-60, 60, (68, 3)).astype(np.float32)
    array = np.array(box, np.float32)
    back = image_to_crop(crop_to_image(points, array), array)
    assert np.allclose(back, points, atol=0.05)


def test_crop_space_has_y_up_and_its_origin_in_the_middle() -> None:
    points = np.array([[0, 0, 0], [60, 60, 30]], np.float32)
    placed = crop_to_image(points, np.array([100, 50, 240], np.float32))
    assert placed.tolist() == [[100, 50, 0], [220, -70, 60]]


def test_the_box_is_centred_and_its_side_is_the_diagonal() -> None:
    points = np.array([[10, 20, 0], [110, 60, 0], [50, 40, 9]], np.float32)
    box = box_around_landmarks(points)
    assert (box.x, box.y) == (60, 40)
    assert np.isclose(box.size, 100 * np.sqrt(2))


def test_cut_puts_a_marked_pixel_where_crop_space_says() -> None:
    for size, at in ((120.0, (70, 45)), (480.0, (310, 260)), (60.0, (48, 52))):
        image = np.zeros((600, 640, 3), np.uint8)
        box = CropBox(at[0] + 0.1 * size, at[1] - 0.2 * size, size)
        radius = max(1, round(size / CROP_SIZE))
        image[at[1] - radius : at[1] + radius + 1, at[0] - radius : at[0] + radius + 1] = 255
        grey = cut(image, box)[..., 0].astype(float)
        rows, columns = np.indices(grey.shape)
        centre = (CROP_SIZE - 1) / 2
        seen = np.array([(grey * columns).sum(), (grey * rows).sum()]) / grey.sum()
        crop_point = np.array([[seen[0] - centre, centre - seen[1], 0]], np.float32)
        back = crop_to_image(crop_point, np.array(box, np.float32))[0, :2]
        assert np.abs(back - at).max() < 0.06 * size / 60


def test_outside_of_the_image_is_black() -> None:
    image = np.full((50, 50, 3), 200, np.uint8)
    crop = cut(image, CropBox(0, 0, 100))
    assert crop[:55, :55].max() == 0
    assert crop[-50:, -50:].min() > 0


@given(boxes)
def test_any_box_gives_a_crop_of_the_right_size(box: CropBox) -> None:
    crop = cut(np.full((70, 90, 3), 9, np.uint8), box)
    assert crop.shape == (CROP_SIZE, CROP_SIZE, 3)
    assert crop.dtype == np.uint8


def test_fine_texture_does_not_alias_in_a_large_box() -> None:
    image = np.zeros((1000, 1000, 3), np.uint8)
    image[::2] = 255  # stripes of one pixel are grey from afar
    crop = cut(image, CropBox(500, 500, 900))[10:-10, 10:-10]
    assert np.abs(crop.astype(int) - 127).max() < 30
