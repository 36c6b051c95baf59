# SPDX-License-Identifier: GPL-3.0-or-later
"""Heads that wear the skin of their actor."""

import bpy
import numpy as np
import pytest
from mien.core.errors import TakeError
from mien.core.model.head import Head
from mien.core.model.parts import REGIONS
from mien.core.solve.motion import solve_take
from mien.core.texture.packed import pack
from mien.scene.build import Built, build_scene

from tests.conftest import made_take
from tests.core.test_brows import painted

SKIN = (90, 120, 200)
"""BGR."""


@pytest.fixture
def worn(head: Head) -> Built:
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    picture = np.full((64, 64, 3), SKIN, np.uint8)
    motion = solve_take(made_take(head, 6))
    return build_scene(bpy.context.scene, motion, head, texture=pack(picture))


def picture_of(material: bpy.types.Material) -> bpy.types.Image:
    shader = next(n for n in material.node_tree.nodes if n.type == "BSDF_PRINCIPLED")
    return shader.inputs["Base Color"].links[0].from_node.image


def test_skin_and_lips_show_one_packed_picture(worn: Built) -> None:
    slots = worn.mesh.data.materials
    images = {picture_of(slots[REGIONS.index(name)]) for name in ("skin", "lips")}
    assert len(images) == 1
    image = images.pop()
    assert image.packed_file is not None
    assert tuple(image.size) == (64, 64)
    pixel = np.array(image.pixels[:3]) * 255
    assert np.abs(pixel - SKIN[::-1]).max() < 4


@pytest.mark.parametrize("shade", [60, 180])
def test_brows_are_the_textures_own_where_it_shows_them(
    scene: bpy.types.Scene, head: Head, shade: int
) -> None:
    texture = pack(painted(head, 180, shade))
    worn = build_scene(scene, solve_take(made_take(head, 6)), head, texture=texture)
    brows = worn.mesh.data.materials[REGIONS.index("brows")]
    shader = next(n for n in brows.node_tree.nodes if n.type == "BSDF_PRINCIPLED")
    clear = not shader.inputs["Alpha"].links and shader.inputs["Alpha"].default_value == 0
    assert clear == (shade == 60)


def test_other_heads_keep_their_skin(worn: Built, head: Head) -> None:
    plain = build_scene(bpy.context.scene, solve_take(made_take(head, 6)), head, beside=worn)
    skins = [b.mesh.data.materials[REGIONS.index("skin")] for b in (worn, plain)]
    assert picture_of(skins[0]) != picture_of(skins[1])


def test_a_damaged_texture_builds_nothing(head: Head) -> None:
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    motion = solve_take(made_take(head, 6))
    with pytest.raises(TakeError, match="texture"):
        build_scene(bpy.context.scene, motion, head, texture=np.zeros(50, np.uint8))
    assert not bpy.data.objects
    assert not bpy.data.materials
