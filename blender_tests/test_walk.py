# SPDX-License-Identifier: GPL-3.0-or-later
"""A short walk over the operators; ``python -m blender_tests.walk`` takes a longer one."""

from collections.abc import Iterator

import bpy
import mien
import pytest

from .walk import fill, walk
from .walk_steps import steps


@pytest.fixture
def empty() -> Iterator[None]:
    """Whatever the walk has left is gone."""
    yield
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)


def test_nothing_is_raised_and_nothing_lost_in_any_order(empty: None) -> None:
    gone = walk(120, 7, fill)
    assert not gone.faults, "\n".join(gone.faults)
    assert sum(taken for taken, _, _ in gone.counts.values()) > 30
    assert sum(finished for _, finished, _ in gone.counts.values()) > 5


def test_the_walk_takes_every_operator(
    empty: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    mien.register()
    try:
        names = {s.name for s in steps(tmp_path_factory.getbasetemp())}
        assert names == set(dir(bpy.ops.mien))
        assert len(names) > 25
    finally:
        mien.unregister()
