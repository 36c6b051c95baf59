# SPDX-License-Identifier: GPL-3.0-or-later
"""Batches of real clips: done, resumed, interrupted, and run by Dask."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import bpy
import numpy as np
import pytest
from mien.batch.job_state import job_folder, record_path
from mien.batch.jobs_file import read_jobs
from mien.batch.runner import run_batch
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.head import Head
from mien.core.modes import State
from mien.core.performance.performance import to_performance
from mien.core.solve.adjust import clean_motion
from mien.core.take.take_file import load_take
from mien.scene.action import curves_of
from mien.scene.axes import points_to_scene

from benchmarks.batch import BAD, LENGTH, lay_out
from benchmarks.footage import cut

COUNT = 6


@pytest.fixture(scope="module")
def done_once(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A jobs file over four good clips and three bad ones, done once."""
    jobs = lay_out(tmp_path_factory.mktemp("batch"), COUNT)
    run_batch(read_jobs(jobs), 2)
    return jobs


@pytest.fixture
def laid_out(done_once: Path, tmp_path: Path) -> Path:
    """A copy of all that to change: what was done stays done, because paths are relative."""
    return Path(shutil.copytree(done_once.parent, tmp_path / "batch")) / done_once.name


def test_good_clips_are_done_and_bad_ones_named(laid_out: Path) -> None:
    outcomes = run_batch(read_jobs(laid_out), 2)
    assert [o.state for o in outcomes] == [State.SKIPPED] * (COUNT - len(BAD)) + [
        State.FAILED
    ] * len(BAD)
    for outcome in outcomes:
        assert outcome.record is not None
        assert not outcome.fresh  # a second run does nothing
        if outcome.state == State.FAILED:
            assert outcome.job.footage is not None
            assert outcome.job.footage.name in outcome.record.message
        else:
            assert outcome.record.frames == LENGTH
            assert outcome.record.peak > 50 * 2**20
            assert len(load_take(outcome.job.take)) == LENGTH
    shots = {p.name for p in (laid_out.parent / "shots").iterdir()}
    good = [o.job.name for o in outcomes if o.state == State.SKIPPED]
    assert shots == {f"{n}{s}" for n in good for s in (".blend", ".take.npz")}
    bpy.ops.wm.open_mainfile(filepath=str(outcomes[0].job.output))
    assert "Mien Head" in bpy.data.objects


def test_only_what_changed_is_done_again(laid_out: Path) -> None:
    jobs = read_jobs(laid_out)
    jobs[1].output.unlink()
    assert jobs[2].footage is not None
    cut(jobs[2].footage, 50, LENGTH + 1)
    fresh = [o.job.name for o in run_batch(jobs, 2) if o.fresh]
    assert fresh == [jobs[1].name, jobs[2].name]
    assert len(load_take(jobs[2].take)) == LENGTH + 1


def test_takes_and_recordings_are_sources_too(laid_out: Path, tmp_path: Path) -> None:
    take = read_jobs(laid_out)[0].take
    before = take.read_bytes()
    path, second = tmp_path / "jobs.toml", tmp_path / "second.toml"
    path.write_text(
        f'[[job]]\ntake = "{take.as_posix()}"\noutput = "new/a.blend"\n'
        'export = ["new/a.glb", "new/a.csv"]\n'
    )
    second.write_text('[[job]]\ntake = "new/a.csv"\noutput = "b.blend"\nfps = 29.97\n')
    assert run_batch(read_jobs(path))[0].state == State.DONE
    assert run_batch(read_jobs(second))[0].state == State.DONE
    made = {p.name for p in (tmp_path / "new").iterdir()}
    assert made == {"a.blend", "a.glb", "a.csv"}
    assert (tmp_path / "b.blend").is_file()
    assert take.read_bytes() == before


