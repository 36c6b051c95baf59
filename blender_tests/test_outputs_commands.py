# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read is never written over, whatever command is asked to."""

import os
import shutil
from pathlib import Path

import bpy
import cv2
import pytest
from mien.cli.__main__ import main
from mien.core.model.head import Head
from mien.core.solve.adjust import clean_motion
from mien.core.take.take_file import save_take
from mien.scene.write import write_scene

from tests.conftest import made_take
from tests.full_disk import full_after


@pytest.fixture(scope="module")
def made(clip: Path, head: Head, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with footage, frames, a take, a scene and a mapping table, to be copied."""
    folder = tmp_path_factory.mktemp("made")
    shutil.copy(clip, folder / "face.mp4")
    (folder / "frames").mkdir()
    video = cv2.VideoCapture(str(clip))
    for number in range(2):
        cv2.imwrite(str(folder / "frames" / f"f{number}.png"), video.read()[1])
    take = made_take(head, 3)
    save_take(take, folder / "a.npz")
    write_scene(folder / "a.blend", [clean_motion(take, head)], head, None)
    (folder / "m.toml").write_text('# mine\nformat = 1\nname = "m"\n[keys]\njawOpen = "jawOpen"\n')
    return folder


@pytest.fixture
def files(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder with all of these, and other names for some."""
    folder = shutil.copytree(made, tmp_path / "files")
    monkeypatch.chdir(folder)
    os.link("face.mp4", "hard.mp4")
    Path("link.npz").symlink_to("a.npz")
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    return Path(folder)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize(
    "words",
    [
        "capture face.mp4 --output o.blend --preview face.mp4",
        "capture face.mp4 --output o.blend --preview hard.mp4",
        "capture frames/f0.png --output o.blend --preview frames/../frames/f0.png",
        "capture frames --output o.blend --preview frames/new.png",
        "export a.npz --landmarks a.npz",
        "export a.npz --csv t.csv --livelink ./t.csv",
        "export a.blend --output a.blend",
        "retarget --take a.npz --avatar a.blend --target Face --output a.blend",
        "retarget --take a.npz --avatar a.blend --target Face --output o.blend --map m.toml "
        "--save-map ./m.toml",
    ],
)
def test_an_input_stays_as_it_is(
    words: str, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(files)
    assert main(words.split()) != 0
    assert "o.blend" not in before
    assert contents(files) == before
    assert "Traceback" not in capsys.readouterr().err


def test_a_linked_library_is_an_input_too(files: Path) -> None:
    with bpy.data.libraries.load("a.blend", link=True) as (held, wanted):
        wanted.objects = held.objects
    for thing in wanted.objects:
        bpy.context.scene.collection.objects.link(thing)
    bpy.ops.wm.save_as_mainfile(filepath=str(files / "shot.blend"))
    before = contents(files)
    words = "retarget --take a.npz --avatar shot.blend --output a.blend --target"
    assert main([*words.split(), "Mien Head"]) != 0
    assert contents(files) == before


def test_a_full_disk_ends_in_a_sentence_and_keeps_the_older_files(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for old in ("o.blend", "o.take.npz", "p.mp4"):
        Path(old).write_bytes(b"older")
    before = contents(files)
    with full_after(40_000):
        words = "capture face.mp4 --end 0.5 --no-texture --output o.blend --preview p.mp4"
        code = main(words.split())
    assert code == 1
    assert "error: " in capsys.readouterr().err
    after = contents(files)
    assert after.pop("o.take.npz") != b"older"  # that one had room
    assert after == {name: data for name, data in before.items() if name != "o.take.npz"}
