# SPDX-License-Identifier: GPL-3.0-or-later
"""The command, the batch, the window and Python key alike: what moves is saved, what does not ends in an error."""

from pathlib import Path
from typing import Any

import bpy
import mien
import pytest
from mien.cli.__main__ import main
from mien.core.formats.live_link import write_live_link

from .held_avatars import mute_keys
from .small_avatar import Avatar, assert_plays, performance, small_avatar


@pytest.fixture
def character(tmp_path: Path, scene: Any) -> Path:
    """A file with a character whose keys are muted, a shot of 300 frames, and a recording beside it."""
    mute_keys(small_avatar())
    scene.frame_end = 300
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "character.blend"))
    write_live_link(performance(), tmp_path / "take.csv")
    return tmp_path / "character.blend"


def words(character: Path) -> list[str]:
    """A command that keys the recording onto the character."""
    said = ["retarget", "--take", str(character.with_name("take.csv")), "--fps", "24"]
    said += ["--avatar", str(character), "--target", "Face"]
    return [*said, "--output", str(character.with_name("out.blend"))]


def saved(path: Path) -> Avatar:
    bpy.ops.wm.open_mainfile(filepath=str(path))
    assert bpy.context.scene.frame_end == 300
    return Avatar(bpy.context.scene.objects["Face"], bpy.context.scene.objects["Rig"])


def test_the_command_says_what_it_changed(
    character: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = character.read_bytes()
    assert main(words(character)) == 0
    assert "changed     muted keys act again" in capsys.readouterr().out
    assert_plays(saved(character.with_name("out.blend")))
    assert character.read_bytes() == before


def test_the_command_fails_where_nothing_of_the_face_moves(
    character: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bpy.ops.wm.open_mainfile(filepath=str(character))
    for number, key in enumerate(bpy.data.objects["Face"].data.shape_keys.key_blocks[1:]):
        key.name = f"Fold {number}"
    bpy.ops.wm.save_mainfile()
    character.with_name("out.blend").write_bytes(b"older")
    assert main(words(character)) == 1
    assert "generate keys, or write a mapping table" in capsys.readouterr().err
    assert character.with_name("out.blend").read_bytes() == b"older"


def test_a_batch_keys_as_the_command_does(character: Path) -> None:
    jobs = character.with_name("jobs.toml")
    jobs.write_text(
        '[[job]]\nname = "shot"\ntake = "take.csv"\nfps = 24.0\n'
        'avatar = "character.blend"\ntarget = "Face"\noutput = "shot.blend"\n'
    )
    assert main(["batch", str(jobs)]) == 0
    assert_plays(saved(character.with_name("shot.blend")))


def test_python_keys_as_the_command_does(character: Path) -> None:
    bpy.ops.wm.open_mainfile(filepath=str(character))
    done = mien.retarget(performance(), "Face")
    assert "muted keys act again" in done.keyed.changed[0]
    things = bpy.context.scene.objects
    assert_plays(Avatar(things["Face"], things["Rig"]))
    for key in things["Face"].data.shape_keys.key_blocks[1:]:
        key.name += " fold"
    with pytest.raises(mien.MienError, match="generate keys"):
        mien.retarget(performance(), "Face")
