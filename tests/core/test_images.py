# SPDX-License-Identifier: GPL-3.0-or-later
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from mien.core.capture.sources import open_source
from mien.core.capture.sources.image_size import image_size
from mien.core.errors import SourceError


def write(path: Path, value: int, size: tuple[int, int] = (20, 30)) -> None:
    cv2.imwrite(str(path), np.full((*size, 3), value, np.uint8))


def test_a_folder_is_read_in_the_order_of_its_numbers(tmp_path: Path) -> None:
    for number in (8, 11, 10, 9):
        write(tmp_path / f"frame{number}.png", number)
    (tmp_path / "notes.txt").write_text("not an image")
    source = open_source(tmp_path, fps=10)
    frames = list(source)
    assert [int(f.image[0, 0, 0]) for f in frames] == [8, 9, 10, 11]
    assert [f.time for f in frames] == [0.0, 0.1, 0.2, 0.3]
    assert (source.width, source.height, source.expected) == (30, 20, 4)


def test_missing_numbers_keep_their_time(tmp_path: Path) -> None:
    for number in (1001, 1002, 1006):
        write(tmp_path / f"f_{number}.png", number % 100)
    source = open_source(tmp_path, fps=10)
    assert [(f.number, f.time) for f in source] == [(0, 0.0), (1, 0.1), (5, 0.5)]
    assert "3 numbers are missing" in source.warnings[0]


def test_numbers_that_count_by_ten_are_neighbours(tmp_path: Path) -> None:
    for number in (10, 20, 30):
        write(tmp_path / f"f_{number}.png", number)
    assert [f.number for f in open_source(tmp_path)] == [0, 1, 2]


def test_sidecars_and_strays_are_no_frames(tmp_path: Path) -> None:
    for number in range(20):
        write(tmp_path / f"f_{number:02d}.png", number)
        (tmp_path / f"._f_{number:02d}.png").write_bytes(b"Mac OS X")
    write(tmp_path / "contact_sheet.jpg", 0, (8, 8))
    source = open_source(tmp_path)
    assert (source.width, len(list(source))) == (30, 20)
    assert "1 images" in source.warnings[0]


def test_two_sequences_in_a_folder_are_named(tmp_path: Path) -> None:
    for number in range(5):
        write(tmp_path / f"f_{number}.png", number)
        write(tmp_path / f"mask_f_{number}.png", number)
    with pytest.raises(SourceError, match=r"more than one sequence \(.*f_0\.png and 4 more"):
        open_source(tmp_path)


def test_the_size_that_most_images_have_is_the_footages(tmp_path: Path) -> None:
    write(tmp_path / "0.png", 0, (8, 8))
    for number in range(1, 6):
        write(tmp_path / f"{number}.png", number)
    source = open_source(tmp_path)
    assert [f.number for f in source] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("suffix", [".png", ".webp"])
def test_an_animated_picture_is_a_film(suffix: str, tmp_path: Path) -> None:
    animation = cv2.Animation()
    animation.frames = [np.full((20, 30, 3), 40 * n, np.uint8) for n in range(5)]
    animation.durations = np.array([100, 100, 300, 100, 100])
    path = tmp_path / os.fsdecode(b"caf\xe9" + suffix.encode())
    cv2.imwriteanimation(str(tmp_path / f"a{suffix}"), animation)
    (tmp_path / f"a{suffix}").rename(path)
    frames = list(open_source(path))
    assert [round(f.time, 3) for f in frames] == [0.0, 0.1, 0.2, 0.5, 0.6]
    assert np.allclose([f.image.mean() for f in frames], range(0, 200, 40), atol=2)
    assert [f.number for f in open_source(path, start=0.2, end=0.6)] == [2, 3]


@pytest.mark.parametrize("kind", [".png", ".jpg", ".webp", ".bmp", ".tif", ".ppm", ".pgm"])
def test_the_size_is_read_off_the_head(kind: str) -> None:
    data = cv2.imencode(kind, np.zeros((21, 34, 1 if kind == ".pgm" else 3), np.uint8))[1].tobytes()
    assert image_size(data) == (34, 21)
    for length in range(0, len(data), 7):
        assert image_size(data[:length]) in (None, (34, 21))


def test_a_picture_that_unpacks_to_gigabytes_is_refused(tmp_path: Path) -> None:
    data = cv2.imencode(".png", np.zeros((8, 8, 3), np.uint8))[1].tobytes()
    (tmp_path / "a.png").write_bytes(data[:16] + (30_000).to_bytes(4, "big") * 2 + data[24:])
    with pytest.raises(SourceError, match="too many"):
        open_source(tmp_path / "a.png")


def test_a_png_whose_pieces_say_too_much_is_refused_at_once(tmp_path: Path) -> None:
    data = cv2.imencode(".png", np.zeros((8, 8, 3), np.uint8))[1].tobytes()
    at = data.index(b"IDAT") - 4
    (tmp_path / "a.png").write_bytes(data[:at] + (2**31 - 1).to_bytes(4, "big") + data[at + 4 :])
    with pytest.raises(SourceError, match="not an image"):
        open_source(tmp_path / "a.png")


@pytest.mark.parametrize("name", ["a.jp2", "a.png", "a.mp4"])
def test_jpeg_2000_is_not_decoded_whatever_it_is_called(name: str, tmp_path: Path) -> None:
    data = cv2.imencode(".jp2", np.zeros((32, 32, 3), np.uint8))[1].tobytes()
    (tmp_path / name).write_bytes(data)
    with pytest.raises(SourceError):
        open_source(tmp_path / name)


def test_pipes_and_devices_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    for path in (tmp_path / "pipe.png", Path("/dev/zero"), Path("/proc/self/environ")):
        with pytest.raises(SourceError):
            open_source(path)


def test_odd_numbers_in_names_are_names(tmp_path: Path) -> None:
    write(tmp_path / "\u00b23.png", 1)
    write(tmp_path / "\u0663.png", 1)
    assert len(list(open_source(tmp_path))) == 2


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


@pytest.mark.parametrize("shape", [(1, 30_000, 3), (30_000, 1, 3)])
def test_a_picture_too_thin_for_a_face_is_named(shape: tuple[int, ...], tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "thin.png"), np.full(shape, 90, np.uint8))
    with pytest.raises(SourceError, match="too narrow for a face"):
        open_source(tmp_path / "thin.png")


def test_a_path_that_no_file_can_have_is_named() -> None:
    with pytest.raises(SourceError, match="does not exist"):
        open_source(Path("a\0b"))
