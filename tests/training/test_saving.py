# SPDX-License-Identifier: GPL-3.0-or-later
"""What training writes is whole, or the older file stays: also on a disk that is full."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from mien.core.errors import MienError
from mien.core.formats.rows import write_rows
from mien.core.writing import save_arrays

from training.saving import save_picture, save_tensors, save_text

from ..full_disk import full_after

NOISE = np.random.default_rng(0).integers(0, 255, (200, 200, 3), np.uint8)
WRITERS: dict[str, tuple[str, Callable[[Path], Any]]] = {
    "tensors": ("w.pt", lambda p: save_tensors({"a": torch.ones(100, 100)}, p)),
    "picture": ("sheet.png", lambda p: save_picture(p, NOISE)),
    "text": ("figures.md", lambda p: save_text(p, "word " * 10_000)),
    "arrays": ("parts.npz", lambda p: save_arrays(p, {"a": NOISE}, compressed=True)),
    "rows": ("table.csv", lambda p: write_rows(p, ["a"], [["1234"]] * 10_000)),
}


@pytest.mark.parametrize("kind", WRITERS)
def test_a_full_disk_leaves_the_older_file(kind: str, tmp_path: Path) -> None:
    name, write = WRITERS[kind]
    path = tmp_path / name
    path.write_bytes(b"older")
    with full_after(10_000), pytest.raises(MienError, match="free some space"):
        write(path)
    assert path.read_bytes() == b"older"
    assert list(tmp_path.iterdir()) == [path]
    write(path)
    assert path.stat().st_size > 10_000


def test_what_is_written_reads_back(tmp_path: Path) -> None:
    save_tensors({"a": torch.arange(3)}, tmp_path / "new" / "w.pt")
    saved = torch.load(tmp_path / "new" / "w.pt", weights_only=True)
    assert saved["a"].tolist() == [0, 1, 2]
    save_picture(tmp_path / "s.png", NOISE)
    assert (cv2.imread(str(tmp_path / "s.png")) == NOISE).all()
    save_arrays(tmp_path / "a.npz", {"a": NOISE}, compressed=True)
    with np.load(tmp_path / "a.npz", allow_pickle=False) as file:
        assert (file["a"] == NOISE).all()


def test_an_ending_that_is_no_picture_is_said(tmp_path: Path) -> None:
    with pytest.raises(MienError, match="another ending"):
        save_picture(tmp_path / "s.txt", NOISE)
