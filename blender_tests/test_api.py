# SPDX-License-Identifier: GPL-3.0-or-later
"""The example of ``docs/api.md`` for Blender runs."""

import shutil
from pathlib import Path

import bpy
import mien
import numpy as np
import pytest
from mien.core.model.head import Head

from tests.conftest import made_take
from tests.test_api import examples


def test_a_head_and_a_character_of_the_scene_move(
    head: Head, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    take = made_take(head, 20)
    shutil.copy(clip, "man.mp4")
    mien.save_take(take, "man.take.npz")
    performance = mien.performance(mien.solve(take))
    mien.write_live_link(performance, "man.csv")
    mesh = bpy.data.meshes.new("face")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    character = bpy.data.objects.new("Character", mesh)
    bpy.context.scene.collection.objects.link(character)
    for name in ("Basis", *performance.names):
        character.shape_key_add(name=name, from_mix=False)
    names: dict[str, object] = {}
    for code in examples("python blender"):
        exec(compile(code, "api.md", "exec"), names)
    assert names["built"].mesh.name in bpy.context.scene.objects  # type: ignore[attr-defined]
    keys = mesh.shape_keys
    bpy.context.scene.frame_set(5)
    smile = performance.blendshapes[:, performance.names.index("browInnerUp")]
    assert keys.animation_data is not None
    assert np.isclose(keys.key_blocks["browInnerUp"].value, smile, atol=0.05).any()
