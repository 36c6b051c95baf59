# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.core.errors import TakeError
from mien.core.model.head import Head
from mien.core.take.journal import TakeWriter, journal_path, journals_of
from mien.core.take.take import RECORD, Take
from mien.core.take.take_file import load_take

from ..conftest import info_of, made_take
from ..full_disk import full_after


def rows_of(take: Take) -> np.ndarray:
    rows = np.zeros(len(take), RECORD)
    rows["time"], rows["frame"], rows["confidence"] = take.times, take.frames, take.confidence
    rows["box"], rows["params"], rows["units"] = take.boxes, take.params, take.blendshapes
    return rows


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 20), st.integers(0, 483))
def test_a_capture_that_dies_keeps_every_whole_frame(
    head: Head, tmp_path_factory: pytest.TempPathFactory, whole: int, torn: int
) -> None:
    path = tmp_path_factory.mktemp("journal") / "a.npz"
    take = made_take(head, 21)
    rows = rows_of(take)
    with TakeWriter(path, info_of(head.id)) as writer:
        for row in rows[:whole]:
            writer.append(row)
    with journal_path(path).open("ab") as file:
        file.write(rows[whole].tobytes()[:torn])
    found = load_take(journal_path(path))
    assert len(found) == whole
    assert np.array_equal(found.params, take.params[:whole])
    assert not found.info.complete


def test_a_capture_that_fails_before_its_first_frame_leaves_nothing(
    head: Head, tmp_path: Path
) -> None:
    with pytest.raises(RuntimeError), TakeWriter(tmp_path / "a.npz", info_of(head.id)):
        raise RuntimeError
    assert not list(tmp_path.iterdir())


def test_finishing_puts_the_take_in_place_and_removes_the_journal(
    head: Head, tmp_path: Path
) -> None:
    take = made_take(head, 5)
    with TakeWriter(tmp_path / "a.npz", take.info) as writer:
        for row in rows_of(take):
            writer.append(row)
        writer.finish(take)
    assert [p.name for p in tmp_path.iterdir()] == ["a.npz"]
    assert load_take(tmp_path / "a.npz").info.complete


def test_an_empty_journal_is_refused(head: Head, tmp_path: Path) -> None:
    with (
        TakeWriter(tmp_path / "a.npz", info_of(head.id)),
        pytest.raises(TakeError, match="no frames"),
    ):
        load_take(journal_path(tmp_path / "a.npz"))


@pytest.mark.parametrize("keep", [18, 20, 22, 60])
def test_a_journal_without_its_header_is_refused(head: Head, tmp_path: Path, keep: int) -> None:
    with TakeWriter(tmp_path / "a.npz", info_of(head.id)) as writer:
        writer.append(rows_of(made_take(head, 1))[0])
    path = journal_path(tmp_path / "a.npz")
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(TakeError, match="damaged"):
        load_take(path)


def test_a_folder_that_does_not_exist_is_named(head: Head, tmp_path: Path) -> None:
    with pytest.raises(TakeError, match="choose another folder"):
        TakeWriter(tmp_path / "gone" / "a.npz", info_of(head.id))


def test_a_full_disk_names_what_was_kept(head: Head, tmp_path: Path) -> None:
    take = made_take(head, 60)

    def write() -> None:
        with TakeWriter(tmp_path / "a.npz", take.info) as writer:
            for row in rows_of(take):
                writer.append(row)

    with full_after(5000), pytest.raises(TakeError, match="what was captured so far is in"):
        write()
    kept = load_take(journal_path(tmp_path / "a.npz"))
    assert 5 <= len(kept) < 60
    with full_after(100), pytest.raises(TakeError, match="cannot be written"):
        write()
    assert [p.name for p in tmp_path.iterdir()] == ["a.npz.part"]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 19), st.integers(0, 487), st.integers(0, 7))
def test_a_flipped_bit_costs_its_frame_and_no_other(
    head: Head, tmp_path_factory: pytest.TempPathFactory, frame: int, byte: int, bit: int
) -> None:
    path = tmp_path_factory.mktemp("journal") / "a.npz"
    take = made_take(head, 20)
    with TakeWriter(path, take.info) as writer:
        writer.append(rows_of(take))
    data = bytearray(journal_path(path).read_bytes())
    data[len(data) - (20 - frame) * 488 + byte] ^= 1 << bit
    journal_path(path).write_bytes(data)
    kept = np.arange(20) != frame
    found = load_take(journal_path(path))
    assert np.array_equal(found.params, take.params[kept])
    assert np.array_equal(found.times, take.times[kept])


def test_a_sparse_journal_is_not_read_into_memory(head: Head, tmp_path: Path) -> None:
    take = made_take(head, 5)
    with TakeWriter(tmp_path / "a.npz", take.info) as writer:
        writer.append(rows_of(take))
    with journal_path(tmp_path / "a.npz").open("r+b") as file:
        file.truncate(900_000_000)
    assert len(load_take(journal_path(tmp_path / "a.npz"))) == 5


def test_what_an_earlier_capture_left_is_never_touched(head: Head, tmp_path: Path) -> None:
    take = made_take(head, 5)
    path = tmp_path / "a.npz"
    with TakeWriter(path, take.info) as cut_off:
        cut_off.append(rows_of(take)[0])
    left = journal_path(path).read_bytes()
    with TakeWriter(path, take.info) as one, TakeWriter(path, take.info) as other:
        assert len({cut_off.journal, one.journal, other.journal}) == 3
        one.append(rows_of(take))
        assert set(journals_of(path)) == {cut_off.journal, one.journal, other.journal}
        one.finish(take)
    assert journal_path(path).read_bytes() == left
    assert journals_of(path) == [cut_off.journal]
