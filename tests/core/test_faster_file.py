# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of the two shipped files is used is measured once, and kept."""

import json
from pathlib import Path

import pytest
from mien.core.assets import regressor_path, small_regressor_path
from mien.core.capture import faster_file
from mien.core.capture.capture import load_models
from mien.core.capture.faster_file import KEPT, cache_folder, faster_regressor

WHOLE, SMALL = regressor_path(), small_regressor_path()


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """What was measured here, in a folder that is made for it."""
    path = tmp_path / "new" / KEPT
    faster_regressor(path)
    return path


def test_what_was_measured_decides_and_is_not_measured_again(kept: Path) -> None:
    ((machine, ratio),) = json.loads(kept.read_text()).items()
    assert 0.2 < ratio < 5
    for told, wanted in ((0.5, SMALL), (2.0, WHOLE)):
        kept.write_text(json.dumps({machine: told}))
        assert faster_regressor(kept) == wanted
        assert json.loads(kept.read_text()) == {machine: told}


def test_another_machine_measures_for_itself(kept: Path) -> None:
    kept.write_text(json.dumps({"another": 0.1}))
    assert faster_regressor(kept) in (WHOLE, SMALL)
    assert json.loads(kept.read_text()).keys() > {"another"}


@pytest.mark.parametrize("content", [b"", b"\xff\x00", b"[1]", b'{"a": {}}', b"{" * 70_000])
def test_what_cannot_be_read_is_measured_anew(kept: Path, content: bytes) -> None:
    kept.write_bytes(content)
    assert faster_regressor(kept) in (WHOLE, SMALL)
    assert len(json.loads(kept.read_text())) == 1


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert faster_regressor(tmp_path / "file" / KEPT) in (WHOLE, SMALL)
    assert (tmp_path / "file").read_text() == ""


def test_a_file_that_is_clearly_slower_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = []

    def measured(whole: Path, small: Path) -> float:
        files.append((whole, small))
        return 0.99

    monkeypatch.setattr(faster_file, "_measure", measured)
    assert faster_regressor(tmp_path / KEPT) == WHOLE
    assert files == [(WHOLE, SMALL)]


@pytest.mark.skipif("sys.platform != 'linux'", reason="where it is kept differs by system")
def test_a_capture_takes_the_file_that_was_found_faster(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faster_file, "cache_folder", lambda: kept.parent)
    ((machine, _),) = json.loads(kept.read_text()).items()
    for ratio, ending in ((0.5, "-int8"), (2.0, "")):
        kept.write_text(json.dumps({machine: ratio}))
        assert load_models().regressor.id == load_models(regressor=WHOLE).regressor.id + ending


@pytest.mark.skipif("sys.platform != 'linux'", reason="where it is kept differs by system")
def test_it_is_kept_where_the_user_keeps_such_things(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "mien"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "mien"
