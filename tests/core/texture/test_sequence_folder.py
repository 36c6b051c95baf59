# SPDX-License-Identifier: GPL-3.0-or-later
import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from mien.core import folders
from mien.core.errors import MienError, SourceError
from mien.core.model.arkit import N_BLENDSHAPES
from mien.core.model.head import Head
from mien.core.take.take import Take
from mien.core.texture.packed import pack
from mien.core.texture.sequence_folder import (
    MARK,
    check_sequence,
    find_sequence,
    sequence_path,
    write_sequence,
)

from ..refine.footage import Drawn, drawn

COUNT = 5


@pytest.fixture(scope="module")
def made(head: Head) -> Drawn:
    still = drawn(head, np.zeros((COUNT, N_BLENDSHAPES), np.float32), np.zeros(COUNT))
    grey = pack(np.full((64, 64, 3), 140, np.uint8))
    return replace(still, take=replace(still.take, texture=grey))


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_it_lies_beside_its_take() -> None:
    assert sequence_path(Path("a/face.take.npz")) == Path("a/face.skin")
    assert sequence_path(Path("a/face.take_2.npz")) == Path("a/face.take_2.skin")


def test_a_picture_for_every_frame_is_written_and_found(
    made: Drawn, head: Head, tmp_path: Path
) -> None:
    path, shares = tmp_path / "face.take.npz", []
    folder = sequence_path(path)
    written = write_sequence(made.take, made.frames, head, folder, shares.append)
    assert written is not None
    assert names(tmp_path) == ["face.skin"]
    assert names(folder) == [MARK, *(f"skin_{k:05d}.jpg" for k in range(1, COUNT + 1))]
    picture = cv2.imread(str(written.picture(COUNT)))
    assert picture.shape == (64, 64, 3)
    assert picture.std() > 1  # spots of the footage's skin, which the still texture lacks
    assert shares == pytest.approx(np.arange(1, COUNT + 1) / COUNT)
    assert find_sequence(path, made.take) == written


def test_what_is_another_takes_or_not_whole_is_not_found(
    made: Drawn, head: Head, tmp_path: Path
) -> None:
    path = tmp_path / "face.npz"
    assert find_sequence(path, made.take) is None
    write_sequence(made.take, made.frames, head, sequence_path(path))
    other = replace(made.take, times=made.take.times + 1)
    assert find_sequence(path, other) is None
    (sequence_path(path) / "skin_00003.jpg").unlink()
    assert find_sequence(path, made.take) is None
    for mark in (b"[]", b"{", b'{"take": "x"', b"\xff" * 9000):
        (sequence_path(path) / MARK).write_bytes(mark)
        assert find_sequence(path, made.take) is None


def test_an_older_one_is_replaced_and_nothing_else_ever(
    made: Drawn, head: Head, tmp_path: Path
) -> None:
    folder = tmp_path / "a.skin"
    folder.mkdir()
    write_sequence(made.take, made.frames, head, folder)  # an empty folder may be filled
    (folder / "skin_00009.jpg").write_bytes(b"of a longer take")
    write_sequence(made.take, made.frames, head, folder)
    assert not (folder / "skin_00009.jpg").exists()
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(MienError, match="holds other files"):
        write_sequence(made.take, made.frames, head, folder)
    assert (folder / "notes.txt").read_text() == "mine"
    own = tmp_path / "holiday"
    own.mkdir()
    (own / "skin_00001.jpg").write_bytes(b"no mark")
    with pytest.raises(MienError, match="holds other files"):
        check_sequence(own)
    (tmp_path / "file").write_bytes(b"a file")
    with pytest.raises(MienError, match="is a file"):
        check_sequence(tmp_path / "file")
    with pytest.raises(MienError, match="does not exist"):
        check_sequence(tmp_path / "gone" / "a.skin")
    assert names(tmp_path) == ["a.skin", "file", "holiday"]


def test_files_that_come_while_it_is_written_are_kept(
    made: Drawn, head: Head, tmp_path: Path
) -> None:
    folder = tmp_path / "a.skin"

    def meanwhile(share: float) -> None:
        folder.mkdir(exist_ok=True)
        (folder / "notes.txt").write_text("mine")

    with pytest.raises(MienError, match="holds other files"):
        write_sequence(made.take, made.frames, head, folder, meanwhile)
    assert names(folder) == ["notes.txt"]
    assert names(tmp_path) == ["a.skin"]


def test_one_that_is_stopped_leaves_the_older_one(made: Drawn, head: Head, tmp_path: Path) -> None:
    folder = tmp_path / "a.skin"
    assert write_sequence(made.take, made.frames, head, folder, None, lambda: True) is None
    assert names(tmp_path) == []
    write_sequence(made.take, made.frames, head, folder)
    before = (folder / MARK).stat().st_ino
    with pytest.raises(SourceError, match="changed"):
        write_sequence(made.take, [], head, folder)
    assert write_sequence(made.take, made.frames, head, folder, None, lambda: True) is None
    assert names(tmp_path) == ["a.skin"]
    assert (folder / MARK).stat().st_ino == before


def test_a_process_that_ends_at_once_takes_its_folder_with_it(
    made: Drawn, head: Head, tmp_path: Path
) -> None:
    begun = []

    def ends(share: float) -> None:
        begun.append(names(tmp_path))
        folders.abandon()

    with pytest.raises(MienError, match="cannot be written"):
        write_sequence(made.take, made.frames, head, tmp_path / "a.skin", ends)
    assert len(begun[0]) == 1
    assert begun[0][0].startswith(".mien-")
    assert names(tmp_path) == []


def test_a_link_to_a_folder_is_followed(made: Drawn, head: Head, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "a.skin").symlink_to(tmp_path / "disk", target_is_directory=True)
    assert write_sequence(made.take, made.frames, head, tmp_path / "a.skin") is not None
    assert (tmp_path / "a.skin").is_symlink()
    assert MARK in names(tmp_path / "disk")


def test_a_take_without_a_texture_says_so(made: Drawn, head: Head, tmp_path: Path) -> None:
    bare: Take = replace(made.take, texture=None)
    with pytest.raises(MienError, match="no texture"):
        write_sequence(bare, made.frames, head, tmp_path / "a.skin")
    assert names(tmp_path) == []


def test_the_mark_names_the_take(made: Drawn, head: Head, tmp_path: Path) -> None:
    write_sequence(made.take, made.frames, head, tmp_path / "a.skin")
    mark = json.loads((tmp_path / "a.skin" / MARK).read_text())
    assert mark == {"take": made.take.id, "pictures": COUNT}
