# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs in Blender's own process, and what must not."""

import subprocess
import sys
from pathlib import Path

import pytest
from mien.core.take.take_file import load_take

PROGRAM = """
import os, sys, bpy
from mien.cli.__main__ import main
code = main({words!r})
assert "onnxruntime" not in sys.modules, "the network was loaded in Blender's process"
sys.stdout.flush()
os._exit(code)  # Blender 4.2's module crashes at times while Python takes it down
"""


def run(words: list[str], folder: Path) -> int:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM.format(words=words)], cwd=folder, check=False
    ).returncode


def test_no_command_loads_the_network_in_blenders_process(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text(f"footage,output,end\n{clip},b.blend,0.1\n")
    for words in (
        ["capture", str(clip), "--end", "0.1", "--output", "a.blend", "--preview", "a.png"],
        ["info", "a.take.npz"],
        ["export", "a.take.npz", "--csv", "a.csv", "--livelink", "l.csv"],
        ["export", "a.blend", "--output", "a.glb"],
        ["import", "l.csv", "--output", "i.blend"],
        ["batch", "jobs.csv", "--only", "b"],
    ):
        assert run(words, tmp_path) == 0, words


def test_a_reader_who_goes_away_ends_no_work(clip: Path, tmp_path: Path) -> None:
    words = ["capture", str(clip), "--end", "0.3", "--output", "a.blend"]
    child = subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(words=words)], cwd=tmp_path,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert child.stdout is not None
    assert child.stderr is not None
    child.stdout.close()
    child.stderr.close()
    child.wait()
    assert (tmp_path / "a.blend").stat().st_size > 100_000
    assert len(load_take(tmp_path / "a.take.npz")) == 9


def test_errors_that_nobody_foresaw_are_a_sentence_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from mien.cli import __main__ as program

    def fail(_: object) -> int:
        raise ZeroDivisionError("of all things")

    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setitem(program.COMMANDS, "info", fail)
    assert program.main(["info", "a.npz"]) == 1
    said = capsys.readouterr().err
    assert "of all things" in said
    assert "Traceback" not in said
    assert "ZeroDivisionError" in next(tmp_path.glob("mien-*.log")).read_text()


def test_memory_that_does_not_suffice_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from mien.cli import __main__ as program

    monkeypatch.setitem(program.COMMANDS, "info", lambda _: len(bytes(2**62)))
    assert program.main(["info", "a.npz"]) == 1
    assert "The memory does not suffice" in capsys.readouterr().err
