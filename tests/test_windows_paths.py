# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that Mien makes or accepts, held to the rules of Windows wherever the tests run."""

import ntpath
from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mien.batch.job_fields import LONGEST, RESERVED, can_be_a_name
from mien.core.take.journal import free_journal, journal_path
from mien.core.writing import whole_file

FORBIDDEN = set('<>:"/\\|?*') | {chr(i) for i in range(32)}
NAMES = st.text(
    st.one_of(
        st.sampled_from("aZ0._-~$ :\\/?*<>|\"'CONPRAULTM123\u00b9\u00b2\u00b3"),
        st.characters(blacklist_categories=("Cs",)),
    ),
    max_size=12,
)


def is_windows_name(name: str) -> bool:
    """One part of a path that Windows can make a file of, and that leads nowhere else."""
    device = name.partition(".")[0].rstrip(" ").upper()
    return (
        bool(name)
        and not FORBIDDEN & set(name)
        and not name.endswith((".", " "))
        and device not in RESERVED
        and not ntpath.splitdrive(name)[0]
        and ntpath.basename(name) == name
        and ntpath.dirname(ntpath.normpath(ntpath.join("C:\\jobs", name))) == "C:\\jobs"
    )


@given(NAMES)
@example("CON")
@example("com\u00b9.txt")
@example("conin$")
@example("C:x")
@example("..")
@example("a.")
@example("aux.b.c")
def test_a_jobs_name_is_one_on_windows_too(name: str) -> None:
    if can_be_a_name(name):
        assert is_windows_name(name)
        assert len(name.encode()) <= LONGEST


@pytest.mark.parametrize(
    "name", ["face", "Gesicht_1", "\u9762\u90e8", "--retry", "a.b", "x" * LONGEST]
)
def test_plain_names_are_accepted(name: str) -> None:
    assert can_be_a_name(name)


@given(st.sampled_from(sorted(RESERVED)), st.sampled_from(["", ".txt", ".a.b"]), st.booleans())
def test_no_device_is_a_name(device: str, ending: str, small: bool) -> None:
    name = (device.lower() if small else device) + ending
    assert not can_be_a_name(name)


@given(NAMES.filter(is_windows_name).filter(lambda n: len(n.encode()) < 60))
def test_what_is_written_meanwhile_has_a_name_on_windows(name: str) -> None:
    take = Path(f"{name}.take.npz")
    for made in (journal_path(take), free_journal(take)):
        assert is_windows_name(made.name)
        assert PureWindowsPath(made.name).suffix == ".part"


def test_a_file_that_is_not_whole_yet_has_a_name_on_windows(tmp_path: Path) -> None:
    for name in ("a.blend", "b.take.npz", "\u9762\u90e8.csv"):
        with whole_file(tmp_path / name) as part:
            assert is_windows_name(part.name)
            assert part.name.isascii()
            assert part.suffix == Path(name).suffix
            part.write_bytes(b"x")
