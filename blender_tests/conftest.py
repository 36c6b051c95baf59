# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests inside Blender need."""

import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import clip, head, models  # noqa: F401


@pytest.fixture
def scene() -> Iterator[Any]:
    """An empty file with factory settings."""
    import bpy

    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    yield bpy.context.scene
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)


@pytest.fixture(scope="session")
def parts() -> Any:
    """The archive of free parts that characters are built from, if it is at hand."""
    from . import avatars

    found = avatars.archive()
    if found is None:
        pytest.skip("the archive of free parts is not in cache/; run: python -m training.head")
    return found


_status = 0


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(exitstatus: int) -> None:
    """Keep how the tests went for :func:`pytest_unconfigure`."""
    global _status
    _status = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Leave at once: on their way out after panels were registered, Blender 4.2 crashes and 4.5 may hang."""
    bpy = sys.modules.get("bpy")  # None where it is not installed: then nothing ran
    if bpy is not None and bpy.app.version < (5, 0):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(_status)