def test_clips_move_an_avatar(laid_out: Path, head: Head, tmp_path: Path) -> None:
    avatar = tmp_path / "hero.blend"
    _character(head, avatar)
    take = read_jobs(laid_out)[0].take
    jobs = tmp_path / "jobs.toml"
    jobs.write_text(
        f'[defaults]\navatar = "hero.blend"\ntake = "{take.as_posix()}"\n'
        '[[job]]\noutput = "shot.blend"\ntarget = "Face"\nexport = ["shot.glb"]\n'
        '[[job]]\noutput = "lost.blend"\ntarget = "Nobody"\n'
    )
    before = avatar.read_bytes()
    done, lost = run_batch(read_jobs(jobs), 2)
    assert done.state == State.DONE, done.record
    assert lost.record is not None
    assert "Nobody" in lost.record.message
    assert avatar.read_bytes() == before
    assert {p.name for p in tmp_path.glob("*.*")} >= {"shot.blend", "shot.glb"}
    assert not (tmp_path / "lost.blend").exists()
    wanted = to_performance(clean_motion(load_take(take), head)).blendshapes
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
    curves = curves_of(bpy.data.objects["Face"].data.shape_keys)
    jaw = next(c for c in curves if '"jawOpen"' in c.data_path)
    keyed = [p.co.y for p in jaw.keyframe_points]
    assert np.allclose(keyed, wanted[:, ARKIT_BLENDSHAPES.index("jawOpen")], atol=1e-5)
    avatar.write_bytes(before + b"\0")  # another character
    assert [o.fresh for o in run_batch(read_jobs(jobs), 2)] == [True, True]


def _character(head: Head, path: Path) -> None:
    """Save a file with a face that has the 52 keys by ARKit's names."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    mesh = bpy.data.meshes.new("Face")
    mesh.from_pydata(points_to_scene(head.vertices).tolist(), [], head.quads.tolist())
    face = bpy.data.objects.new("Face", mesh)
    bpy.context.scene.collection.objects.link(face)
    face.shape_key_add(name="Basis", from_mix=False)
    for name, moved in zip(ARKIT_BLENDSHAPES, head.blendshapes, strict=True):
        key = face.shape_key_add(name=name, from_mix=False)
        key.value = 0.0
        key.data.foreach_set("co", points_to_scene(head.vertices + moved).ravel())
    bpy.ops.wm.save_as_mainfile(filepath=str(path), copy=True)


def test_an_interrupt_ends_the_processes_and_the_next_run_goes_on(
    clip: Path, tmp_path: Path
) -> None:
    rows = [f"shot{i},{clip},out/shot{i}.blend" for i in range(3)]
    jobs = tmp_path / "jobs.csv"
    jobs.write_text("\n".join(["name,footage,output", *rows]))
    words = [sys.executable, "-m", "mien.cli", "batch", str(jobs), "--workers", "1"]
    batch = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    read = read_jobs(jobs)
    while not (job_folder(jobs) / "shot1.log").exists():  # the second job has begun
        assert batch.poll() is None
        time.sleep(0.05)
    batch.send_signal(signal.SIGINT)
    out, _ = batch.communicate(timeout=60)
    assert batch.returncode == 130
    assert "1 done, 0 done before, 0 failed, 2 not done" in out
    assert record_path(read[0]).exists()
    left = {p.name for p in (tmp_path / "out").iterdir()}
    assert left == {"shot0.blend", "shot0.take.npz"}
    assert not _processes_about(jobs)
    states = [o.state for o in run_batch(read, 2)]
    assert states == [State.SKIPPED, State.DONE, State.DONE]


def _processes_about(jobs: Path) -> list[str]:
    if not Path("/proc/self/cmdline").exists():
        pytest.skip("this system does not list its processes in /proc")
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().decode(errors="replace")
        except OSError:
            continue
        if str(jobs) in words and entry.parent.name != str(os.getpid()):
            found.append(words)
    return found


def test_dask_runs_the_jobs(clip: Path, tmp_path: Path) -> None:
    distributed = pytest.importorskip(
        "distributed", reason="Dask is not installed; run: uv run --group farm pytest"
    )
    jobs = read_jobs(lay_out(tmp_path, 5))
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
    )
    with cluster, distributed.Client(cluster) as client:
        outcomes = run_batch(jobs, executor=client.get_executor())
    assert [o.state for o in outcomes] == [State.DONE] * 2 + [State.FAILED] * 3
    assert all(o.fresh for o in outcomes)
    assert [o.state for o in run_batch(jobs)] == [State.SKIPPED] * 2 + [State.FAILED] * 3
