# SPDX-License-Identifier: GPL-3.0-or-later
"""The window's rows in File > Export and File > Import, called as a menu would."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy
import mien
import pytest
from mien.core.formats.live_link import write_live_link
from mien.core.model.head import Head
from mien.core.performance.performance import to_performance
from mien.core.solve.motion import solve_take
from mien.scene.build import build_scene

from tests.conftest import made_take

COUNT = 6


@pytest.fixture
def window(scene: Any) -> Iterator[Any]:
    """An empty scene with Mien enabled."""
    mien.register()
    yield scene
    mien.unregister()


def test_the_active_face_is_exported(window: Any, head: Head, tmp_path: Path) -> None:
    build_scene(window, solve_take(made_take(head, COUNT)), head)
    path = tmp_path / "face.glb"
    assert bpy.ops.mien.export_face(filepath=str(path)) == {"FINISHED"}
    assert path.stat().st_size > 100_000
    with pytest.raises(RuntimeError, match="no known kind"):
        bpy.ops.mien.export_face(filepath=str(tmp_path / "face.obj"))


def test_a_scene_without_a_face_says_so(window: Any, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="no mesh with animated shape keys"):
        bpy.ops.mien.export_face(filepath=str(tmp_path / "face.glb"))


def test_a_recording_becomes_a_head(window: Any, head: Head, tmp_path: Path) -> None:
    performance = to_performance(solve_take(made_take(head, COUNT)))
    write_live_link(performance, tmp_path / "a.csv")
    assert bpy.ops.mien.import_recording(filepath=str(tmp_path / "a.csv"), rate=30) == {"FINISHED"}
    mesh = bpy.data.objects["Mien Head"]
    assert mesh.data.shape_keys.animation_data.action is not None
    (tmp_path / "bad.csv").write_text("no recording")
    with pytest.raises(RuntimeError, match="not a CSV of Live Link Face"):
        bpy.ops.mien.import_recording(filepath=str(tmp_path / "bad.csv"))
