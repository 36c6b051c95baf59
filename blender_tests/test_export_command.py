# SPDX-License-Identifier: GPL-3.0-or-later
"""``mien export`` and ``mien import`` from files to files."""

import shutil
from pathlib import Path

import bpy
import numpy as np
import pytest
from mien.cli.__main__ import main
from mien.core.formats.live_link import read_live_link
from mien.core.model.head import Head
from mien.core.performance.performance import to_performance
from mien.core.solve.adjust import clean_motion
from mien.core.take.take_file import save_take
from mien.scene.action import curves_of
from mien.scene.write import write_scene

from tests.conftest import made_take

COUNT = 12


@pytest.fixture(scope="module")
def made(head: Head, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a take and its scene, to be copied."""
    folder = tmp_path_factory.mktemp("made")
    take = made_take(head, COUNT)
    save_take(take, folder / "a.npz")
    write_scene(folder / "a.blend", [clean_motion(take, head)], head, None)
    return folder


@pytest.fixture
def files(made: Path, tmp_path: Path) -> Path:
    """A folder with a take and its scene."""
    return Path(shutil.copytree(made, tmp_path / "files"))


def test_a_take_goes_out_as_text(files: Path, head: Head) -> None:
    words = ["export", str(files / "a.npz"), "--landmarks", str(files / "l.csv")]
    words += ["--livelink", str(files / "v.csv"), "--csv", str(files / "t.csv")]
    assert main(words) == 0
    for name in "lvt":
        assert len((files / f"{name}.csv").read_text().splitlines()) == COUNT + 1
    performance = to_performance(clean_motion(made_take(head, COUNT), head))
    again = read_live_link(files / "v.csv", 30)
    assert np.abs(again.blendshapes - performance.blendshapes).max() < 1e-6


@pytest.mark.parametrize("suffix", [".glb", ".fbx", ".usdc"])
def test_a_scene_goes_out_and_stays_as_it_was(suffix: str, files: Path) -> None:
    before = (files / "a.blend").read_bytes()
    out = files / f"face{suffix}"
    assert main(["export", str(files / "a.blend"), "--output", str(out)]) == 0
    assert out.stat().st_size > 100_000
    assert (files / "a.blend").read_bytes() == before


def test_a_recording_becomes_a_scene_that_says_the_same(files: Path) -> None:
    assert main(["export", str(files / "a.npz"), "--livelink", str(files / "v.csv")]) == 0
    words = ["import", str(files / "v.csv"), "--output", str(files / "b.blend"), "--fps", "30"]
    assert main(words) == 0
    turns = []
    for name in ("a", "b"):
        bpy.ops.wm.open_mainfile(filepath=str(files / f"{name}.blend"))
        scene = bpy.context.scene
        assert scene.render.fps / scene.render.fps_base == pytest.approx(30)
        rig = next(o for o in scene.objects if o.type == "ARMATURE")
        mesh = next(o for o in scene.objects if o.type == "MESH")
        assert len(curves_of(mesh.data.shape_keys)[0].keyframe_points) == COUNT
        scene.frame_set(3)
        nod = rig.pose.bones["head"].matrix.to_quaternion()
        scene.frame_set(COUNT)
        turns.append(nod.rotation_difference(rig.pose.bones["head"].matrix.to_quaternion()))
    assert turns[0].angle > 0.3
    assert turns[0].rotation_difference(turns[1]).angle < 0.06  # seen a little from the side


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["export", "a.npz"], "Say what to write"),
        (["export", "a.blend"], "Say where the face goes"),
        (["export", "a.blend", "--csv", "x.csv"], "come from a take"),
        (["export", "a.npz", "--output", "x.glb"], "come from a .blend"),
        (["export", "a.blend", "--output", "x.glb", "--object", "Bob"], "no object named Bob"),
        (["export", "gone.blend", "--output", "x.glb"], "does not exist"),
        (["export", "bad.blend", "--output", "x.glb"], "not a Blender file"),
        (["export", "a.blend", "--output", "gone/x.glb"], "make it first"),
        (["import", "bad.csv", "--output", "x.blend"], "not a CSV of Live Link Face"),
        (["import", "bad.csv", "--output", "gone/x.blend"], "make it first"),
    ],
)
def test_what_makes_no_sense_is_said_in_one_line(
    words: list[str],
    said: str,
    files: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (files / "bad.blend").write_text("no scene")
    (files / "bad.csv").write_text("no recording")
    before = {p.name for p in files.iterdir()}
    monkeypatch.chdir(files)
    assert main(words) == 1
    errors = [e for e in capsys.readouterr().err.splitlines() if e.startswith("error: ")]
    assert len(errors) == 1
    assert said in errors[0]
    assert {p.name for p in files.iterdir()} == before
