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
