# SPDX-License-Identifier: GPL-3.0-or-later
import os
import stat
import sys
from pathlib import Path

import numpy as np
import pytest
from mien.core.errors import MienError, TakeError
from mien.core.writing import save_arrays, unfinished, whole_file, write_whole

from ..full_disk import full_after


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    with whole_file(path) as part:
        assert part.parent == tmp_path
        assert part.suffix == ".bin"
        assert unfinished(path) == [part]
        part.write_bytes(b"new")
        assert not path.exists()
    assert path.read_bytes() == b"new"
    assert names(tmp_path) == ["a.bin"]


@pytest.mark.skipif(sys.platform != "linux", reason="what a descriptor is open on is read in /proc")
def test_a_file_is_on_the_disk_before_it_takes_the_place_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    flush, rename = os.fsync, Path.replace

    def seen_flush(descriptor: int) -> None:
        order.append(f"flushed {Path(f'/proc/self/fd/{descriptor}').readlink()}")
        flush(descriptor)

    def seen_rename(part: Path, target: Path) -> Path:
        order.append(f"renamed {part}")
        return rename(part, target)

    monkeypatch.setattr(os, "fsync", seen_flush)
    monkeypatch.setattr(Path, "replace", seen_rename)
    with whole_file(tmp_path / "take.npz") as part:
        part.write_bytes(b"whole")
    assert order == [f"flushed {part}", f"renamed {part}", f"flushed {tmp_path}"]


def test_no_two_names_are_alike_and_none_is_taken_over(tmp_path: Path) -> None:
    with whole_file(tmp_path / "a") as one, whole_file(tmp_path / "a") as other:
        assert one != other


def test_files_that_only_look_like_unfinished_ones_stay(tmp_path: Path) -> None:
    kept = ["a.bin.new", "a.new.bin", "a.bin.part", "a.bin.tmp", "a.bin~"]
    for name in kept:
        (tmp_path / name).write_bytes(b"mine")
    write_whole(tmp_path / "a.bin", b"new")
    assert names(tmp_path) == sorted([*kept, "a.bin"])
    assert all((tmp_path / name).read_bytes() == b"mine" for name in kept)


def test_the_first_error_is_the_one_that_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")

    def fail() -> None:
        with whole_file(path) as part:
            part.unlink()
            part.mkdir()  # cannot be removed as a file on the way out
            raise RuntimeError("first")

    with pytest.raises(RuntimeError, match="first"):
        fail()
    assert path.read_bytes() == b"old"


def test_a_full_disk_leaves_the_old_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    path.write_bytes(b"old")
    with full_after(50_000), pytest.raises(TakeError, match="free some space"):
        save_arrays(path, {"a": np.zeros(100_000)}, TakeError)
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a.npz"]


def test_a_file_that_does_not_pass_is_not_put_in_place(tmp_path: Path) -> None:
    def refuse(_: Path) -> None:
        raise MienError("not good enough")

    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    with pytest.raises(MienError, match="good enough"), whole_file(path, check=refuse) as part:
        part.write_bytes(b"new")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a.bin"]


def test_a_link_is_followed_and_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.bin").write_bytes(b"old")
    (tmp_path / "a.bin").symlink_to(tmp_path / "real" / "a.bin")
    write_whole(tmp_path / "a.bin", b"new")
    assert (tmp_path / "a.bin").is_symlink()
    assert (tmp_path / "real" / "a.bin").read_bytes() == b"new"


def test_permissions_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    path.chmod(0o640)
    write_whole(path, b"new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_what_is_no_ordinary_file_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "folder", tmp_path / "pipe", tmp_path / "gone" / "a", Path("a\0b")):
        with pytest.raises(MienError, match="choose another"):
            write_whole(path, b"new")
    assert names(tmp_path) == ["folder", "pipe"]


def test_long_and_odd_names_can_be_written(tmp_path: Path) -> None:
    for name in (
        "n" * 250 + ".bin",
        "a b\u00e9\u0142\U0001f600.bin",
        "-x.bin",
        os.fsdecode(b"caf\xe9.bin"),
    ):
        write_whole(tmp_path / name, b"new")
        assert (tmp_path / name).read_bytes() == b"new"
