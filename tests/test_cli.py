# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line where no scene is built; the rest is in ``blender_tests``."""

from pathlib import Path

import pytest
from mien.cli.__main__ import main
from mien.core.model.head import Head
from mien.core.take.take_file import save_take

from .conftest import made_take


def test_info_prints_what_a_take_holds(
    head: Head, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_take(made_take(head, lost=(4,)), tmp_path / "a.npz")
    assert main(["info", str(tmp_path / "a.npz")]) == 0
    out = capsys.readouterr().out
    assert "640 x 480" in out
    assert "lost in 1" in out


def test_export_writes_landmarks(head: Head, tmp_path: Path) -> None:
    save_take(made_take(head), tmp_path / "a.npz")
    words = ["export", str(tmp_path / "a.npz"), "--landmarks", str(tmp_path / "a.csv")]
    assert main(words) == 0
    assert len((tmp_path / "a.csv").read_text().splitlines()) == 41


def test_a_take_of_another_head_is_not_exported(
    head: Head, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from dataclasses import replace

    take = made_take(head)
    save_take(replace(take, info=replace(take.info, head="0" * 12)), tmp_path / "a.npz")
    words = ["export", str(tmp_path / "a.npz"), "--landmarks", str(tmp_path / "a.csv")]
    assert main(words) == 1
    assert "another head" in capsys.readouterr().err
    assert not (tmp_path / "a.csv").exists()


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["nonsense"],
        ["capture", "a.mp4"],
        ["capture", "a.mp4", "--output", "a.txt"],
        ["capture", "a.mp4", "--output", "a.blend", "--take", "a.pkl"],
        ["capture", "a.mp4", "--output", "a.blend", "--threads", "0"],
        ["capture", "a.mp4", "--output", "a.blend", "--start", "now"],
        ["export", "a.npz", "--csv", "a.txt"],
        ["export", "a.blend", "--output", "a.obj"],
        ["import", "a.csv"],
    ],
)
def test_words_that_make_no_sense_end_with_2(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert "usage" in capsys.readouterr().err


def test_an_error_is_one_line_and_ends_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["info", str(tmp_path / "gone.npz")]) == 1
    err = capsys.readouterr().err
    assert err.startswith("error: ")
    assert err.count("\n") == 1


def test_help_ends_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["capture", "--help"], prog="blender --command mien") == 0
    assert "blender --command mien capture" in capsys.readouterr().out
