# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests inside Blender need."""

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
