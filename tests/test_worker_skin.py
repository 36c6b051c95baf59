# SPDX-License-Identifier: GPL-3.0-or-later
"""The child paints the skin of every frame: to its end, stopped, and when its parent is gone."""

from pathlib import Path

from mien.core.take.take_file import load_take
from mien.core.texture.sequence_folder import find_sequence
from mien.worker.job import Job, Status
from mien.worker.session import Session

from .test_worker import Start, start, wait

__all__ = ["start"]


def test_the_skin_of_every_frame_is_painted_when_that_is_wanted(
    start: Start, clip: Path, tmp_path: Path
) -> None:
    shares = []

    def over(status: Status) -> bool:
        shares.append(status.painting)
        return status.over

    path = tmp_path / "a.take.npz"
    session = start(footage=str(clip), take=str(path), end=0.4, texture=True, sequence=True)
    status = wait(session, over)
    assert (status.state, status.message) == ("done", "")
    assert status.painting == 1
    assert shares == sorted(shares)
    found = find_sequence(path, load_take(path))
    assert found is not None
    assert found.count == 12


def test_a_folder_of_the_users_is_left_alone(start: Start, clip: Path, tmp_path: Path) -> None:
    (tmp_path / "a.skin").mkdir()
    (tmp_path / "a.skin" / "mine.txt").write_text("mine")
    path = tmp_path / "a.take.npz"
    session = start(footage=str(clip), take=str(path), end=0.1, texture=True, sequence=True)
    status = wait(session, lambda s: s.over)
    assert status.state == "done"
    assert "a.skin holds other files" in status.message
    assert [p.name for p in (tmp_path / "a.skin").iterdir()] == ["mine.txt"]
    assert load_take(path).texture is not None


def test_painting_can_be_stopped_and_ends_with_its_parent(clip: Path, tmp_path: Path) -> None:
    for hang_up in (False, True):
        path = tmp_path / "a.take.npz"
        session = Session(Job(str(clip), str(path), texture=True, sequence=True))
        wait(session, lambda s: s.painting > 0)
        session._hang_up() if hang_up else session.stop()
        assert session._child.wait(60) == 0
        assert session.poll().state == ("stopped" if not hang_up else "failed")
        assert load_take(path).texture is not None
        session.close()
        assert sorted(p.name for p in tmp_path.iterdir()) == ["a.take.npz"]
