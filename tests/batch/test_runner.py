# SPDX-License-Identifier: GPL-3.0-or-later
"""The runner with jobs that fail at once, and with executors of other kinds."""

import os
import subprocess
import sys
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mien.batch import children
from mien.batch.job import Job
from mien.batch.job_state import log_path, read_record, record_path, up_to_date
from mien.batch.jobs_file import read_jobs
from mien.batch.runner import Outcome, run_batch
from mien.batch.summary import line, table, totals
from mien.cli.__main__ import main
from mien.core.errors import MienError
from mien.core.locking import only_one
from mien.core.modes import State
from mien.core.take.journal import TakeWriter
from mien.core.take.take import RECORD
from mien.core.writing import whole_file

from ..conftest import info_of


@pytest.fixture
def jobs(tmp_path: Path) -> Path:
    """Three jobs whose footage is text, is empty, is not there."""
    (tmp_path / "text.mp4").write_text("no video")
    (tmp_path / "empty.mp4").write_bytes(b"")
    rows = [f"{n}.mp4,out/{n}.blend" for n in ("text", "empty", "gone")]
    path = tmp_path / "jobs.csv"
    path.write_text("\n".join(["footage,output", *rows]))
    return path


def test_failures_are_named_and_do_not_stop_the_rest(
    jobs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["batch", str(jobs), "--workers", "2"]) == 1
    out, err = capsys.readouterr()
    for name in ("text", "empty", "gone"):
        assert f"{name} failed: " in err
        assert f"{name}.mp4" in err
    assert "0 done, 0 done before, 3 failed" in out
    assert not list((jobs.parent / "out").iterdir())


def test_failures_are_remembered_until_asked_for_or_mended(jobs: Path) -> None:
    first = run_batch(read_jobs(jobs))
    assert [o.fresh for o in first] == [True] * 3
    second = run_batch(read_jobs(jobs))
    assert [(o.state, o.fresh) for o in second] == [(State.FAILED, False)] * 3
    assert "--retry" in totals(second)
    assert [o.record for o in second] == [o.record for o in first]
    assert all(o.fresh for o in run_batch(read_jobs(jobs), retry=True))
    (jobs.parent / "gone.mp4").write_text("here, but no video either")
    assert [o.fresh for o in run_batch(read_jobs(jobs))] == [False, False, True]


def test_reports_count_up(jobs: Path) -> None:
    seen: list[tuple[int, int]] = []
    texts: list[str] = []

    def report(outcome: Outcome, ended: int, total: int) -> None:
        seen.append((ended, total))
        texts.append(line(outcome, ended, total))

    run_batch(read_jobs(jobs), 2, report=report)
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert texts[0].startswith("[1/3] ")


def test_any_executor_runs_the_jobs(jobs: Path) -> None:
    with ThreadPoolExecutor(2) as threads:
        outcomes = run_batch(read_jobs(jobs), executor=threads)
    assert [o.state for o in outcomes] == [State.FAILED] * 3
    assert all(o.record and o.record.message for o in outcomes)


class Losing(Executor):
    """An executor that loses its workers."""

    def submit(self, *_: Any, **__: Any) -> "Future[Any]":  # type: ignore[override]
        future: Future[Any] = Future()
        future.set_exception(ConnectionError("the worker is gone"))
        return future


def test_a_lost_worker_fails_its_job_only_for_now(jobs: Path) -> None:
    outcomes = run_batch(read_jobs(jobs)[:1], executor=Losing())
    assert outcomes[0].state == State.FAILED
    assert "the worker is gone" in line(outcomes[0], 1, 1)
    assert read_record(record_path(outcomes[0].job)) is None


