# SPDX-License-Identifier: GPL-3.0-or-later
"""One take gives one animation, whichever way it is asked for: script, commands, jobs files."""

from argparse import Namespace
from pathlib import Path

import mien
import numpy as np
import pytest
from mien.batch.jobs_file import read_jobs
from mien.cli.__main__ import main
from mien.cli.arguments import adjustments_of, keying_of
from mien.cli.parser import build_parser
from mien.cli.retarget import read_performance
from mien.core.errors import MienError
from mien.core.model.head import Head
from mien.core.modes import Faces, NeutralFace, Timing
from mien.core.performance.performance import Performance
from mien.core.solve.adjust import USUAL, Adjustments
from mien.core.take.take_file import save_take
from mien.scene.timing import PLAIN, Keying

from .conftest import made_take

WORDS = ["--smoothing", "0.1", "--neutral", "0.2-0.4", "--gain", "brows=1.5", "--no-head-motion"]
WANTED = Adjustments(0.1, {"brows": 1.5}, head_motion=False)
PLACED = ["--timing", "whole", "--start-frame", "101", "--key-every", "2", "--tolerance", "0.01"]
KEYING = Keying(Timing.WHOLE, 2, 0.01, 101.0)
COMMANDS = {
    "capture": ["man.mp4", "--output", "a.blend"],
    "export": ["man.npz"],
    "retarget": ["--take", "man.npz", "--target", "Face", "--output", "a.blend"],
}
JOB = '[[job]]\ntake = "man.npz"\noutput = "a.blend"\n'


def parsed(command: str, words: list[str]) -> Namespace:
    return build_parser("mien").parse_args([command, *COMMANDS[command], *words])


def same(one: Performance, other: Performance) -> bool:
    fields = ("blendshapes", "rotation", "translation", "eyes")
    return all(np.allclose(getattr(one, n), getattr(other, n), atol=1e-5) for n in fields)


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_take_adjustments(command: str) -> None:
    arguments = parsed(command, WORDS)
    assert adjustments_of(arguments) == WANTED
    assert arguments.neutral == (0.2, 0.4)
    plain = parsed(command, [])
    assert (adjustments_of(plain), plain.neutral) == (USUAL, NeutralFace.AUTO)


@pytest.mark.parametrize("command", ["capture", "retarget"])
def test_commands_say_where_keys_lie(command: str) -> None:
    assert keying_of(parsed(command, PLACED)) == KEYING
    assert keying_of(parsed(command, [])) == PLAIN


def test_jobs_take_the_same(tmp_path: Path) -> None:
    path = tmp_path / "jobs.toml"
    path.write_text(
        JOB + 'smoothing = 0.1\nneutral = "0.2-0.4"\ngains = ["brows=1.5"]\nhead_motion = false\n'
        'timing = "whole"\nstart_frame = 101\nkey_every = 2\ntolerance = 0.01\nmodel = "own.onnx"\n'
        "refine = false\n"
    )
    (job,) = read_jobs(path)
    assert (job.adjustments, job.rest) == (WANTED, (0.2, 0.4))
    assert job.keying == KEYING
    assert job.model == tmp_path / "own.onnx"
    assert job.model in job.inputs
    assert (job.followed, job.refine, job.texture) == (Faces.LARGEST, False, None)
    path.write_text('[[job]]\nfootage = "man.mp4"\noutput = "a.blend"\nfaces = "all"\n')
    assert read_jobs(path)[0].followed == Faces.ALL
    path.write_text(JOB)
    (job,) = read_jobs(path)
    assert (job.adjustments, job.rest, job.keying) == (USUAL, NeutralFace.AUTO, PLAIN)
    assert job.followed == Faces.LARGEST


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("smoothing = 2", "give 0 to 1"),
        ('neutral = "now"', "auto, off"),
        ('gains = ["nose=1"]', "has no gain"),
        ('gains = ["brows"]', "a part and a factor"),
        ('timing = "late"', "times, whole"),
        ('keys = "all"', "components"),
        ("key_every = 0", "whole number above 0"),
        ("key_every = 1.5", "whole number above 0"),
        ("tolerance = -1", "give 0 or more"),
        ("start_frame = nan", "give a number"),
        ('model = "own.pt"', "must end in .onnx"),
        ('faces = "some"', "largest or all"),
        ('faces = "all"\nexport = ["man.glb"]', "leave avatar and export out"),
    ],
)
def test_a_job_that_cannot_be_meant_is_named(tmp_path: Path, line: str, problem: str) -> None:
    path = tmp_path / "jobs.toml"
    path.write_text(JOB + line)
    with pytest.raises(MienError, match=problem) as caught:
        read_jobs(path)
    assert "job 1" in str(caught.value)


def test_a_word_that_cannot_be_meant_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "man.npz", "--neutral", "now"]) == 2
    assert "auto, off" in capsys.readouterr().err


def test_a_file_a_character_and_a_script_get_one_animation(head: Head, tmp_path: Path) -> None:
    take, path, csv = made_take(head), tmp_path / "man.npz", tmp_path / "man.csv"
    save_take(take, path)
    usual = mien.performance(mien.solve(take))
    assert main(["export", str(path), "--livelink", str(csv)]) == 0
    assert np.allclose(mien.read_live_link(csv, 30).blendshapes, usual.blendshapes, atol=1e-5)
    assert same(read_performance(path), usual)
    gains = {"brows": 1.5}
    own = mien.performance(
        mien.solve(take, smoothing=0.1, neutral=(0.2, 0.4), gains=gains, head_motion=False)
    )
    assert not same(own, usual)
    assert same(read_performance(path, wanted=WANTED, neutral=(0.2, 0.4)), own)
    assert main(["export", str(path), "--livelink", str(csv), *WORDS]) == 0
    assert np.allclose(mien.read_live_link(csv, 30).blendshapes, own.blendshapes, atol=1e-5)


def test_a_take_is_exported_at_the_rate_and_from_the_frame_that_are_asked_for(
    head: Head, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    take, path, csv = made_take(head), tmp_path / "man.npz", tmp_path / "man.csv"
    save_take(take, path)
    words = ["--fps", "60", "--start-frame", "120"]
    assert main(["export", str(path), "--livelink", str(csv), *words]) == 0
    own = mien.performance(mien.solve(take))
    evenly = mien.performance(mien.solve(take), fps=60)
    assert np.allclose(np.diff(evenly.times), 1 / 60)
    assert 0 <= own.times[-1] - evenly.times[-1] < 1 / 60
    at = np.searchsorted(evenly.times, own.times[5] - 1e-9)
    assert np.allclose(evenly.blendshapes[at], own.blendshapes[5], atol=1e-5)
    again = mien.read_live_link(csv, 60)
    assert np.allclose(again.blendshapes, evenly.blendshapes, atol=1e-5)
    assert csv.read_text().splitlines()[1].startswith("00:00:02:00.000")
    for wrong in (["--fps", "0"], ["--fps", "nan"], ["--fps", "1e9"], ["--start-frame", "-3"]):
        assert main(["export", str(path), "--livelink", str(csv), *wrong]) == 1
        assert "makes no sense" in capsys.readouterr().err
    assert main(["export", str(path), "--csv", str(csv), "--fps", "60"]) == 1
    assert "add --livelink" in capsys.readouterr().err
