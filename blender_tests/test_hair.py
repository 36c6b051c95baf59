# SPDX-License-Identifier: GPL-3.0-or-later
"""A head that stands gets other hair and is then what it would have been with that hair from the start."""

from typing import Any

import bpy
import mien
import numpy as np
import pytest
from mien.core.errors import MienError
from mien.core.model.head import Head
from mien.core.model.parts import REGIONS
from mien.core.modes import Hair
from mien.core.solve.motion import solve_take
from mien.scene.build import Built, build_scene
from mien.scene.hair import change_hair

from tests.conftest import made_take

HAIR = REGIONS.index("hair")


def places(built: Built, frame: int) -> np.ndarray:
    bpy.context.scene.frame_set(frame)
    mesh = built.mesh.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    out = np.empty((len(mesh.vertices), 3), np.float32)
    mesh.vertices.foreach_get("co", out.ravel())
    return out


def faces(mesh: bpy.types.Mesh) -> dict[tuple[int, ...], tuple[Any, ...]]:
    """By its corners, a face's material, whether it is smooth, and the middle of its texture."""
    uvs = np.empty((len(mesh.loops), 2), np.float32)
    mesh.uv_layers.active.uv.foreach_get("vector", uvs.ravel())
    return {
        tuple(sorted(p.vertices)): (
            p.material_index, p.use_smooth, *uvs[p.loop_indices].mean(axis=0).round(4).tolist()
        )
        for p in mesh.polygons
    }  # fmt: skip


def creases(mesh: bpy.types.Mesh) -> float:
    values = np.empty(len(mesh.edges), np.float32)
    mesh.attributes["crease_edge"].data.foreach_get("value", values)
    return float(values.sum())


@pytest.mark.parametrize(("before", "after"), [(Hair.SHORT, Hair.COMBED), (Hair.NONE, Hair.SHORT)])
def test_it_is_as_if_built_so(scene: Any, head: Head, before: Hair, after: Hair) -> None:
    motion = solve_take(made_take(head))
    built = build_scene(scene, motion, head, hair=before)
    wanted = build_scene(scene, motion, head, hair=after)
    built.mesh.data.shape_keys.key_blocks["jawOpen"].mute = True
    action = built.mesh.data.shape_keys.animation_data.action
    skin = built.mesh.data.materials[0]
    change_hair(built.mesh, head, after)
    assert built.mesh.data.shape_keys.animation_data.action == action
    assert built.mesh.data.shape_keys.key_blocks["jawOpen"].mute
    assert built.mesh.data.materials[0] == skin
    built.mesh.data.shape_keys.key_blocks["jawOpen"].mute = False
    for frame in (3, 20):
        assert places(built, frame) == pytest.approx(places(wanted, frame), abs=1e-6)
    mesh, same = built.mesh.data, wanted.mesh.data
    assert faces(mesh) == faces(same)
    assert creases(mesh) == creases(same)
    assert mesh.materials[HAIR].diffuse_color[:] == pytest.approx(
        same.materials[HAIR].diffuse_color[:], abs=1e-4
    )


def test_its_colour_stays_and_nothing_is_left_over(scene: Any, head: Head) -> None:
    built = build_scene(scene, solve_take(made_take(head)), head)
    worn = built.mesh.data.materials[HAIR]
    worn.diffuse_color = (0.4, 0.2, 0.1, 1.0)
    count = len(bpy.data.materials)
    mien.change_hair(built.mesh.name, "combed")
    assert built.mesh.data.materials[HAIR].diffuse_color[:3] == pytest.approx(
        (0.4, 0.2, 0.1), abs=1e-3
    )
    assert len(bpy.data.materials) == count


def test_what_is_no_head_is_said(scene: Any, head: Head) -> None:
    with pytest.raises(MienError, match="no mesh Nobody"):
        mien.change_hair("Nobody", "short")
    cube = bpy.data.objects.new("Cube", bpy.data.meshes.new("Cube"))
    scene.collection.objects.link(cube)
    with pytest.raises(MienError, match="no head of Mien's"):
        change_hair(cube, head, Hair.SHORT)
