# SPDX-License-Identifier: GPL-3.0-or-later
"""The child process: real captures in it, seen from the parent."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mien.core.errors import TakeError
from mien.core.modes import State
from mien.core.solve.motion import solve_take
from mien.core.take.journal import journal_path
from mien.core.take.take_file import load_take
from mien.worker.job import Job, Status, read_job, read_status, write_json
from mien.worker.motion_file import load_motion, motion_path
from mien.worker.session import Session

from benchmarks.footage import enlarge


@pytest.fixture
def start() -> Iterator[Callable[..., Session]]:
    sessions: list[Session] = []

    def begin(**values: object) -> Session:
        sessions.append(Session(Job(**values)))  # type: ignore[arg-type]
        return sessions[-1]

    yield begin
    for session in sessions:
        session.close()


def wait(session: Session, until: Callable[[Status], bool], seconds: float = 240) -> Status:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        status = session.poll()
        if until(status):
            return status
        time.sleep(0.02)
    raise AssertionError(f"still {status}; {(session.folder / 'log.txt').read_text()}")


Start = Callable[..., Session]


def test_a_capture_runs_to_its_end(start: Start, clip: Path, tmp_path: Path) -> None:
    session = start(footage=str(clip), take=str(tmp_path / "a.npz"))
    status = wait(session, lambda s: s.over)
    assert (status.state, status.done, status.lost) == ("done", 120, 0)
    assert status.takes == (str(tmp_path / "a.npz"),)
    assert len(load_take(tmp_path / "a.npz")) == 120
    thumbnail = session.thumbnail()
    assert thumbnail is not None
    assert thumbnail.shape == (191, 256, 3)
    assert session.thumbnail() is None  # nothing newer


def test_a_capture_is_refined_when_that_is_wanted(start: Start, clip: Path, tmp_path: Path) -> None:
    large = enlarge(tmp_path / "large.mp4", 288, 10)
    shares = []

    def over(status: Status) -> bool:
        shares.append(status.refining)
        return status.over

    session = start(footage=str(large), take=str(tmp_path / "a.npz"), refine=True)
    status = wait(session, over)
    assert (status.state, status.done, status.message) == ("done", 10, "")
    assert status.refining == 1
    assert shares == sorted(shares)
    take = load_take(tmp_path / "a.npz")
    assert take.refined is not None
    kept = load_motion(motion_path(session.folder, 0))
    assert np.array_equal(kept.blendshapes, solve_take(take).blendshapes)


def test_stopping_keeps_what_was_captured(start: Start, clip: Path, tmp_path: Path) -> None:
    session = start(footage=str(clip), take=str(tmp_path / "a.npz"), played=True)
    wait(session, lambda s: s.done >= 1)
    session.stop()
    status = wait(session, lambda s: s.over)
    assert status.state == "stopped"
    kept = load_take(tmp_path / "a.npz")
    assert 1 <= len(kept) < 120
    assert not kept.info.complete


def test_a_killed_child_says_what_is_kept(start: Start, clip: Path, tmp_path: Path) -> None:
    session = start(footage=str(clip), take=str(tmp_path / "a.npz"), played=True)
    wait(session, lambda s: s.done >= 10)
    os.kill(session._child.pid, signal.SIGKILL)
    status = wait(session, lambda s: s.over)
    assert status.state == "failed"
    assert "what was captured until then is in" in status.message
    assert "a.npz.part" in status.message
    assert len(load_take(journal_path(tmp_path / "a.npz"))) >= 10


def test_what_lies_beside_the_footage_is_not_run(
    start: Start, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("cv2", "numpy", "json", "onnxruntime", "sitecustomize"):
        (tmp_path / f"{name}.py").write_text("import os; os._exit(99)")
    (tmp_path / "face.mp4").symlink_to(clip)
    monkeypatch.chdir(tmp_path)
    session = start(footage="face.mp4", take="a.npz", end=0.2)
    assert wait(session, lambda s: s.over).state == "done"
    assert len(load_take(tmp_path / "a.npz")) == 6


def test_a_child_that_dies_after_its_take_says_where_that_is(
    start: Start, clip: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.npz").write_bytes(b"of an earlier capture")
    session = start(footage=str(clip), take=str(tmp_path / "a.npz"), end=0.2)
    assert session.left() is None
    wait(session, lambda s: s.over)
    assert session.left() == tmp_path / "a.npz"


def test_what_is_left_of_another_person_than_the_first_is_found(
    start: Start, clip: Path, tmp_path: Path
) -> None:
    (tmp_path / "a_2.npz").write_bytes(b"of an earlier capture")
    session = start(footage=str(clip), take=str(tmp_path / "a.npz"), faces="all", end=0.2)
    wait(session, lambda s: s.over)
    (tmp_path / "a.npz").rename(tmp_path / "a_2.npz")  # as if the first person had been given up
    assert session.left() == tmp_path / "a_2.npz"


def test_a_child_ends_with_its_parent(clip: Path, tmp_path: Path) -> None:
    session = Session(Job(str(clip), str(tmp_path / "a.npz"), played=True))
    wait(session, lambda s: s.done >= 5)
    (tmp_path / "a.npz").write_bytes(b"of an earlier capture")
    session._hang_up()  # all that a child sees of a parent that died
    assert session._child.wait(10) == 0
    assert (tmp_path / "a.npz").read_bytes() == b"of an earlier capture"
    assert len(load_take(journal_path(tmp_path / "a.npz"))) >= 5
    session.close()
    assert not session.folder.exists()


def test_a_child_that_cannot_start_says_why(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho a trace >&2\necho 'DLL load failed: msvcp140' >&2\nexit 3\n")
    python.chmod(0o755)
    session = Session(Job("face.mp4", str(tmp_path / "a.npz")), str(python))
    status = wait(session, lambda s: s.over)
    session.close()
    assert status.state == "failed"
    assert "(code 3: DLL load failed: msvcp140)" in status.message
    assert "Troubleshooting" in status.message


def test_bad_footage_fails_with_its_sentence(start: Start, tmp_path: Path) -> None:
    (tmp_path / "bad.mp4").write_bytes(b"not a video")
    session = start(footage=str(tmp_path / "bad.mp4"), take=str(tmp_path / "a.npz"))
    status = wait(session, lambda s: s.over)
    assert status.state == "failed"
    assert "bad.mp4 is not a video" in status.message


def test_a_camera_that_is_not_there(start: Start, tmp_path: Path) -> None:
    if sys.platform == "linux" and Path("/dev/video9").exists():
        pytest.skip("this machine has a tenth camera")
    session = start(footage="", camera=9, take=str(tmp_path / "a.npz"))
    status = wait(session, lambda s: s.over)
    assert status.state == "failed"
    assert "camera 9" in status.message.lower()


def test_played_footage_keeps_its_own_rate(start: Start, clip: Path, tmp_path: Path) -> None:
    session = start(footage=str(clip), take=str(tmp_path / "a.npz"), played=True)
    wait(session, lambda s: s.done >= 30)
    row = session.newest()
    assert row is not None
    assert np.isfinite(row["params"]).all()
    behind = time.time() - (session.poll().started + float(row["time"]))
    assert behind > -0.05  # no frame comes before its time
    status = wait(session, lambda s: s.over)
    take = load_take(tmp_path / "a.npz")
    assert take.times[-1] > 2.0
    assert status.done == len(take)


def test_a_look_tells_where_the_faces_are(start: Start, clip: Path, tmp_path: Path) -> None:
    session = start(footage=str(clip), take=str(tmp_path / "a.npz"), faces="look")
    status = wait(session, lambda s: s.over)
    assert status.state == "done"
    ((across, down, size),) = status.boxes
    assert 0.3 < across < 0.7
    assert 0.2 < down < 0.6
    assert 0.15 < size < 0.6
    picture = session.thumbnail()
    assert picture is not None
    assert picture.shape == (144, 193, 3)
    assert not list(tmp_path.iterdir())  # nothing was captured


def test_the_child_gets_no_stray_settings_of_pythons(
    start: Start, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    session = start(footage=str(clip), take=str(tmp_path / "a.npz"), faces="look")
    assert wait(session, lambda s: s.over).state == "done"


def test_another_model_is_checked(start: Start, clip: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.onnx").write_bytes(b"no model")
    session = start(
        footage=str(clip), take=str(tmp_path / "a.npz"), model=str(tmp_path / "mine.onnx")
    )
    assert "mine.onnx is damaged" in wait(session, lambda s: s.over).message


@given(st.builds(Status, done=st.integers(0, 10**6), message=st.text(max_size=40)))
def test_a_status_survives_the_file(status: Status) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        write_json(Path(folder) / "s.json", status)
        assert read_status(Path(folder) / "s.json") == status


def test_a_job_survives_the_file(tmp_path: Path) -> None:
    job = Job("a.mp4", "b.npz", start=1.5, faces="at", x=0.25)
    write_json(tmp_path / "job.json", job)
    assert read_job(tmp_path / "job.json") == job
    assert read_status(tmp_path / "none.json") is None


def test_the_child_solves_the_motion_as_the_parent_would(
    start: Start, clip: Path, tmp_path: Path
) -> None:
    session = start(footage=str(clip), take=str(tmp_path / "a.npz"), end=0.5)
    assert wait(session, lambda s: s.over).state == "done"
    theirs = load_motion(motion_path(session.folder, 0))
    ours = solve_take(load_take(tmp_path / "a.npz"))
    assert (theirs.width, theirs.height, theirs.fps) == (ours.width, ours.height, ours.fps)
    for name in ("times", "identity", "expression", "rotation", "position", "scale", "blendshapes"):
        assert np.allclose(getattr(theirs, name), getattr(ours, name), atol=1e-5), name


def test_a_motion_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(TakeError, match="capture again"):
        load_motion(motion_path(tmp_path, 0))


STUCK = """
import mien.worker.child as child
child.MOST_OF_PICTURE, child.WATCH_EVERY = 0.0, 0.0001  # any time at all is too long
child.main()
"""


def test_a_decoder_that_does_not_come_back_is_ended(clip: Path, tmp_path: Path) -> None:
    take = tmp_path / "face.take.npz"
    write_json(tmp_path / "job.json", Job(str(clip), str(take), refine=False, texture=False))
    child = subprocess.Popen(
        [sys.executable, "-P", "-c", STUCK, str(tmp_path)], stdin=subprocess.PIPE, cwd=tmp_path
    )
    assert child.wait(60) == 1
    status = read_status(tmp_path / "status.json")
    assert status is not None
    assert status.state == State.FAILED
    assert "did not come back from a picture" in status.message
    assert not take.exists()
