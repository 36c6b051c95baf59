# SPDX-License-Identifier: GPL-3.0-or-later
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from training.data.kept_samples import kept_samples
from training.data.sample_buffer import FIELDS, Batch


class Drawn:
    """Chunks of 16 samples that tell their place; it can be cut off."""

    def __init__(self, most: int = 10**9) -> None:
        self.asked: list[tuple[int, int]] = []
        self.most = most

    def __call__(self, there: int, missing: int) -> Iterator[Batch]:
        self.asked.append((there, missing))
        for at in range(there, there + missing, 16):
            if at >= self.most:
                raise KeyboardInterrupt
            chunk = {
                n: torch.zeros((16, *shape), dtype=kind) for n, (shape, kind) in FIELDS.items()
            }
            place = torch.arange(at, at + 16)
            chunk["params"][:, 0] = place
            chunk["crop"][:] = place.to(torch.uint8)[:, None, None, None]
            chunk["clip"][:] = place % 2 == 0
            yield chunk


def places(folder: Path, count: int, drawn: Drawn) -> list[int]:
    pool = kept_samples(folder, count, drawn)
    first = pool.first(count)
    assert (first["crop"] == first["params"][:, 0, None, None, None]).all()
    assert (first["clip"] == (first["params"][:, 0] % 2 == 0)).all()
    assert pool.held == pool.drawn == len(first["crop"])
    return first["params"][:, 0].int().tolist()


def test_a_drawing_goes_on_where_it_stopped_and_is_not_repeated(tmp_path: Path) -> None:
    cut = Drawn(most=48)
    with pytest.raises(KeyboardInterrupt):
        kept_samples(tmp_path, 104, cut)
    later = Drawn()
    assert places(tmp_path, 104, later) == list(range(104))
    assert later.asked == [(48, 56)]
    assert places(tmp_path, 104, later) == list(range(104))
    assert places(tmp_path, 43, later) == list(range(40))  # whole runs of eight
    assert len(later.asked) == 1
    assert places(tmp_path, 160, later) == list(range(160))
    assert later.asked[1] == (104, 56)


def test_the_pool_reads_the_files_and_copies_nothing(tmp_path: Path) -> None:
    pool = kept_samples(tmp_path, 32, Drawn())
    assert (tmp_path / "crop.bin").stat().st_size == 32 * 120 * 120 * 3
    other = kept_samples(tmp_path, 32, Drawn())
    pool.first(32)["params"][0, 5] = 7.0
    assert other.first(32)["params"][0, 5] == 7.0