def test_a_process_that_dies_without_a_word_is_reported(
    jobs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = read_jobs(jobs)[0]
    job.output.parent.mkdir()
    killed = (
        "import os, pathlib, signal\n"
        f"from {children.PACKAGE.name}.core.writing import whole_file\n"
        f"with whole_file(pathlib.Path({str(job.output)!r})) as part:\n"
        "    part.write_bytes(b'half a scene'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    monkeypatch.setattr(children, "program", lambda: [sys.executable, "-c", killed])
    outcome = run_batch([job])[0]
    assert outcome.record is not None
    assert "SIGKILL" in outcome.record.message
    assert str(log_path(job)) in outcome.record.message
    assert not list(job.output.parent.iterdir())
    assert run_batch([job])[0].fresh is False


def test_the_table_has_a_row_a_job_and_failures_last(jobs: Path) -> None:
    read = read_jobs(jobs)
    outcomes = run_batch(read[:1]) + [Outcome(read[1], "skipped", None, False)]
    rows = table(outcomes).splitlines()
    assert len(rows) == 3
    assert rows[1].startswith("empty  skipped")
    assert rows[2].startswith("text   failed")


def test_only_does_one_job_here(jobs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["batch", str(jobs), "--only", "gone"]) == 1
    assert "gone.mp4 does not exist" in capsys.readouterr().err
    assert {p.name for p in Path(f"{jobs}.state").iterdir()} == {"gone.json", "gone.lock"}
    assert main(["batch", str(jobs), "--only", "nobody"]) == 1
    assert "no job named nobody" in capsys.readouterr().err


def test_the_process_of_a_job_is_told_what_all_jobs_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "jobs.csv"
    path.write_text("name,footage,output\nfirst,gone.mp4,a.blend\n")
    model = tmp_path / "none.onnx"
    words = ["--neutral=1-2", "--gain=jaw=2", "--key-every=2", "--no-refine", f"--model={model}"]
    assert main(["batch", str(path), *words]) == 1
    shared = {
        "refine": False, "model": str(model), "neutral": "1.000000-2.000000", "key_every": 2, "gains": ["jaw=2"],
    }  # fmt: skip
    assert up_to_date(read_jobs(path, shared)[0]) is not None
    assert up_to_date(read_jobs(path)[0]) is None
    assert up_to_date(read_jobs(path, shared | {"gains": ["jaw=1"]})[0]) is None
    assert main(["batch", str(path), "--smoothing=7"]) == 1
    assert "smoothing" in capsys.readouterr().err


def test_names_are_listed(jobs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["batch", str(jobs), "--list"]) == 0
    assert capsys.readouterr().out.split() == ["text", "empty", "gone"]
    assert not Path(f"{jobs}.state").exists()


def test_a_place_that_cannot_be_written_is_named(
    jobs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(f"{jobs}.state").write_text("a file where a folder should be")
    assert main(["batch", str(jobs)]) == 1
    assert "move the jobs file" in capsys.readouterr().err


def test_a_job_knows_what_it_leaves_behind(jobs: Path) -> None:
    from mien.batch.work import leftovers

    job: Job = read_jobs(jobs)[0]
    (jobs.parent / "out").mkdir()
    for mine in ("text.new.blend", "text.take.npz.new", "text.blend"):
        (jobs.parent / "out" / mine).touch()
    assert leftovers(job) == []
    with whole_file(job.output) as part, TakeWriter(job.take, info_of("head")) as writer:
        assert leftovers(job) == [part, writer.journal]


def test_a_killed_job_takes_nothing_of_the_users_along(jobs: Path) -> None:
    job = read_jobs(jobs)[0]
    job.output.parent.mkdir()
    with TakeWriter(job.take, info_of("head")) as writer:
        writer.append(np.zeros(1, RECORD))
    children.Children().run(job)
    assert [p.name for p in job.output.parent.iterdir()] == ["text.take.npz.part"]


def test_what_lies_beside_the_jobs_is_not_run(jobs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (jobs.parent / "cv2.py").write_text("import os; os._exit(99)")
    monkeypatch.chdir(jobs.parent)
    record = children.Children().run(read_jobs(jobs)[0])
    assert record is not None
    assert "is not a video" in record.message


def test_two_batches_do_not_do_the_same_work(
    jobs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(f"{jobs}.state")
    folder.mkdir()
    with only_one(folder / "lock", ""):
        assert main(["batch", str(jobs)]) == 1
        assert "Another batch does the jobs" in capsys.readouterr().err
    with only_one(folder / "text.lock", ""):
        assert main(["batch", str(jobs), "--only", "text"]) == 1
        assert "done by another process" in capsys.readouterr().err
        assert not record_path(read_jobs(jobs)[0]).exists()
    assert main(["batch", str(jobs), "--only", "text"]) == 1
    assert "is not a video" in capsys.readouterr().err


def test_names_that_look_like_options_are_names(tmp_path: Path) -> None:
    path = tmp_path / "jobs.csv"
    path.write_text("name,footage,output\n--retry,gone.mp4,a.blend\n")
    record = children.Children().run(read_jobs(path)[0])
    assert record is not None
    assert "gone.mp4 does not exist" in record.message


@pytest.mark.parametrize("name", ["CON", "nul.txt", "com1", "a.", "n" * 250])
def test_names_that_some_system_cannot_have_are_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / "jobs.csv"
    path.write_text(f"name,footage,output\n{name},gone.mp4,a.blend\n")
    with pytest.raises(MienError, match="cannot be a file's name"):
        read_jobs(path)


def test_a_job_ends_with_its_batch(jobs: Path) -> None:
    program = (
        "import sys, time\n"
        "from mien.batch import children\n"
        "from mien.cli import batch\n"
        "from pathlib import Path\n"
        "batch.do_job = lambda job: time.sleep(600)\n"
        "sys.exit(batch._only(Path(sys.argv[1]), 'text', {}))"
    )
    Path(f"{jobs}.state").mkdir()
    job = subprocess.Popen(
        [sys.executable, "-c", program, str(jobs)], stdin=subprocess.PIPE,
        env={**os.environ, children.TIED: "1"},
    )  # fmt: skip
    with pytest.raises(subprocess.TimeoutExpired):
        job.wait(3)
    assert job.stdin is not None
    job.stdin.close()
    assert job.wait(120) == 1
