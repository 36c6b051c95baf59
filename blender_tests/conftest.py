# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests that run inside Blender: with ``bpy`` as a module, or skipped where it is not installed."""

from collections.abc import Iterator

import pytest

bpy = pytest.importorskip("bpy", reason="these tests need Blender: pip install bpy")

from tests.conftest import clip, head, models  # noqa: E402, F401


@pytest.fixture
def scene() -> Iterator["bpy.types.Scene"]:
    """An empty file with factory settings."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    yield bpy.context.scene
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
