# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import cv2
import numpy as np
import pytest
from mien.core.capture.sources import open_source
from mien.core.errors import SourceError


def write(path: Path, value: int, size: tuple[int, int] = (20, 30)) -> None:
    cv2.imwrite(str(path), np.full((*size, 3), value, np.uint8))


def test_a_folder_is_read_in_the_order_of_its_numbers(tmp_path: Path) -> None:
    for number in (1, 2, 10, 9):
        write(tmp_path / f"frame{number}.png", number)
    (tmp_path / "notes.txt").write_text("not an image")
    source = open_source(tmp_path, fps=10)
    frames = list(source)
    assert [int(f.image[0, 0, 0]) for f in frames] == [1, 2, 9, 10]
    assert [f.time for f in frames] == [0.0, 0.1, 0.2, 0.3]
    assert (source.width, source.height, source.expected) == (30, 20, 4)


def test_a_range_of_images(tmp_path: Path) -> None:
    for number in range(10):
        write(tmp_path / f"{number}.png", number)
    assert [f.number for f in open_source(tmp_path, 0.2, 0.5, 10)] == [2, 3, 4]


def test_one_image_is_a_take_of_one_frame(tmp_path: Path) -> None:
    write(tmp_path / "a.jpg", 100)
    assert len(list(open_source(tmp_path / "a.jpg"))) == 1


def test_names_outside_of_the_code_page_open(tmp_path: Path) -> None:
    path = tmp_path / "лицо 顔.png"
    path.write_bytes(cv2.imencode(".png", np.full((8, 8, 3), 5, np.uint8))[1].tobytes())
    assert next(iter(open_source(path))).image.mean() == 5


def test_broken_and_odd_sized_images_are_skipped_with_a_warning(tmp_path: Path) -> None:
    for number in range(4):
        write(tmp_path / f"{number}.png", number)
    (tmp_path / "1.png").write_bytes(b"broken")
    write(tmp_path / "2.png", 2, (40, 40))
    source = open_source(tmp_path)
    assert [f.number for f in source] == [0, 3]
    assert "2 images" in source.warnings[0]


def test_a_broken_first_image_is_named(tmp_path: Path) -> None:
    (tmp_path / "0.png").write_bytes(b"broken")
    with pytest.raises(SourceError, match=r"0\.png"):
        open_source(tmp_path)


def test_a_range_without_images_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "0.png", 1)
    with pytest.raises(SourceError, match="no image in that range"):
        open_source(tmp_path, start=5.0)


def test_exif_orientation_is_respected(tmp_path: Path) -> None:
    image = np.zeros((20, 30, 3), np.uint8)
    image[:, :15] = 255
    jpeg = cv2.imencode(".jpg", image)[1].tobytes()
    turned = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    segment = b"\xff\xe1" + (len(turned) + 2).to_bytes(2, "big") + turned
    (tmp_path / "a.jpg").write_bytes(jpeg[:2] + segment + jpeg[2:])
    source = open_source(tmp_path / "a.jpg")
    assert (source.width, source.height) == (20, 30)
    assert next(iter(source)).image[:15].mean() > 200  # the left went to the top
