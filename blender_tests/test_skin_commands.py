# SPDX-License-Identifier: GPL-3.0-or-later
"""The skin in motion as a user asks for it: on the command line, in a batch, in the panel."""

from pathlib import Path
from typing import Any

import bpy
import cv2
import pytest
from mien.batch.jobs_file import read_jobs
from mien.batch.runner import run_batch
from mien.cli.__main__ import main
from mien.core.modes import State
from mien.core.take.take_file import load_take
from mien.core.texture.sequence_folder import find_sequence
from mien.scene.skin_sequence import NODE

from .test_window import window  # noqa: F401

FRAMES = 9


def user_of(mesh: bpy.types.Object) -> Any:
    """How the skin of a head shows its pictures; None if it has none."""
    node = mesh.data.materials[0].node_tree.nodes.get(NODE)
    return None if node is None else node.image_user


def heads() -> list[bpy.types.Object]:
    return [o for o in bpy.data.objects if o.type == "MESH"]


def test_a_capture_writes_it_and_its_scene_shows_it(
    clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["capture", str(clip), "--end", "0.3", "--no-refine", "--texture-sequence"]
    for _ in range(2):  # the second time in the place of the first
        assert main([*words, "--output", str(tmp_path / "a.blend")]) == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.blend", "a.skin", "a.take.npz"]
    assert "a.skin" in capsys.readouterr().out
    take = load_take(tmp_path / "a.take.npz")
    found = find_sequence(tmp_path / "a.take.npz", take)
    assert found is not None
    assert found.count == len(take) == FRAMES
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    user = user_of(heads()[0])
    assert (user.frame_start, user.frame_duration, user.frame_offset) == (2, FRAMES - 1, 1)
    image = heads()[0].data.materials[0].node_tree.nodes[NODE].image
    assert image.filepath == "//a.skin/skin_00001.jpg"
    assert cv2.imread(bpy.path.abspath(image.filepath)).shape == (1024, 1024, 3)


def test_what_cannot_be_meant_is_said_before_anything_is_done(
    clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["capture", str(clip), "--output", str(tmp_path / "a.blend"), "--texture-sequence"]
    assert main([*words, "--no-texture"]) != 0
    assert "leave --no-texture out" in capsys.readouterr().err
    (tmp_path / "a.skin").mkdir()
    (tmp_path / "a.skin" / "mine.txt").write_text("mine")
    assert main(words) != 0
    assert "holds other files" in capsys.readouterr().err
    assert main([words[0], str(tmp_path / "a.skin"), *words[2:]]) != 0
    assert "is read and would be written over" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["a.skin"]


def test_a_batch_writes_it_and_a_take_brings_it_along(clip: Path, tmp_path: Path) -> None:
    footage, jobs = clip.as_posix(), tmp_path / "jobs.toml"
    jobs.write_text(
        f'[[job]]\nfootage = "{footage}"\noutput = "a.blend"\nend = 0.3\nrefine = false\n'
        "texture_sequence = true\n"
    )
    outcome = run_batch(read_jobs(jobs))[0]
    assert outcome.state == State.DONE, outcome.record
    assert run_batch(read_jobs(jobs))[0].state == State.SKIPPED
    (tmp_path / "a.skin" / "mien_skin.json").unlink()
    again = tmp_path / "again.toml"
    again.write_text('[[job]]\ntake = "a.take.npz"\noutput = "b.blend"\n')
    run_batch(read_jobs(again))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "b.blend"))
    assert user_of(heads()[0]) is None  # a folder without its mark is nobody's
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    assert user_of(heads()[0]).frame_duration == FRAMES - 1


def test_the_panels_head_shows_it_where_its_keys_lie(
    window: None, clip: Path, tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    settings: Any = bpy.context.scene.mien
    settings.footage, settings.refine = str(clip), False
    settings.use_range, settings.start, settings.end = True, 0.0, 0.3
    settings.sequence = True
    assert bpy.ops.mien.capture() == {"FINISHED"}
    mesh = heads()[0]
    rig: Any = mesh.parent
    assert user_of(mesh).frame_start == 2
    rig.mien.first = 41.0
    assert user_of(mesh).frame_start == 42
    rig.mien.timing = "ONE_BY_ONE"
    assert user_of(mesh).frame_duration == FRAMES - 1
    assert find_sequence(Path(rig.mien.take), load_take(Path(rig.mien.take))) is not None
