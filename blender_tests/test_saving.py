# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path
from typing import Any

import bpy
import pytest
from mien.core.errors import MienError
from mien.scene.saving import save_file


def test_what_is_open_is_written_and_stays_open(scene: Any, tmp_path: Path) -> None:
    scene.collection.objects.link(bpy.data.objects.new("kept", None))
    path = tmp_path / "shot.blend"
    save_file(path)
    assert [p.name for p in tmp_path.iterdir()] == ["shot.blend"]
    assert bpy.data.filepath == ""  # a copy was written
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    bpy.ops.wm.open_mainfile(filepath=str(path))
    assert "kept" in bpy.data.objects


def test_a_file_that_is_there_is_replaced_whole(scene: Any, tmp_path: Path) -> None:
    path = tmp_path / "shot.blend"
    path.write_bytes(b"old")
    save_file(path)
    assert path.stat().st_size > 10_000
    assert [p.name for p in tmp_path.iterdir()] == ["shot.blend"]


def test_a_file_that_cannot_be_written_leaves_what_was_there(scene: Any, tmp_path: Path) -> None:
    with pytest.raises(MienError, match="choose another folder"):
        save_file(tmp_path / "missing" / "shot.blend")
    blocked = tmp_path / "shot.blend"
    blocked.mkdir()  # no file can take its place
    (blocked / "inside").touch()
    with pytest.raises(MienError, match="cannot be written"):
        save_file(blocked)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["shot.blend"]
    assert (blocked / "inside").exists()
