# SPDX-License-Identifier: GPL-3.0-or-later
import os
from pathlib import Path

import pytest
from mien.core.errors import MienError
from mien.core.outputs import check_outputs


@pytest.fixture
def footage(tmp_path: Path) -> Path:
    path = tmp_path / "face.mp4"
    path.write_bytes(b"footage")
    return path


def spellings(path: Path) -> list[Path]:
    """Other names for a file that is there."""
    folder = path.parent
    (folder / "inner").mkdir()
    (folder / "link.mp4").symlink_to(path)
    os.link(path, folder / "hard.mp4")
    (folder / "way").symlink_to(folder, target_is_directory=True)
    return [
        path, folder / "inner" / ".." / path.name, folder / "link.mp4", folder / "hard.mp4",
        folder / "way" / path.name,
    ]  # fmt: skip


def test_an_input_is_refused_however_it_is_spelt(
    footage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(footage.parent)
    for path in [*spellings(footage), Path("face.mp4")]:
        with pytest.raises(MienError, match="is read and would be written over"):
            check_outputs([path], [footage])
    check_outputs([footage.with_name("other.mp4")], [footage])


def test_one_file_cannot_hold_two_outputs(tmp_path: Path) -> None:
    (tmp_path / "way").symlink_to(tmp_path, target_is_directory=True)
    with pytest.raises(MienError, match="written twice"):
        check_outputs([tmp_path / "new.csv", None, tmp_path / "way" / "new.csv"])
    check_outputs([tmp_path / "new.csv", None, tmp_path / "newer.csv"])


def test_a_picture_among_the_frames_would_become_one(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path, target_is_directory=True)
    for path in (tmp_path / "preview.png", tmp_path / "link" / "preview.JPG"):
        with pytest.raises(MienError, match="among the images"):
            check_outputs([path], [tmp_path])
    check_outputs([tmp_path / "shot.blend"], [tmp_path])


def test_places_that_cannot_be_written_are_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    for path, said in (
        (tmp_path / "gone" / "a.csv", "make it first"),
        (tmp_path, "is a folder"),
        (tmp_path / "pipe.csv", "not an ordinary file"),
        (tmp_path / "a\0b.csv", "choose another"),
    ):
        with pytest.raises(MienError, match=said):
            check_outputs([path])
