# SPDX-License-Identifier: GPL-3.0-or-later
import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.core.errors import TakeError
from mien.core.model.head import Head
from mien.core.take.take import RECORD, Take, arrays_of
from mien.core.take.take_file import load_take, save_take

from ..conftest import made_take
from ..full_disk import full_after


def same(a: Take, b: Take) -> bool:
    ours, theirs = arrays_of(a), arrays_of(b)
    equal = all(np.array_equal(ours[n], theirs[n], equal_nan=True) for n in ours)
    return equal and a.info == b.info


def test_a_row_is_a_few_hundred_bytes() -> None:
    assert RECORD.itemsize < 512


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 60), st.integers(0, 1000), st.sets(st.integers(0, 59)))
def test_save_and_load_are_exact(
    head: Head, tmp_path_factory: pytest.TempPathFactory, count: int, seed: int, lost: set[int]
) -> None:
    take = made_take(head, count, seed, tuple(i for i in lost if i < count))
    path = tmp_path_factory.mktemp("take") / "a.npz"
    save_take(take, path)
    assert same(load_take(path), take)


def written(path: Path, take: Take, **changes: object) -> Path:
    arrays: dict[str, object] = dict(arrays_of(take))
    arrays["info"] = np.frombuffer(json.dumps(asdict(take.info)).encode(), np.uint8)
    arrays.update(changes)
    np.savez(path, **{k: v for k, v in arrays.items() if v is not None})  # type: ignore[arg-type]
    return path


@pytest.mark.parametrize(
    "changes",
    [
        {"params": None},
        {"params": np.zeros((40, 61), np.float32)},
        {"units": np.zeros((39, 52), np.float32)},
        {"times": np.zeros(40)},
        {"times": np.full(40, np.nan)},
        {"times": np.float64(3)},
        {"boxes": np.full((40, 3), np.inf, np.float32)},
        {"frames": np.zeros(40, np.float32)},
        {"info": np.frombuffer(b"[]", np.uint8)},
        {"info": np.frombuffer(b"\xff\xfe", np.uint8)},
        {"params": np.array([{"a": 1}], object)},
        {"params": np.zeros((40, 114 - 52), np.float32)},
        {"params": np.full((40, 62), 3e38, np.float32)},
        {"units": np.full((40, 52), 3e38, np.float32)},
        {"boxes": np.zeros((40, 3), np.float32)},
        {"confidence": np.full(40, 7, np.float32)},
        {"times": np.arange(40) * 1e300},
        {"frames": np.full(40, -1, np.int32)},
        *(
            {"info": np.frombuffer(text.encode(), np.uint8)}
            for text in ("[" * 100_000, '{"format": 1}', '{"format": [1]}', "1e999")
        ),
    ],
)
def test_damaged_takes_are_refused(head: Head, tmp_path: Path, changes: dict[str, object]) -> None:
    path = written(tmp_path / "bad.npz", made_take(head), **changes)
    with pytest.raises(TakeError, match=r"bad\.npz"):
        load_take(path)


def test_half_a_row_of_numbers_is_refused(head: Head, tmp_path: Path) -> None:
    take = made_take(head)
    take.params[5, 3] = np.nan
    path = written(tmp_path / "bad.npz", take)
    with pytest.raises(TakeError, match="finite"):
        load_take(path)


@pytest.mark.parametrize("content", [b"", b"MIEN", b"PK\x03\x04", b"\x00" * 900])
def test_foreign_files_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "odd.npz").write_bytes(content)
    with pytest.raises(TakeError, match=r"odd\.npz"):
        load_take(tmp_path / "odd.npz")


def test_a_truncated_take_is_refused(head: Head, tmp_path: Path) -> None:
    save_take(made_take(head), tmp_path / "a.npz")
    data = (tmp_path / "a.npz").read_bytes()
    (tmp_path / "a.npz").write_bytes(data[: len(data) // 2])
    with pytest.raises(TakeError, match=r"a\.npz"):
        load_take(tmp_path / "a.npz")


def test_a_folder_and_a_missing_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(TakeError, match="folder"):
        load_take(tmp_path)
    with pytest.raises(TakeError, match="does not exist"):
        load_take(tmp_path / "gone.npz")


def test_a_take_of_another_version_says_so(head: Head, tmp_path: Path) -> None:
    take = made_take(head)
    newer = json.dumps({**asdict(take.info), "format": 2}).encode()
    path = written(tmp_path / "new.npz", take, info=np.frombuffer(newer, np.uint8))
    with pytest.raises(TakeError, match="update Mien"):
        load_take(path)


def test_senseless_descriptions_are_refused(head: Head, tmp_path: Path) -> None:
    take = replace(made_take(head), info=replace(made_take(head).info, width=-5))
    save_take(take, tmp_path / "a.npz")
    with pytest.raises(TakeError, match="sense"):
        load_take(tmp_path / "a.npz")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("width", 1e400), ("width", True), ("width", "640"), ("fps", 10**400), ("fps", None),
        ("complete", 3), ("source", ["a"]), ("source", "a" * 10_000), ("head", None),
    ],
)  # fmt: skip
def test_wrong_types_in_a_description_are_refused(
    head: Head, tmp_path: Path, name: str, value: object
) -> None:
    take = made_take(head)
    text = json.dumps({**asdict(take.info), name: value}).encode()
    path = written(tmp_path / "a.npz", take, info=np.frombuffer(text, np.uint8))
    with pytest.raises(TakeError, match=r"a\.npz"):
        load_take(path)


def test_an_older_take_survives_a_failed_save(head: Head, tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    save_take(made_take(head, seed=1), path)
    before = path.read_bytes()
    with full_after(1000), pytest.raises(TakeError, match="cannot be written"):
        save_take(made_take(head, seed=2), path)
    assert path.read_bytes() == before
