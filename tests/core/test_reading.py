# SPDX-License-Identifier: GPL-3.0-or-later
import os
import tomllib
import zipfile
from pathlib import Path

import numpy as np
import pytest
from mien.core.reading import parse_json, parse_toml, read_arrays, read_bytes


def test_only_ordinary_files_of_some_size_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").write_bytes(b"12345")
    assert read_bytes(tmp_path / "file", 5) == b"12345"
    with pytest.raises(OSError, match="too large"):
        read_bytes(tmp_path / "file", 4)
    for path in (tmp_path / "pipe", Path("/dev/zero"), Path("/dev/tty")):
        if path.exists():
            with pytest.raises(OSError, match="not an ordinary file"):
                read_bytes(path, 10)
    with pytest.raises(IsADirectoryError):
        read_bytes(tmp_path, 10)
    for path in (tmp_path / "gone", Path("a\0b")):
        with pytest.raises(FileNotFoundError):
            read_bytes(path, 10)
    with pytest.raises(OSError, match="too large"):
        read_bytes(Path("/proc/kallsyms"), 1000)  # says that it has no size


def packed(path: Path, data: bytes, **changes: int) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.npy", data)
    return path


def header(text: str) -> bytes:
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


def test_arrays_come_back_as_they_were(tmp_path: Path) -> None:
    wanted = {
        "a": np.arange(6).reshape(2, 3),
        "b": np.asfortranarray(np.eye(3)),
        "c": np.array(2.5),
    }
    np.savez_compressed(tmp_path / "a.npz", **wanted)
    for name, array in read_arrays(tmp_path / "a.npz", wanted, 1000).items():
        assert np.array_equal(array, wanted[name])
        assert array.dtype == wanted[name].dtype


@pytest.mark.parametrize(
    "data",
    [
        header("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }"),
        header("{'descr': '<f8', 'fortran_order': False, 'shape': (-1, -1), }") + bytes(8),
        header("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }") + bytes(8),
        header("{'descr': '<f8', 'fortran_order': False, 'shape': (0, 10**30), }"),
        header("{'descr': '<f8', 'fortran_order': False, 'shape': (0, 1" + "0" * 30 + "), }"),
        header("(" * 3000),
        b"\x93NUMPY\x09\x09",
        b"",
    ],
)
def test_arrays_that_lie_are_refused_before_they_are_made(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_arrays(packed(tmp_path / "a.npz", data), ["a"], 1000)


def test_what_unpacks_to_too_much_is_not_unpacked(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "a.npz", a=np.zeros(10_000_000))
    with pytest.raises(ValueError, match="too much"):
        read_arrays(tmp_path / "a.npz", ["a"], 2**20)


@pytest.mark.parametrize(
    "text",
    [
        ".".join("a" * 100_000) + " = 1",
        '"a" . ' * 40 + "b = 1",
        "[" + ".".join("a" * 50_000) + "]",
        "a = " + "[" * 50_000,
        "a = " + "{a=" * 5_000,
        "a = 1" + "0" * 9_000,
        "a = " + "1" * 5_000,
    ],
)
def test_toml_that_is_heaped_up_is_refused_at_once(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_toml(text)


def test_toml_that_is_meant_is_read() -> None:
    text = '''name = "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t" # x.y.z [[[[[[[[[[[[[[[[[[[[[[[
note = """[[[[[[[[[[[[[[[[[[[[[[ \\" "" ."""
[bones."a.b"]
x = { toward = "[[[[[[[[[[[[[[[[[[[", share = 0.5 }
y = [[1.5, 2.5], [3.5]]
'''
    assert parse_toml(text) == tomllib.loads(text)


def test_json_that_is_heaped_up_is_refused() -> None:
    for text in (b"[" * 100_000, b'{"a":' * 100_000, b"\xff", b"1" * 5_000):
        with pytest.raises(ValueError, match=r"."):
            parse_json(text)
